"""Values made to fit a declared type, as far as that can be: what cannot be is null.

A declared type is a small JSON Schema: `type`, `properties` of an object, `items` of an array. For
strict types, which refuse what does not fit, see `types`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from runfold.contracts.json_reader import read_json
from runfold.errors import ExpressionFailed, Undecodable
from runfold.values.json_text import to_json

TYPES = ("any", "string", "integer", "number", "boolean", "object", "array")
_TRUE = frozenset(("1", "t", "T", "true", "True", "TRUE"))
_FALSE = frozenset(("0", "f", "F", "false", "False", "FALSE"))
_MOST_DIGITS = 400
_DEEPEST = 32


def fitted(value: Any, schema: Any, depth: int = 0) -> Any:
    """The value as the declared type.

    Text becomes the number, truth or JSON value that it spells, other values become text, a
    fraction loses its part. Of an object, what is declared and not there is null, and what is
    there and not declared stays. Of a list, items that cannot be made to fit are left out; what is
    no list is an empty one. Null fits every type.

    Args:
        value: Any JSON value.
        schema: `{type, properties, items}`, or the name of a type.
        depth: How deep in another value it is.
    """
    declared = {"type": schema} if isinstance(schema, str) else schema
    if value is None or not isinstance(declared, dict) or depth > _DEEPEST:
        return value
    match declared.get("type"):
        case "object":
            return _object(value, declared.get("properties"), depth)
        case "array":
            return _array(value, declared.get("items"), depth)
        case str() as name if name in _SCALARS:
            return _SCALARS[name](value)
        case _:
            return value


def schema_problems(schema: Any, depth: int = 0) -> Iterator[str]:
    """What is wrong with a declared type."""
    declared = {"type": schema} if isinstance(schema, str) else schema
    if not isinstance(declared, dict) or declared.get("type", "any") not in TYPES:
        yield f"a type is one of {', '.join(TYPES)}, or an object with such a `type`"
        return
    if depth > _DEEPEST:
        yield f"types are nested deeper than {_DEEPEST}"
        return
    properties = declared.get("properties", {})
    if not isinstance(properties, dict):
        yield "`properties` is an object of types by name"
        return
    for inner in (*properties.values(), *((declared["items"],) if "items" in declared else ())):
        yield from schema_problems(inner, depth + 1)


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    try:
        return to_json(value, sort_keys=True)
    except ExpressionFailed:
        return None


def _integer(value: Any) -> Any:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if math.isfinite(value):
            return int(value)
        case str():
            return _spelled(value, int)
        case _:
            return None


def _number(value: Any) -> Any:
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str():
            whole = _spelled(value, int)
            return _spelled(value, float) if whole is None else whole
        case _:
            return None


def _spelled(text: str, number: Callable[[str], Any]) -> Any:
    plain = text.strip()
    if not plain.isascii() or "_" in plain or len(plain) > _MOST_DIGITS:
        return None
    try:
        found = number(plain)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return True if value in _TRUE else False if value in _FALSE else None
    return None


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def _object(value: Any, properties: Any, depth: int) -> dict[str, Any] | None:
    found = _read(value)
    if not isinstance(found, dict):
        return None
    declared = properties if isinstance(properties, dict) else {}
    absent = {name: None for name in declared if name not in found}
    there = {name: fitted(one, declared.get(name), depth + 1) for name, one in found.items()}
    return {**there, **absent}


def _array(value: Any, items: Any, depth: int) -> list[Any]:
    """The items that fit; an object that does not is null in its place."""
    found = _read(value)
    if not isinstance(found, list):
        return []
    made = [(one, fitted(one, items, depth + 1)) for one in found]
    name = items.get("type") if isinstance(items, dict) else items
    return [one for given, one in made if one is not None or given is None or name == "object"]


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_json(value.encode())
    except (Undecodable, UnicodeEncodeError):
        return None
