"""Which changes of a variable Dify takes: by its type, the operation and a written value."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.reading import json_in

_NUMBERS = ("number", "integer", "float")
_LISTS = ("append", "extend", "remove-first", "remove-last")
_ARITHMETIC = ("+=", "-=", "*=", "/=")
_NO_VALUE = ("clear", "remove-first", "remove-last")
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}


def problem_of(kind: str, operation: str) -> str:
    """Why a variable of a type does not take an operation; empty when it does."""
    is_list = kind.startswith("array")
    refused = (
        (operation in _LISTS and not is_list)
        or (operation in _ARITHMETIC and kind not in _NUMBERS)
        or (operation == "set" and is_list)
    )
    return f"Dify does not take {operation!r} on a variable of type {kind!r}" if refused else ""


def value_of(kind: str, operation: str, value: Any) -> Any:
    """A value as it is written for an operation: JSON where a list or an object is wanted."""
    wants_json = kind == "object" or kind.startswith("array[object") or kind == "array"
    if isinstance(value, str) and (wants_json or (operation != "append" and kind[:5] == "array")):
        made = json_in(value)
        return value if made is None else made
    return value


def is_fit(kind: str, operation: str, value: Any) -> bool:
    """Whether a variable of a type takes a written value in an operation."""
    if operation in _NO_VALUE or not kind:
        return True
    if operation == "/=" and value == 0:
        return False
    if not kind.startswith("array"):
        return _is(kind, value)
    inner = kind.removeprefix("array").strip("[]")
    if operation == "append":
        return _is(inner, value)
    return isinstance(value, list) and all(_is(inner, one) for one in value)


def _is(kind: str, value: Any) -> bool:
    kinds = _KINDS.get(kind)
    if kinds is None:
        return True
    return isinstance(value, kinds) and (kind == "boolean" or not isinstance(value, bool))
