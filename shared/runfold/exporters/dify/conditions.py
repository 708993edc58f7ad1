"""Structured conditions as the cases of an if-else, or as what ends a loop."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable
from runfold.importers.dify.conditions import OPERATORS
from runfold.values.operators import operator_named
from runfold.values.references import is_computed

_HERE = {ours: dify for dify, ours in OPERATORS.items()}
_UNARY = ("empty", "not empty", "null", "not null", "exists", "not exists")
_NUMERIC = ("=", "≠", ">", "<", "≥", "≤")
_LOGIC = ("and", "or")


def group_of(condition: Any, room: Room) -> tuple[str, list[dict[str, Any]]]:
    """The logic and the members of a condition.

    Raises:
        NotMappable: It is an expression, nested, or has an operator that Dify has not.
    """
    if isinstance(condition, dict) and len(condition) == 1:
        logic, members = next(iter(condition.items()))
        if logic in _LOGIC and isinstance(members, list):
            return logic, [_member(one, number, room) for number, one in enumerate(members)]
    return "and", [_member(condition, 0, room)]


def _member(one: Any, number: int, room: Room) -> dict[str, Any]:
    if not isinstance(one, dict):
        message = "Dify has conditions of a reference, an operator and a value, and no expressions"
        raise NotMappable(message)
    if "left" not in one or "operator" not in one:
        message = "conditions of Dify are not nested"
        raise NotMappable(message)
    value = one.get("right")
    operator = operator_of(str(one["operator"]), value)
    made: dict[str, Any] = {
        "id": f"condition-{number + 1}",
        "variable_selector": room.selector(one["left"]),
        "comparison_operator": operator,
        "varType": type_of(operator, value),
    }
    if "where" in one:
        return {**made, "sub_variable_condition": _of_files(one["where"], room)}
    return {**made, "value": "" if operator in _UNARY else _value(value, room)}


def operator_of(written: str, value: Any) -> str:
    """The operator of Dify that one here is. Raises `NotMappable`."""
    plain = written.strip().lower()
    found = _HERE.get(plain) or _HERE.get(operator_named(written) or "")
    if found is None:
        message = f"Dify has no operator `{written}`"
        raise NotMappable(message)
    if found in ("=", "≠") and not _is_number(value):
        return "is" if found == "=" else "is not"
    return found


def type_of(operator: str, value: Any) -> str:
    """The type of what a condition looks at, as far as operator and value tell."""
    if isinstance(value, bool):
        return "boolean"
    return "number" if operator in _NUMERIC else "string"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(value: Any, room: Room) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and not is_computed(value):
        return [room.text(one) for one in value]
    return room.text(value)


def _of_files(where: Any, room: Room) -> dict[str, Any]:
    logic = next((one for one in _LOGIC if isinstance(where, dict) and one in where), "")
    members = where[logic] if logic else [where]
    return {
        "logical_operator": logic or "and",
        "conditions": [item_condition(one, number, room) for number, one in enumerate(members)],
    }


def item_condition(one: Any, number: int, room: Room) -> dict[str, Any]:
    """A condition on a part of an item. Raises `NotMappable`."""
    if not isinstance(one, dict) or "operator" not in one:
        message = "filters of Dify are not nested"
        raise NotMappable(message)
    value = one.get("value")
    operator = operator_of(str(one["operator"]), value)
    made = {
        "id": f"condition-{number + 1}",
        "key": str(one.get("field", "")),
        "comparison_operator": operator,
    }
    return made if operator in _UNARY else {**made, "value": _value(value, room)}
