"""`list-operator`: filters, orders and cuts a list."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.conditions import operator_of
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, absent, native
from runfold.importers.dify.names import FILE_FIELDS, exact, file_fields
from runfold.importers.dify.reading import (
    flag_at,
    number_of,
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
_SAME = {"is": "equals", "is_not": "not_equals"}


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    found = exact(flow, selector_at(node.data, "variable"), node)
    if found is None:
        return absent(flow, node, "list-operator", "it does not say which list it works on")
    config: dict[str, Any] = {"input": found}
    config |= _filter(flow, node, reasons)
    extract = object_at(node.data, "extract_by")
    serial = text_at(extract, "serial").strip()
    if flag_at(extract, "enabled") and serial:
        place = number_of(serial)
        config["extract"] = int(place) if place else template(flow, serial, node)
    order = object_at(node.data, "order_by")
    if flag_at(order, "enabled"):
        field = text_at(order, "key")
        direction = "desc" if text_at(order, "value").lower() == "desc" else "asc"
        config["order"] = [{"field": _field(node, field), "direction": direction}]
    limit = object_at(node.data, "limit")
    if flag_at(limit, "enabled"):
        size = number_of(limit.get("size"))
        if size is not None and size < 0:
            reasons.append("a limit below 0 leaves out items at the end in Dify: here all are kept")
        else:
            config["limit"] = whole_at(limit, "size", 1, least=0)
    made = native(flow, node, "list", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits, OUTPUTS)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _is_files(node: SourceNode) -> bool:
    return "file" in text_at(node.data, "var_type", "item_var_type").lower()


def _field(node: SourceNode, key: str) -> str:
    return FILE_FIELDS.get(key, key) if _is_files(node) else ""


def _filter(flow: Flow, node: SourceNode, reasons: list[str]) -> dict[str, Any]:
    written = object_at(node.data, "filter_by")
    if not flag_at(written, "enabled"):
        return {}
    is_number = "number" in text_at(node.data, "item_var_type", "var_type").lower()
    members = []
    for one in objects_at(written, "conditions"):
        said = text_at(one, "comparison_operator", "operator")
        operator = operator_of(said, is_number=is_number, reasons=reasons)
        member: dict[str, Any] = {"operator": _SAME.get(operator, operator)}
        field = _field(node, text_at(one, "key"))
        if field:
            member["field"] = field
        if operator not in ("empty", "not_empty", "is_null", "not_null", "exists", "not_exists"):
            value = one.get("value")
            member["value"] = _value(flow, node, value, field)
        members.append(member)
    return {"filter": {"and": members}} if members else {}


def _value(flow: Flow, node: SourceNode, value: Any, field: str) -> Any:
    if isinstance(value, list):
        return [_value(flow, node, one, field) for one in value]
    if not isinstance(value, str):
        return value
    return template(flow, value.removeprefix(".") if field == "extension" else value, node)


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del flow
    return file_fields(way) if len(way) > 1 and _gives_file(node, way[0]) else None


def _gives_file(node: SourceNode, output: str) -> bool:
    return output in ("first_record", "last_record") and _is_files(node)


KIND = NodeKind(make=_make, outputs=OUTPUTS, spell=_spell, gives_file=_gives_file)
