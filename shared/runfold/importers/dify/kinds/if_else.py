"""`if-else`: goes on at the first case that holds, else at `false`."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.conditions import group
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, edge, native, port_of
from runfold.importers.dify.reading import objects_at, text_at
from runfold.importers.dify.source import SourceNode

FALSE = "false"
_FIRST = "true"
_CASE, _RESULT = "selected_case_id", "result"


def _cases(node: SourceNode) -> list[tuple[str, dict[str, Any]]]:
    """The cases with their handles; a node of old has one, and no list."""
    if not isinstance(node.data.get("cases"), list | dict):
        return [(_FIRST, node.data)]
    found: list[tuple[str, dict[str, Any]]] = []
    for number, case in enumerate(objects_at(node.data, "cases")):
        handle = text_at(case, "case_id", "id") or (f"case {number + 1}" if number else _FIRST)
        if handle != FALSE and handle not in [one for one, _ in found]:
            found.append((handle, case))
    return found


def _handles(node: SourceNode) -> tuple[str, ...]:
    return (*(handle for handle, _ in _cases(node)), FALSE)


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    branches: list[dict[str, Any]] = []
    exits: Exits = {}
    node_id = flow.id_of(node)
    for handle, case in _cases(node):
        condition = group(flow, case, node, reasons)
        if next(iter(condition.values())) == [True]:
            reasons.append(f"case {handle!r} has no conditions: it always holds, as in Dify")
        port = port_of(handle)
        branches.append({"id": port, "condition": condition})
        exits[handle] = [(node_id, port)]
    if not branches:
        reasons.append("it has no cases: it always goes on at 'false', as in Dify")
        branches.append({"id": _FIRST, "condition": False})
    exits[FALSE] = [(node_id, "else")]
    made = native(flow, node, "selector", {"branches": branches})
    result = Made(nodes=[made], entry=node_id, exits=exits, reasons=list(dict.fromkeys(reasons)))
    if reasons:
        result.result = "approximated"
    if {_CASE, _RESULT} & set(flow.reads.get(node.id, ())):
        _remember(flow, node, result)
    return result


def _remember(flow: Flow, node: SourceNode, made: Made) -> None:
    """Keep which case was taken in variables, since something reads it."""
    variables = flow.draft.definition.setdefault("variables", {})
    taken, held = flow.aux(node, _CASE), flow.aux(node, _RESULT)
    variables[taken] = variables[held] = None
    for handle, ways in made.exits.items():
        keeper = flow.aux(node, f"case_{handle}")
        values = {taken: handle, held: handle != FALSE}
        changes = [{"variable": name, "value": value} for name, value in values.items()]
        made.nodes.append(native(flow, node, "assign", {"assignments": changes}, keeper))
        made.edges += [edge(source, keeper, port) for source, port in ways]
        made.exits[handle] = [(keeper, "out")]


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    """A variable of its own, and no output: the root is said by the first part."""
    return (f"={flow.aux(node, way[0])}",) if way[0] in (_CASE, _RESULT) else None


KIND = NodeKind(make=_make, handles=_handles, spell=_spell)
