"""Conditions written as Python text, made ready for the sandbox: `{{score}} > 0.8`.

Read with `ast`, never run: running is for the code executor's sandbox alone.
"""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from runfold.errors import ExpressionFailed
from runfold.values.paths import BY_NAME, Ref, by_name, parse_ref, spelled
from runfold.values.python_bounds import expression_problem
from runfold.values.python_scan import TOO_DEEP, Source, constant_of, parents_of

_BRACED = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BUILTINS = frozenset(dir(builtins))
_JSON_NAMES: dict[str, bool | None] = {"true": True, "false": False, "null": None, "none": None}

Form = Literal["value", "text", "number", "boolean"]


class Variable(NamedTuple):
    """A value an expression is given by name.

    `value`: as it is; `text`: as a template would print it, for a reference inside quotes;
    `number`: text that is a number counts as one, for a reference that is compared by size;
    `boolean`: likewise text that is a boolean, for one that is compared with `true` or `false`.
    """

    ref: Ref
    form: Form


class Expression(msgspec.Struct, frozen=True):
    """A Python expression made ready for the sandbox."""

    source: str
    """The expression with each `{{…}}` replaced by a variable."""
    refs: tuple[Ref, ...]
    """All references, in order of appearance."""
    roots: tuple[str, ...]
    """Names the text uses directly, `check` in `check['output']`: given as whole values."""
    named: tuple[str, ...]
    """Names it uses as `_['name']`: given together, as the object `_`."""
    variables: dict[str, Variable]
    """Variables that stand for `{{…}}`."""


def expression_refs(text: str) -> tuple[Ref, ...]:
    """The references of a condition's expression text; none when it cannot be read."""
    try:
        return parse_expression(text).refs
    except ExpressionFailed:
        return ()


@lru_cache(maxsize=2048)
def parse_expression(text: str) -> Expression:
    """A condition's text, `{{score}} > 0.8` or `int(check['output']) >= 7`, made ready.

    Attribute access on values reads keys (`check.output` is `check['output']`), and `true`,
    `false` and `null` mean what they do in JSON.

    Raises:
        ExpressionFailed: When it is no expression; `details` has `expression`.
    """
    problem = expression_problem(text)
    if problem:
        raise ExpressionFailed(problem, code="expression.too_complex", kind="limit")
    try:
        return _parsed(text)
    except TOO_DEEP:
        message = "the expression is nested too deep"
        raise ExpressionFailed(message, code="expression.too_complex", kind="limit") from None


def _parsed(text: str) -> Expression:
    stem = "ref"
    while re.search(rf"\b{stem}\d+\b", text):
        stem += "_"
    braced: dict[str, Ref] = {}

    def replace(match: re.Match[str]) -> str:
        name = f"{stem}{len(braced)}"
        braced[name] = parse_ref(match.group(1))
        return name

    replaced = _BRACED.sub(replace, text.strip())
    try:
        tree = ast.parse(replaced, mode="eval")
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        message = f"not a Python expression: {reason}: {text!r}"
        raise ExpressionFailed(
            message, code="expression.syntax", details={"expression": text}
        ) from error
    found, named = _free_refs(replaced, tree, set(braced))
    roots = tuple(dict.fromkeys(ref.root for _, ref in found if ref not in named))
    settle = _Settle(braced, local=_local_names(tree))
    settled = ast.fix_missing_locations(settle.visit(tree))
    places = [(replaced.index(name), ref) for name, ref in braced.items()]
    ordered = sorted(found + places, key=lambda pair: pair[0])
    refs = tuple(dict.fromkeys(ref for _, ref in ordered))
    names = tuple(dict.fromkeys(ref.root for ref in named))
    return Expression(ast.unparse(settled), refs, roots, names, settle.variables)


def _local_names(tree: ast.AST) -> set[str]:
    """Names the expression binds itself: comprehension targets, lambda arguments, walrus."""
    names = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _free_refs(
    text: str, tree: ast.AST, braced: set[str]
) -> tuple[list[tuple[int, Ref]], list[Ref]]:
    """References by bare name with their place in the text, and those of them behind `_`."""
    parents = parents_of(tree)
    known = _local_names(tree) | braced | _JSON_NAMES.keys()
    source = Source(text)
    found: list[tuple[int, Ref]] = []
    named: list[Ref] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or node.id in known:
            continue
        outermost, path = _value_chain(node, parents)
        # A node may be called `input` or `filter`: then it is read by a key, and never called.
        if node.id in _BUILTINS and not path:
            continue
        ref = by_name(path) if node.id == BY_NAME else None
        if ref is not None:
            named.append(ref)
        else:
            written = source.segment(outermost) or spelled(node.id, path)
            ref = Ref(node.id, path, written)
        found.append((source.place(node), ref))
    return found, named


def _value_chain(
    name: ast.Name, parents: dict[ast.AST, ast.AST]
) -> tuple[ast.expr, tuple[str | int, ...]]:
    """The constant path behind a name: subscripts and attributes that are not called."""
    path: list[str | int] = []
    outermost: ast.expr = name
    while True:
        parent = parents.get(outermost)
        step: str | int | None = None
        if isinstance(parent, ast.Subscript) and parent.value is outermost:
            step = constant_of(parent.slice)
        elif isinstance(parent, ast.Attribute):
            caller = parents.get(parent)
            if not (isinstance(caller, ast.Call) and caller.func is parent):
                step = parent.attr
        if step is None or not isinstance(parent, ast.expr):
            return outermost, tuple(path)
        path.append(step)
        outermost = parent


class _Settle(ast.NodeTransformer):
    """Gives each `{{…}}` the form its place asks for, and JSON names and keys their meaning."""

    def __init__(self, braced: dict[str, Ref], local: set[str]) -> None:
        self.braced = braced
        self.local = local
        self.variables: dict[str, Variable] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A braced reference, or `true`, `false`, `null`."""
        if node.id in self.braced:
            return self._variable(node.id, "value")
        if node.id in _JSON_NAMES and node.id not in self.local:
            return ast.Constant(_JSON_NAMES[node.id])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Quoted text that has `{{…}}` inside."""
        if not isinstance(node.value, str) or not self.braced:
            return node
        pieces = re.split("(" + "|".join(map(re.escape, self.braced)) + r")\b", node.value)
        if len(pieces) == 1:
            return node
        values = [
            ast.FormattedValue(self._variable(piece, "text"), -1)
            if piece in self.braced
            else ast.Constant(piece)
            for piece in pieces
            if piece
        ]
        return ast.JoinedStr(list(values))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A braced reference compared by size, with a number, or with a boolean."""
        operands = [node.left, *node.comparators]
        form: Form = "value"
        sized = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
        if sized or any(_is_number(operand) for operand in operands):
            form = "number"
        elif any(self._is_boolean(operand) for operand in operands):
            form = "boolean"
        operands = [
            self._variable(operand.id, form)
            if isinstance(operand, ast.Name) and operand.id in self.braced
            else operand
            for operand in operands
        ]
        visited = [self.visit(operand) for operand in operands]
        return ast.Compare(visited[0], node.ops, visited[1:])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call: the method's name is not a key."""
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        else:
            node.func = self.visit(node.func)
        node.args = [self.visit(arg) for arg in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """`value.key`, which JSON values spell `value['key']`."""
        return ast.Subscript(self.visit(node.value), ast.Constant(node.attr), ast.Load())

    def _is_boolean(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id not in self.local:
            return isinstance(_JSON_NAMES.get(node.id), bool)
        return isinstance(node, ast.Constant) and isinstance(node.value, bool)

    def _variable(self, name: str, form: Form) -> ast.Name:
        variable = name if form == "value" else f"{name}_{form}"
        self.variables[variable] = Variable(self.braced[name], form)
        return ast.Name(variable, ast.Load())


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    )
