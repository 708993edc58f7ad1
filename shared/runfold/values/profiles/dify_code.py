"""What a `code` node gives, checked as Dify checks it: neither less nor more than is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.types import kind_name

MOST_TEXT = 400_000
"""Characters of a text."""
MOST_DEPTH = 5
"""Objects and lists of objects within each other."""
MOST_ITEMS = {"string": 30, "object": 30, "number": 1000}
"""Items of a list, by their type."""
MOST_PLACES = 20
"""Digits behind the point of a number."""
_LARGEST = 2**63


def outputs(given: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a program, each made what it is declared as; null fits every type.

    Args:
        given: What the program returned.
        declared: Output → its type: a name, or `{type, items, properties}`.

    Raises:
        ExpressionFailed: `code.output_invalid`, naming the output and what is wrong with it.
    """
    return _object(given, declared, "", 1)


def _object(
    given: Mapping[str, Any], declared: Mapping[str, Any], path: str, depth: int
) -> dict[str, Any]:
    if depth > MOST_DEPTH:
        raise _invalid(path, f"is nested deeper than {MOST_DEPTH}")
    for name in declared:
        if name not in given:
            raise _invalid(_below(path, name), "is missing")
    for name in given:
        if name not in declared:
            raise _invalid(_below(path, name), "is not declared")
    return {
        name: _value(given[name], schema, _below(path, name), depth)
        for name, schema in declared.items()
    }


def _value(value: Any, schema: Any, path: str, depth: int) -> Any:
    type_name = schema.get("type", "any") if isinstance(schema, Mapping) else schema
    if value is None:
        return None
    match type_name:
        case "string" | "number" | "boolean" as name:
            return _SCALARS[name](value, path)
        case "object":
            return _members(value, schema, path, depth)
        case "array":
            return _array(value, schema, path, depth)
        case _:
            return value


def _members(value: Any, schema: Any, path: str, depth: int) -> Any:
    if not isinstance(value, Mapping):
        raise _invalid(path, f"is {kind_name(value)}, declared as object")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if properties:
        return _object(value, properties, path, depth + 1)
    _measure(value, path, depth + 1)
    return value


def _array(value: Any, schema: Any, path: str, depth: int) -> Any:
    if not isinstance(value, list | tuple):
        raise _invalid(path, f"is {kind_name(value)}, declared as array")
    items = schema.get("items") if isinstance(schema, Mapping) else None
    name = items.get("type") if isinstance(items, Mapping) else items
    most = MOST_ITEMS.get(str(name))
    if most is not None and len(value) > most:
        raise _invalid(path, f"has {len(value)} items, more than {most}")
    made = []
    for at, one in enumerate(value):
        if one is None and name == "number":
            raise _invalid(f"{path}[{at}]", "is null, declared as number")
        made.append(_value(one, items, f"{path}[{at}]", depth))
    return made


def _measure(value: Any, path: str, depth: int) -> None:
    """Look at a value that is declared as an object of anything."""
    if depth > MOST_DEPTH:
        raise _invalid(path, f"is nested deeper than {MOST_DEPTH}")
    match value:
        case dict():
            for name, one in value.items():
                inner = depth + 1 if isinstance(one, dict) else depth
                _measure(one, _below(path, name), inner)
        case list():
            for at, one in enumerate(value):
                inner = depth + 1 if isinstance(one, dict | list) else depth
                _measure(one, f"{path}[{at}]", inner)
        case str():
            _string(value, path)
        case int() | float() if not isinstance(value, bool):
            _number(value, path)
        case _:
            return


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _invalid(path, f"is {kind_name(value)}, declared as string")
    if len(value) > MOST_TEXT:
        raise _invalid(path, f"has more than {MOST_TEXT} characters")
    return value.replace("\0", "")


def _number(value: Any, path: str) -> int | float:
    """A number; a boolean counts as 1 or 0."""
    if not isinstance(value, int | float):
        raise _invalid(path, f"is {kind_name(value)}, declared as number")
    if not -_LARGEST <= value < _LARGEST:
        raise _invalid(path, "is out of the range of 64 bits")
    if isinstance(value, float):
        exponent = Decimal(str(value)).normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > MOST_PLACES:
            raise _invalid(path, f"has more than {MOST_PLACES} digits behind the point")
    return int(value) if isinstance(value, bool) else value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _invalid(path, f"is {kind_name(value)}, declared as boolean")
    return value


_SCALARS: dict[str, Callable[[Any, str], Any]] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _invalid(path: str, what: str) -> ExpressionFailed:
    message = f"output {path!r} {what}"
    return ExpressionFailed(
        message, code="code.output_invalid", kind="output", details={"path": path}
    )
