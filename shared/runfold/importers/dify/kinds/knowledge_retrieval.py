"""`knowledge-retrieval`: passages of knowledge bases, which stay behind in the other system."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds.knowledge_retrieve import MOST_BASES, MOST_TOP_K
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    list_at,
    number_at,
    object_at,
    objects_at,
    selector_at,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import template

OUTPUTS = {"result": ("output",)}
_HINT = (
    "ids of knowledge bases are of the system that they were exported from: index the documents "
    "here, and bind the id to the name of the base"
)
_FILTERS = {
    "contains": "contains",
    "not contains": "not_contains",
    "start with": "starts_with",
    "end with": "ends_with",
    "is": "equals",
    "is not": "not_equals",
    "=": "equals",
    "≠": "not_equals",
    ">": ">",
    "<": "<",
    "≥": ">=",
    "≤": "<=",
    "before": "<",
    "after": ">",
}


def bases_of(flow: Flow, node: SourceNode, ids: list[str]) -> list[str]:
    """The knowledge bases here that ids are bound to; empty unless all are. Needs are said."""
    bases = [_bound(flow.context.bindings.get(one)) for one in ids]
    for one, base in zip(ids, bases, strict=True):
        if not base:
            flow.need("knowledge", one, node, _HINT)
    return bases if all(bases) else []


def _bound(body: Any) -> str:
    if isinstance(body, str):
        return body
    config = object_at(body, "config")
    named = config.get("bases", config.get("base"))
    if isinstance(named, list):
        named = next(iter(named), "")
    return named if isinstance(named, str) else ""


def _make(node: SourceNode, flow: Flow) -> Made:
    listed = [*list_at(node.data, "dataset_ids"), *list_at(node.data, "control_space_ids")]
    ids = [one for one in listed if isinstance(one, str) and one]
    query = exact(flow, selector_at(node.data, "query_variable_selector"), node)
    bases = bases_of(flow, node, ids)
    if not bases:
        named = ", ".join(ids)
        said = f"no knowledge base is bound to {named}" if ids else "it names no knowledge base"
        reason = f"{said}: {_HINT}"
        parameters = {"query": query, "top_k": _top_k(node)}
        return absent(
            flow,
            node,
            "a search in a knowledge base",
            reason,
            need=ids[0] if len(ids) == 1 else "",
            parameters=parameters,
        )
    reasons: list[str] = []
    config: dict[str, Any] = {"query": query or "", "bases": bases[:MOST_BASES]}
    config["top_k"] = _top_k(node)
    multiple = object_at(node.data, "multiple_retrieval_config")
    threshold = number_at(multiple, "score_threshold")
    if threshold is not None:
        config["score_threshold"] = threshold
    if flag_at(multiple, "reranking_enable"):
        reasons.append("its rerank model is left out: set `rerank` where one is there")
    config |= _filter(flow, node, reasons)
    made = native(flow, node, "knowledge_retrieve", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits, OUTPUTS)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _top_k(node: SourceNode) -> int:
    multiple = object_at(node.data, "multiple_retrieval_config")
    default = whole_at(node.data, "top_n", 4, most=MOST_TOP_K)
    return whole_at(multiple, "top_k", default, most=MOST_TOP_K)


def _filter(flow: Flow, node: SourceNode, reasons: list[str]) -> dict[str, Any]:
    mode = text_at(node.data, "metadata_filtering_mode")
    if mode == "automatic":
        reasons.append("filters that a model makes up are left out")
    if mode != "manual":
        return {}
    written = object_at(node.data, "metadata_filtering_conditions")
    members = []
    for one in objects_at(written, "conditions"):
        operator = _FILTERS.get(text_at(one, "comparison_operator"))
        name, value = text_at(one, "name"), one.get("value")
        if operator is None or not name:
            reasons.append(f"a filter on {name!r} is left out: it has no counterpart")
            continue
        value = template(flow, value, node) if isinstance(value, str) else value
        members.append({"field": name, "operator": operator, "value": value})
    logic = "or" if text_at(written, "logical_operator") == "or" else "and"
    return {"filter": {logic: members}} if members else {}


KIND = NodeKind(make=_make, outputs=OUTPUTS)
