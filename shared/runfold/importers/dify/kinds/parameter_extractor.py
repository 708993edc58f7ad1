"""`parameter-extractor`: fields that a model finds in a text; what it does not find is empty."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds.extract import TAKEN
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, absent, edge, native
from runfold.importers.dify.models import model_config
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    list_at,
    object_at,
    objects_at,
    selector_at,
    text_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import literals, template
from runfold.importers.draft import native_id

_NATIVE = ("string", "number", "boolean", "array", "object")
_SAID = ("__is_success", "__reason", "__usage")
"""Outputs beside the parameters."""
_TYPES = {"select": "string", "bool": "boolean", "secret-input": "string", "integer": "number"}
_ELEMENTS = ("string", "number", "boolean", "object")


def _field(flow: Flow, one: dict[str, Any]) -> dict[str, Any]:
    written = text_at(one, "type").strip().lower() or "string"
    field: dict[str, Any] = {}
    if written.startswith("array"):
        field["type"] = "array"
        inner = written.removeprefix("array").strip("[]")
        if inner in _ELEMENTS:
            field["items"] = inner
    else:
        type_ = _TYPES.get(written, written)
        field["type"] = type_ if type_ in _NATIVE else "string"
    options = [value for value in list_at(one, "options") if isinstance(value, str) and value]
    if options and field["type"] == "string":
        field["enum"] = literals(flow, options)
    if text_at(one, "description"):
        field["description"] = literals(flow, text_at(one, "description"))
    if flag_at(one, "required"):
        field["required"] = True
    return field


def _names(node: SourceNode) -> dict[str, str]:
    """Parameter of the source → name of the field that is asked for."""
    found: dict[str, str] = {}
    for one in objects_at(node.data, "parameters"):
        name = text_at(one, "name")
        plain = native_id(name)
        if plain:
            found.setdefault(name, f"{plain}_" if plain in TAKEN else plain)
    return found


def _make(node: SourceNode, flow: Flow) -> Made:
    names = _names(node)
    if not names:
        return absent(flow, node, "parameter-extractor", "it has no parameters")
    asking, node_id = flow.aux(node, "ask"), flow.id_of(node)
    fields: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    for one in objects_at(node.data, "parameters"):
        name = names.get(text_at(one, "name"))
        if name and name not in fields:
            fields[name] = _field(flow, one)
            groups[name] = ["{{" + f"{asking}.{name}" + "}}"]
    query = exact(flow, selector_at(node.data, "query", "query_variable_selector"), node)
    config: dict[str, Any] = {"text": query or "", "fields": fields}
    config |= model_config(flow, node, object_at(node.data, "model"))
    told = text_at(node.data, "instruction")
    if told.strip():
        config["instructions"] = template(flow, told, node)
    if text_at(node.data, "reasoning_mode") != "prompt":
        config["mode"] = "function_calling"
    for name in _SAID:
        groups[name] = ["{{" + f"{asking}.{name}" + "}}"]
    ask = native(flow, node, "extract", config, asking)
    result = native(flow, node, "aggregate", {"groups": groups})
    exits: Exits = {SOURCE: [(node_id, "out")]}
    guard(node, ask, exits)
    return Made(nodes=[ask, result], edges=[edge(asking, node_id)], entry=asking, exits=exits)


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del flow
    name = _names(node).get(way[0])
    return (name, *way[1:]) if name else None


KIND = NodeKind(make=_make, spell=_spell)
