"""Reads of a document in which anything may stand anywhere."""

from __future__ import annotations

import json
from typing import Any

_LONGEST = 4_000_000


def obj(value: Any) -> dict[str, Any]:
    """An object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def plain(value: Any) -> str:
    """Text or a number as text; empty for anything else."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""


def at(value: Any, *steps: str) -> Any:
    """What is some keys down in objects; None when nothing is."""
    for step in steps:
        value = obj(value).get(step)
    return value


def parsed(text: Any) -> Any:
    """What JSON text spells; None when it is none."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def whole(value: Any) -> int | None:
    """A whole number, in whichever way it is written."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    written = value.strip() if isinstance(value, str) else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None  # noqa: PLR2004


def fraction(value: Any) -> float | None:
    """A number, in whichever way it is written."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
