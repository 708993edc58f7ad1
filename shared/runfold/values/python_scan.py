"""Where references stand inside programs of `code` nodes.

Read with `ast`, never run: running is for the code executor's sandbox alone. Conditions written
as one expression are read in `expressions`.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from runfold.values.paths import EVERYTHING, Ref

CONTEXT = "context"
"""Name under which code finds the outputs of nodes and the run's inputs."""


@lru_cache(maxsize=2048)
def code_refs(text: str) -> tuple[Ref, ...]:
    """The values code reads by `context['node']…` or `context.get('node')`.

    `context` used in a way that says nothing beforehand gives `Ref("*")`: all values. Text that
    is not Python has no references; the checks say so separately.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The last two are how the parser says that it is nested too deep.
        return ()
    parents = parents_of(tree)
    uses = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == CONTEXT and isinstance(node.ctx, ast.Load)
    ]
    uses.sort(key=_place)
    return tuple(dict.fromkeys(_context_ref(text, use, parents) for use in uses))


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Each node's parent."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _context_ref(text: str, use: ast.Name, parents: dict[ast.AST, ast.AST]) -> Ref:
    parent = parents.get(use)
    if isinstance(parent, ast.Subscript) and parent.value is use:
        outermost, path = _subscripts(parent, parents)
        if path and isinstance(path[0], str):
            return Ref(path[0], path[1:], ast.get_source_segment(text, outermost) or "")
    if isinstance(parent, ast.Attribute) and parent.attr == "get":
        call = parents.get(parent)
        if isinstance(call, ast.Call) and call.func is parent and call.args:
            key = constant_of(call.args[0])
            if isinstance(key, str):
                return Ref(key, (), ast.get_source_segment(text, call) or "")
    if isinstance(parent, ast.Compare) and _is_membership(parent, use):
        key = constant_of(parent.left)
        if isinstance(key, str):
            return Ref(key, (), ast.get_source_segment(text, parent) or "")
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
