"""Values as JavaScript sees them: text, numbers, truth, comparison, equality.

What operations do to items depends on it: `1` is not `"1"`, `null` is smaller than `1`, and a field
that is not there is neither null nor empty.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final


class Missing:
    """What JavaScript calls undefined."""

    def __bool__(self) -> bool:
        """Undefined is false."""
        return False

    def __repr__(self) -> str:
        """As JavaScript says it."""
        return "undefined"


MISSING: Final = Missing()
"""The value of a field that is not there."""
_SPACE = " \t\n\r\v\f\u00a0\ufeff\u2028\u2029\u1680\u2000\u200a\u202f\u205f\u3000"
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)")
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_EXACT = 2**53
"""Up to here every whole number is one of JavaScript's."""
_SHORTEST, _LONGEST = -7, 21
"""Powers of ten between which a number is written without an exponent."""


def kind_of(value: Any) -> str:
    """What `typeof` says."""
    match value:
        case Missing():
            return "undefined"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "object"


def is_number(value: Any) -> bool:
    """Whether a value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truthy(value: Any) -> bool:
    """Whether a value counts as true: empty lists and objects do."""
    if isinstance(value, float) and math.isnan(value):
        return False
    if isinstance(value, list | Mapping):
        return True
    return bool(value)


def text(value: Any) -> str:
    """What `String(value)` gives."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case list():
            return ",".join("" if one is None or one is MISSING else text(one) for one in value)
        case Mapping():
            return "[object Object]"
        case _:
            return str(value)


def number_text(value: float) -> str:
    """A number as JavaScript writes it."""
    if isinstance(value, int) and abs(value) <= _EXACT:
        return str(value)
    number = _float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    written = "".join(str(one) for one in digits)
    point = len(written) + int(exponent)
    return ("-" if sign else "") + _placed(written, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the point after so many of them, or with an exponent."""
    if _SHORTEST < point - 1 < _LONGEST:
        if point <= 0:
            return f"0.{'0' * -point}{digits}"
        if point >= len(digits):
            return digits + "0" * (point - len(digits))
        return f"{digits[:point]}.{digits[point:]}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def number(value: Any) -> float:
    """What `Number(value)` gives: not a number (NaN) for what is none."""
    match value:
        case bool():
            return int(value)
        case int() | float():
            return value
        case None:
            return 0
        case str():
            return _parsed(value.strip(_SPACE))
        case list():
            return number(text(value))
        case _:
            return math.nan


def _parsed(written: str) -> float:
    if not written:
        return 0
    base = _BASES.get(written[:2].lower())
    if base is not None:
        try:
            return plain(int(written[2:], base))
        except ValueError:
            return math.nan
    if _DECIMAL.fullmatch(written):
        return plain(float(written))
    if written.lstrip("+-") == "Infinity":
        return -math.inf if written.startswith("-") else math.inf
    return math.nan


def plain(value: float) -> float:
    """A whole number without a fraction part: `2.0` is `2`."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


def is_nan(value: Any) -> bool:
    """Whether a value is the number that is none."""
    return isinstance(value, float) and math.isnan(value)


def strictly_equal(left: Any, right: Any) -> bool:
    """What `===` says: lists and objects are equal to themselves alone."""
    if kind_of(left) != kind_of(right):
        return False
    if kind_of(left) == "object":
        return left is right or (left is None and right is None)
    return bool(left == right)


def same(left: Any, right: Any) -> bool:
    """Whether two values are alike all the way down."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if is_nan(left) and is_nan(right):
        return True
    return strictly_equal(left, right)


def less(left: Any, right: Any) -> bool:
    """What `<` says: two texts by their characters, all else as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return units(left) < units(right)
    one, other = number(_primitive(left)), number(_primitive(right))
    return one < other


def at_most(left: Any, right: Any) -> bool:
    """What `<=` says."""
    if isinstance(left, str) and isinstance(right, str):
        return units(left) <= units(right)
    one, other = number(_primitive(left)), number(_primitive(right))
    return one <= other


def _primitive(value: Any) -> Any:
    return text(value) if isinstance(value, list | Mapping) else value


def units(value: str) -> bytes:
    """What orders texts as JavaScript does: by their halves of characters."""
    return value.encode("utf-16-be", "surrogatepass")


def json_text(value: Any, indent: int | None = None) -> str:
    """What `JSON.stringify(value)` gives."""
    separators = (",", ":") if indent is None else (",", ": ")
    written = _writable(value)
    return json.dumps(written, ensure_ascii=False, separators=separators, indent=indent)


def _writable(value: Any) -> Any:
    match value:
        case bool() | None | str() | int():
            return value
        case float():
            return plain(value) if math.isfinite(value) else None
        case list():
            return [None if one is MISSING else _writable(one) for one in value]
        case Mapping():
            return {text(key): _writable(one) for key, one in value.items() if one is not MISSING}
        case _:
            return None


def said(value: Any) -> str:
    """A value as an error names it: short, in quotes, a list or an object by its kind."""
    match value:
        case None:
            return "'null'"
        case list():
            return "array"
        case Mapping():
            return "object"
        case _:
            return f"'{text(value)[:200]}'"
