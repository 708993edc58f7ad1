"""`loop` → loop: a number of rounds, and variables that live from round to round."""

from __future__ import annotations

import json
from typing import Any

from runfold.exporters.dify.conditions import group_of
from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.names import label
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.graph.definition import Node
from runfold.importers.dify.flow import Path
from runfold.values.references import exact_ref


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    writing.put("loop_count", "count", lambda: _count(config))
    variables = config.get("variables", {})
    writing.put(
        "loop_variables",
        "variables",
        lambda: [_variable(name, value, room) for name, value in variables.items()],
    )
    writing.put("break_conditions", "break_when", lambda: _ending(config, room)[1])
    writing.put("logical_operator", "break_when", lambda: _ending(config, room)[0])
    write_errors(writing, retries=False)


def _count(config: dict[str, Any]) -> int:
    count = config.get("count")
    if not isinstance(count, int):
        message = "loops of Dify have a number of rounds, `count`"
        raise NotMappable(message)
    return count


def _ending(config: dict[str, Any], room: Room) -> tuple[str, list[dict[str, Any]]]:
    condition = config.get("break_when")
    return ("and", []) if condition is None else group_of(condition, room.inside())


def _variable(name: str, value: Any, room: Room) -> dict[str, Any]:
    made = {"id": name, "label": label(name)}
    if exact_ref(value) is not None:
        selector = room.selector(value)
        return {**made, "var_type": "string", "value_type": "variable", "value": selector}
    type_, written = _constant(value)
    return {**made, "var_type": type_, "value_type": "constant", "value": written}


def _constant(value: Any) -> tuple[str, Any]:
    match value:
        case bool():
            return "boolean", value
        case str():
            return "string", value
        case int() | float():
            return "number", value
        case list():
            return _list_type(value), json.dumps(value, ensure_ascii=False)
        case dict():
            return "object", json.dumps(value, ensure_ascii=False)
        case _:
            return "string", ""


def _list_type(value: list[Any]) -> str:
    for type_, kind in (("string", str), ("number", int | float)):
        if value and all(isinstance(one, kind) for one in value):
            return f"array[{type_}]"
    return "array[object]"


def _spell(node: Node, path: Path) -> Path | None:
    if path[0] == "count":
        return ("loop_round", *path[1:])
    variables = node.config.get("variables")
    is_known = isinstance(variables, dict) and path[0] in variables
    return (label(path[0]), *path[1:]) if is_known else None


KIND = WrittenKind(type="loop", write=_write, spell=_spell)
