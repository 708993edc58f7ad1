"""`assign` → assigner: changes variables of the conversation, or of a loop around it."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.values.references import exact_ref, parse_ref

_OPERATIONS = {
    "set": "over-write",
    "append": "append",
    "extend": "extend",
    "clear": "clear",
    "+=": "+=",
    "-=": "-=",
    "*=": "*=",
    "/=": "/=",
    "remove_first": "remove-first",
    "remove_last": "remove-last",
}
_UNARY = ("clear", "remove_first", "remove_last")


def _write(writing: Writing, room: Room) -> None:
    assignments = writing.config.get("assignments", [])
    writing.put("items", "assignments", lambda: [_item(one, room) for one in assignments])
    writing.data["version"] = "2"


def _item(one: dict[str, Any], room: Room) -> dict[str, Any]:
    operation = str(one.get("operation", "set"))
    if operation not in _OPERATIONS:
        message = f"Dify has no operation {operation!r}"
        raise NotMappable(message)
    selector = room.select(parse_ref(str(one.get("variable", ""))))
    item = {"variable_selector": list(selector), "operation": _OPERATIONS[operation]}
    value = one.get("value")
    if operation in _UNARY:
        return {**item, "input_type": "constant", "value": ""}
    if exact_ref(value) is not None:
        return {**item, "input_type": "variable", "value": room.selector(value)}
    if operation == "set":
        item["operation"] = "set"  # what Dify calls it when the value is written down
    return {**item, "input_type": "constant", "value": room.values(value)}


KIND = WrittenKind(type="assigner", write=_write)
