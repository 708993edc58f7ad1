"""How a JSON value is written inside text. One rule for templates, conditions and text nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from runfold.errors import ExpressionFailed

_EXACT = 2**53
"""Whole floats below it are written without `.0`; JSON knows no difference between 1 and 1.0."""


def text_of(value: Any) -> str:
    """Text as it is, null as nothing, all else as JSON on one line.

    Raises:
        ExpressionFailed: For what is no JSON value, such as a method that was not called.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return to_json(value)


def to_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON, compact unless an indent is given, its letters not escaped."""
    separators = (",", ":") if indent is None else None
    return json.dumps(
        value, ensure_ascii=False, indent=indent, separators=separators, default=_plain
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Iterable):
        return list(value)
    message = f"a {type(value).__name__} cannot be written as text"
    raise ExpressionFailed(message)
