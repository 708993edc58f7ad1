"""`if-else`: goes on at the first case that holds, else at `false`."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.conditions import group
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, absent, native, port_of
from runfold.importers.dify.reading import objects_at, text_at
from runfold.importers.dify.source import SourceNode

FALSE = "false"
_FIRST = "true"


def _cases(node: SourceNode) -> list[tuple[str, dict[str, Any]]]:
    """The cases with their handles; a node of old has one, and no list."""
    found: list[tuple[str, dict[str, Any]]] = []
    for number, case in enumerate(objects_at(node.data, "cases")):
        handle = text_at(case, "case_id", "id") or (f"case {number + 1}" if number else _FIRST)
        if handle != FALSE and handle not in [one for one, _ in found]:
            found.append((handle, case))
    if not found and objects_at(node.data, "conditions"):
        found.append((_FIRST, node.data))
    return found


def _handles(node: SourceNode) -> tuple[str, ...]:
    return (*(handle for handle, _ in _cases(node)), FALSE)


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    branches = []
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
        reason = "it has no cases, and so nothing to decide"
        return absent(flow, node, "if-else", reason, handles=(_FIRST, FALSE))
    exits[FALSE] = [(node_id, "else")]
    made = native(flow, node, "selector", {"branches": branches})
    result = Made(nodes=[made], entry=node_id, exits=exits, reasons=list(dict.fromkeys(reasons)))
    if reasons:
        result.result = "approximated"
    return result


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del node, flow
    return ("branch",) if way[0] in ("selected_case_id", "result") else None


KIND = NodeKind(make=_make, handles=_handles, spell=_spell)
