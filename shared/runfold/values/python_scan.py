"""Where references stand inside programs of `code` nodes.

Read with `ast`, never run: running is for the code executor's sandbox alone. Conditions written
as one expression are read in `expressions`.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from runfold.values.paths import EVERYTHING, Ref
from runfold.values.python_bounds import program_problem

CONTEXT = "context"
"""Name under which code finds the outputs of nodes and the run's inputs."""

TOO_DEEP = (RecursionError, MemoryError)
"""How the parser says that a program is nested too deep."""
_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """A program's text, in which the places of `ast` nodes are found without a new search each."""

    def __init__(self, text: str) -> None:
        # Lines are what the parser calls so; `splitlines` knows more ends than it does.
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
        self._lines = [line.encode() for line in _LINE_END.split(text)]

    def place(self, node: ast.expr | ast.stmt) -> int:
        """How many characters of the text come before a node; `ast` counts UTF-8 bytes."""
        return self._at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """How many characters of the text come before its end."""
        last, offset = node.end_lineno, node.end_col_offset
        if last is None or offset is None:
            return self.place(node)
        return self._at(last, offset)

    def _at(self, line: int, offset: int) -> int:
        before = self._lines[line - 1][:offset]
        return self._starts[line - 1] + len(before.decode(errors="replace"))

    def segment(self, node: ast.expr) -> str:
        """A node as it is written."""
        last = node.end_lineno or node.lineno
        lines = self._lines[node.lineno - 1 : last]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode(errors="replace")


@lru_cache(maxsize=256)
def code_refs(text: str) -> tuple[Ref, ...]:
    """The values code reads by `context['node']…` or `context.get('node')`.

    `context` used in a way that says nothing beforehand gives `Ref("*")`: all values. Text that
    is not Python, or over the bounds, has no references; what runs or checks it says so.
    """
    if program_problem(text):
        return ()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, *TOO_DEEP):
        return ()
    parents = parents_of(tree)
    uses = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == CONTEXT and isinstance(node.ctx, ast.Load)
    ]
    uses.sort(key=_place)
    source = Source(text)
    return tuple(dict.fromkeys(_context_ref(source, use, parents) for use in uses))


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Each node's parent."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _context_ref(source: Source, use: ast.Name, parents: dict[ast.AST, ast.AST]) -> Ref:
    parent = parents.get(use)
    if isinstance(parent, ast.Subscript) and parent.value is use:
        outermost, path = _subscripts(parent, parents)
        if path and isinstance(path[0], str):
            return Ref(path[0], path[1:], source.segment(outermost))
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = parents.get(parent)
        if isinstance(call, ast.Call) and call.func is parent and call.args:
            key = constant_of(call.args[0])
            if isinstance(key, str):
                return Ref(key, (), source.segment(call))
    if isinstance(parent, ast.Compare) and _is_membership(parent, use):
        key = constant_of(parent.left)
        if isinstance(key, str):
            return Ref(key, (), source.segment(parent))
    return Ref(EVERYTHING, (), CONTEXT)


def _is_membership(compare: ast.Compare, use: ast.Name) -> bool:
    return (
        len(compare.ops) == 1
        and isinstance(compare.ops[0], ast.In | ast.NotIn)
        and compare.comparators[0] is use
    )


def constant_of(node: ast.expr) -> str | int | None:
    """A constant key or index, `-1` included, or None."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = constant_of(node.operand)
        return -inner if isinstance(inner, int) else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return None if isinstance(node.value, bool) else node.value
    return None


def _subscripts(
    first: ast.Subscript, parents: dict[ast.AST, ast.AST]
) -> tuple[ast.expr, tuple[str | int, ...]]:
    """The longest chain of constant subscripts from `first` outwards, and its path."""
    path: list[str | int] = []
    outermost: ast.expr = first.value
    node: ast.AST | None = first
    while isinstance(node, ast.Subscript) and node.value is outermost:
        step = constant_of(node.slice)
        if step is None or not isinstance(node.ctx, ast.Load):
            break
        path.append(step)
        outermost = node
        node = parents.get(node)
    return outermost, tuple(path)
