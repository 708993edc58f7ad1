"""Writes JSON values inside text: one rule for templates, conditions and text nodes.

What is written can be read back: NaN and infinity, which arithmetic can give, are refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from runfold.errors import ExpressionFailed

_EXACT = 2**53
"""Whole floats below it are written without `.0`; JSON knows no difference between 1 and 1.0."""


def text_of(value: Any) -> str:
    """A value inside text: text unchanged, null as nothing, other values as JSON on one line.

    Raises:
        ExpressionFailed: For what is not a JSON value: a method that was not called, NaN, infinity.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise _not_a_number(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, float):
        return str(value)
    return to_json(value)


def to_json(value: Any, indent: int | None = None, *, sort_keys: bool = False) -> str:
    """A value as JSON, compact unless an indent is given, its letters not escaped.

    Raises:
        ExpressionFailed: For what JSON cannot hold, as `text_of` does, or what is nested too deep.
    """
    separators = (",", ":") if indent is None else None
    try:
        return json.dumps(
            value,
            allow_nan=False,
            default=_plain,
            ensure_ascii=False,
            indent=indent,
            separators=separators,
            sort_keys=sort_keys,
        )
    except RecursionError:
        message = "a value nested too deep to be written as text"
        raise ExpressionFailed(message, code="expression.too_deep", kind="limit") from None
    except ValueError as error:
        # NaN, infinity, or a whole number of thousands of digits.
        message = f"a value cannot be written as text: {error}"
        raise ExpressionFailed(message, code="expression.number") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Iterable):
        return list(value)
    message = f"a {type(value).__name__} cannot be written as text"
    raise ExpressionFailed(message)


def _not_a_number(value: float) -> ExpressionFailed:
    message = f"{value} is not a number that JSON has: the result is out of range"
    return ExpressionFailed(message, code="expression.number")
