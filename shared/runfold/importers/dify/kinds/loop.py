"""`loop`: its inside runs round after round, with variables that live from round to round."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.bodies import body_of
from runfold.importers.dify.conditions import group
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, native
from runfold.importers.dify.names import exact, loop_variable
from runfold.importers.dify.reading import (
    json_in,
    number_of,
    objects_at,
    selector_of,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard

_EMPTY: dict[str, Any] = {"string": "", "number": 0, "boolean": False, "object": {}}


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    nodes, edges = body_of(flow, node)
    config: dict[str, Any] = {"count": whole_at(node.data, "loop_count", 10, most=10_000)}
    variables = {
        loop_variable(text_at(one, "label")): _begin(flow, node, one)
        for one in objects_at(node.data, "loop_variables")
        if text_at(one, "label")
    }
    if variables:
        config["variables"] = variables
    inner = next(iter(flow.source.within(node.id)), node)
    if objects_at(node.data, "break_conditions"):
        holder = {
            "conditions": node.data.get("break_conditions"),
            "logical_operator": node.data.get("logical_operator"),
        }
        config["break_when"] = group(flow, holder, inner, reasons)
    config |= {"nodes": nodes, "edges": edges}
    made = native(flow, node, "loop", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    made.pop("retry", None)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _begin(flow: Flow, node: SourceNode, variable: dict[str, Any]) -> Any:
    """What a loop variable begins as."""
    kind, value = text_at(variable, "var_type").lower(), variable.get("value")
    if text_at(variable, "value_type") == "variable":
        return exact(flow, selector_of(value), node)
    if kind == "number":
        return number_of(value) or 0
    if kind == "string":
        return value if isinstance(value, str) else ""
    made = json_in(value) if value not in (None, "") else None
    if kind.startswith("array"):
        return made if isinstance(made, list) else []
    return _EMPTY.get(kind) if made is None else made


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del node, flow
    return ("count",) if way[0] == "loop_round" else (loop_variable(way[0]), *way[1:])


KIND = NodeKind(make=_make, spell=_spell)
