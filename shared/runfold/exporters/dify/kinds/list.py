"""`list` → list-operator."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.conditions import item_condition
from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.names import file_field
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing

OUTPUTS = {
    "output": ("result",),
    "first_record": ("first_record",),
    "last_record": ("last_record",),
}


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    writing.put("variable", "input", lambda: room.selector(config.get("input")))
    writing.put("filter_by", "filter", lambda: _filter(config.get("filter"), room))
    writing.put("extract_by", "extract", lambda: _extract(config.get("extract"), room))
    writing.put("order_by", "order", lambda: _order(config.get("order")))
    writing.put("limit", "limit", lambda: _limit(config.get("limit")))
    write_errors(writing, OUTPUTS, retries=False)


def _filter(condition: Any, room: Room) -> dict[str, Any]:
    if not condition:
        return {"enabled": False, "conditions": []}
    members = condition.get("and") if isinstance(condition, dict) else None
    if isinstance(condition, dict) and "or" in condition:
        message = "all conditions of Dify's filter hold together"
        raise NotMappable(message)
    written = members if isinstance(members, list) else [condition]
    conditions = [item_condition(one, number, room) for number, one in enumerate(written)]
    named = [{**one, "key": file_field(one["key"])} for one in conditions]
    return {"enabled": True, "conditions": named}


def _extract(place: Any, room: Room) -> dict[str, Any]:
    if place is None:
        return {"enabled": False, "serial": "1"}
    return {"enabled": True, "serial": room.text(place)}


def _order(order: Any) -> dict[str, Any]:
    if not order:
        return {"enabled": False, "key": "", "value": "asc"}
    if len(order) > 1:
        message = "Dify orders a list by one key"
        raise NotMappable(message)
    key = file_field(order[0].get("field", ""))
    return {"enabled": True, "key": key, "value": order[0].get("direction", "asc")}


def _limit(limit: Any) -> dict[str, Any]:
    return {"enabled": limit is not None, "size": 10 if limit is None else limit}


KIND = WrittenKind(type="list-operator", write=_write, outputs=OUTPUTS)
