"""Values of a document that may be anything, read as what is wanted of them."""

from __future__ import annotations

import math
from typing import Any


def as_text(value: Any, otherwise: str = "") -> str:
    """A text; a number is written out, anything else is not one."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return otherwise


def as_object(value: Any) -> dict[str, Any]:
    """An object with texts as keys; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    return value if all(isinstance(key, str) for key in value) else _with_texts(value)


def _with_texts(value: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): one for key, one in value.items()}


def as_list(value: Any) -> list[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else []


def objects_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [as_object(one) for one in as_list(value) if isinstance(one, dict)]


def as_number(value: Any, otherwise: float) -> float:
    """A finite number, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return otherwise
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return otherwise
    return number if math.isfinite(number) else otherwise


def as_count(value: Any, otherwise: int, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number within bounds."""
    number = as_number(value, float(otherwise))
    return max(least, min(most, int(number)))


def at(value: Any, *keys: str) -> Any:
    """What lies at a path of keys; None where it leads nowhere."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_expression(value: Any) -> bool:
    """Whether a parameter is computed: text that begins with `=`."""
    return isinstance(value, str) and value.startswith("=")


def located(value: Any) -> Any:
    """The value of a resource locator `{__rl, mode, value}`, or the value itself."""
    if isinstance(value, dict) and "value" in value:
        return value["value"]
    return value


def unrendered(value: Any) -> Any:
    """A value whose texts are no templates here: what would begin one is taken apart."""
    match value:
        case str():
            text = value.removeprefix("=")
            for mark in ("{", "%", "#"):
                text = text.replace("{" + mark, "{ " + mark)
            return text
        case dict():
            return {key: unrendered(one) for key, one in value.items()}
        case list():
            return [unrendered(one) for one in value]
        case _:
            return value


_LEAST, _MOST = -(2**63), 2**64 - 1


def storable(value: Any, depth: int = 0) -> Any:
    """A value as a definition can hold it: whole numbers of 64 bits, not too deep."""
    match value:
        case bool():
            return value
        case int() if not _LEAST <= value <= _MOST:
            return float(value) if abs(value) < _LARGEST else None
        case dict():
            if depth >= _DEEPEST:
                return {}
            return {str(key): storable(one, depth + 1) for key, one in value.items()}
        case list():
            return [storable(one, depth + 1) for one in value] if depth < _DEEPEST else []
        case _:
            return value


_LARGEST = 10**300
_DEEPEST = 60
"""Levels of a document that are read: far more than n8n writes, and what a definition may have."""
