"""JSON to the outside: what is written can be read back, or it is refused.

msgspec writes NaN as null and values of any depth. Both are refused here, so that no reader is
handed another value than the writer had, or bytes that no reader takes.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from runfold.contracts.json_reader import WIRE, Bounds, check_bounds
from runfold.errors import Undecodable, Unencodable

_WHOLE = frozenset((str, int, bool, type(None)))
"""Types of most values, which are not looked into."""
_encode = msgspec.json.Encoder().encode


def write_json(value: Any, bounds: Bounds = WIRE) -> bytes:
    """A struct or JSON value as bytes that `read_json` reads back.

    Args:
        value: What is written.
        bounds: How much may be written: a value that goes into a message is bounded by `VALUE`.

    Raises:
        Unencodable: `json.number` for NaN, Infinity and whole numbers of too many digits,
            `json.half_character`, `json.too_deep`, `json.too_many_values`, `json.too_large`, and
            `json.not_a_value` for what JSON has not.
    """
    try:
        body = _encode(value)
    except UnicodeEncodeError as error:
        message = "half a character (a lone surrogate) cannot be written"
        raise Unencodable(message, code="json.half_character") from error
    except RecursionError as error:
        raise Unencodable("a value nested too deep to be written", code="json.too_deep") from error
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise Unencodable(str(error), code="json.not_a_value") from error
    # msgspec writes NaN and Infinity as null: only a body with a null can hide one.
    if b"null" in body:
        _refuse_not_finite(value)
    try:
        check_bounds(body, bounds)
    except Undecodable as error:
        raise Unencodable(error.message, code=error.code, details=error.details) from error
    return body


def _refuse_not_finite(value: Any) -> None:
    left = [value]
    while left:
        one = left.pop()
        if type(one) in _WHOLE:
            continue
        match one:
            case msgspec.Struct():
                left += msgspec.structs.astuple(one)
            case dict():
                left += one.values()
            case list() | tuple():
                left += one
            case float() if not math.isfinite(one):
                raise Unencodable(f"{one} is not a JSON number", code="json.number")
            case _:
                pass
