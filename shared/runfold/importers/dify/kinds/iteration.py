"""`iteration`: its inside runs for each item of a list."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.bodies import body_of
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, native
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import flag_at, selector_at, text_at, whole_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard

_ON_ERROR = {
    "terminated": "terminate",
    "continue-on-error": "continue",
    "remove-abnormal-output": "drop",
}
_MOST_PARALLEL = 100


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    items = exact(flow, selector_at(node.data, "iterator_selector"), node)
    if items is None:
        reasons.append("the list that it goes through has no value: it is empty here")
    nodes, edges = body_of(flow, node)
    config: dict[str, Any] = {"items": items if items is not None else [], "nodes": nodes}
    config["edges"] = edges
    output = _output(flow, node, nodes)
    config["output"] = output
    if flag_at(node.data, "is_parallel"):
        config["concurrency"] = whole_at(node.data, "parallel_nums", 10, most=_MOST_PARALLEL)
    mode = text_at(node.data, "error_handle_mode").strip().lower().replace("_", "-")
    if _ON_ERROR.get(mode, "terminate") != "terminate":
        config["on_item_error"] = _ON_ERROR[mode]
    if flag_at(node.data, "flatten_output", default=True):
        config["flatten"] = True
    made = native(flow, node, "iteration", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    made.pop("retry", None)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _output(flow: Flow, node: SourceNode, nodes: list[dict[str, Any]]) -> Any:
    """What one item comes to, as a node inside reads it."""
    inner = next(iter(flow.source.within(node.id)), None)
    selector = selector_at(node.data, "output_selector")
    found = exact(flow, selector, inner) if selector and inner else None
    if found is not None:
        return found
    if selector:
        return "{{missing_output.value}}"  # null for every item
    return "{{" + str(nodes[-1]["id"]) + ".output}}"


KIND = NodeKind(make=_make)
