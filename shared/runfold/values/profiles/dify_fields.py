"""What a model found in a text, taken as Dify's parameter extractor takes it: what can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runfold.values.profiles.rules import Wanted
from runfold.values.types import kind_name

_EMPTY: dict[str, Any] = {"string": "", "number": 0, "boolean": False, "array": [], "object": {}}
_NONE: Any = object()
"""A value of which nothing can be made."""


def found(wanted: Mapping[str, Wanted], said: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields, each of its type, and whether the answer was as it was asked for.

    What does not fit is made to fit, else it is empty: that fails nothing, and is said.

    Args:
        wanted: The fields that were asked for, by name.
        said: The object that the model answered with; None when there is none to be read.

    Returns:
        The fields, `__is_success` (1 or 0) and `__reason` (null when all is well).
    """
    given = said or {}
    outputs = {
        name: _made(one, given[name]) if name in given else _empty(one)
        for name, one in wanted.items()
    }
    problem = _problem(wanted, said)
    return {**outputs, "__is_success": 0 if problem else 1, "__reason": problem or None}


def _problem(wanted: Mapping[str, Wanted], said: Mapping[str, Any] | None) -> str:
    if said is None:
        return "the answer has no JSON object that can be read: every parameter is empty"
    if len(said) != len(wanted):
        return f"the answer has {len(said)} parameters, and {len(wanted)} were asked for"
    for name, one in wanted.items():
        if one.required and name not in said:
            return f"the required parameter {name!r} is not in the answer"
        value = said.get(name)
        if not _fits(one, value):
            return f"the parameter {name!r} has to be {_named(one)}, and is {kind_name(value)}"
        if one.enum and value not in one.enum:
            return f"the parameter {name!r} cannot be {value!r}: it is none of the options"
    return ""


def _named(one: Wanted) -> str:
    return f"array[{one.items}]" if one.type == "array" and one.items != "any" else one.type


def _fits(one: Wanted, value: Any) -> bool:
    if one.type == "array":
        return isinstance(value, list) and all(_is(one.items, inner) for inner in value)
    return _is(one.type, value)


def _is(type_: str, value: Any) -> bool:
    match type_:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case _:
            return True


def _made(one: Wanted, value: Any) -> Any:
    if one.type == "array":
        if not isinstance(value, list):
            return []
        make = _ITEMS.get(one.items, _as_it_is)
        return [made for inner in value if (made := make(inner)) is not _NONE]
    made = _MAKERS.get(one.type, _as_it_is)(value)
    return _empty(one) if made is _NONE else made


def _empty(one: Wanted) -> Any:
    empty = _EMPTY.get(one.type)
    return empty.copy() if isinstance(empty, list | dict) else empty


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            return _NONE
    return value if isinstance(value, int | float) else _NONE


def _boolean(value: Any) -> Any:
    return bool(value) if isinstance(value, int) else _NONE


def _only(kind: type) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kind) else _NONE


def _as_it_is(value: Any) -> Any:
    return value


_MAKERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _only(str),
    "number": _number,
    "boolean": _boolean,
    "object": _only(dict),
}
_ITEMS: Mapping[str, Callable[[Any], Any]] = {**_MAKERS, "boolean": _only(bool)}
"""In a list a number is no boolean."""
