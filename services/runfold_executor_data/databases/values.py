"""Values of databases as JSON, and back, as far as both dialects have them alike.

Nothing becomes null that is not: NaN and the infinities are the texts `NaN`, `Infinity` and
`-Infinity`. A number that JSON's readers would round is the text of its digits.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable

_SPELLED = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def float_value(value: float) -> float | str:
    """A floating-point number, or the text of one that JSON has not."""
    return value if math.isfinite(value) else _SPELLED[str(value)]


def decimal_value(text: str) -> int | float | str:
    """A decimal number as a number where that has the same value, else its text."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    if not exact.is_finite():
        return text
    if exact == exact.to_integral_value() and abs(exact) < 2**53:
        return int(exact)
    number = float(exact)
    return number if math.isfinite(number) and Decimal(repr(number)) == exact else text


def json_value(text: str) -> Any:
    """What JSON text says, or the text where it says nothing that a workflow can hold."""
    try:
        return read_json(text)
    except Undecodable:
        return text
