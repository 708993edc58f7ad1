"""The operators of structured conditions: one function each, in one table.

Total: any two JSON values give an answer. A value that does not exist is `MISSING`, which is not
null: only the existence operators tell the two apart, and nothing equals it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, cast

from runfold.errors import ExpressionFailed
from runfold.values.patterns import pattern_of

Operator = Callable[[Any, Any], bool]


class Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        """Shown in test output."""
        return "MISSING"


MISSING: Final = Missing()

_NUMBER = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?\s*")
_MAX_DIGITS = 4000
_MOST_STEPS = 1_000_000_000
"""Characters looked at, at most, to find many texts in one; over it, `all_of` does not hold."""
_TRUE = ("true", "yes", "1")
_FALSE = ("false", "no", "0", "")
_SPELLED = {"true": True, "false": False}


def number_of(value: Any) -> int | float | None:
    """The number a value is or spells, else None; booleans are not numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and _NUMBER.fullmatch(value):
        text = value.strip()
        number = int(text) if text.lstrip("+-").isdigit() else float(text)
        return number if isinstance(number, int) or math.isfinite(number) else None
    return None


def boolean_of(value: Any) -> bool | None:
    """The boolean a value is, or spells as `true` or `false`, else None."""
    if isinstance(value, bool):
        return value
    return _SPELLED.get(value.strip().lower()) if isinstance(value, str) else None


def equal(left: Any, right: Any) -> bool:
    """Equality of JSON values.

    Text that spells a number or a boolean equals that number or boolean, and not other text.
    """
    if left is MISSING or right is MISSING:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        truth = boolean_of(left)
        return truth is not None and truth is boolean_of(right)
    if isinstance(left, str) != isinstance(right, str):
        left_number, right_number = number_of(left), number_of(right)
        return left_number is not None and left_number == right_number
    return bool(left == right)


def is_empty(value: Any) -> bool:
    """Whether there is nothing: missing, null, `""`, `[]` or `{}`. Zero and false are something."""
    if value is MISSING or value is None:
        return True
    return isinstance(value, str | list | tuple | dict) and len(value) == 0


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        left_number, right_number = number_of(left), number_of(right)
        if left_number is not None and right_number is not None:
            return compare(left_number, right_number)
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return False

    return operator


def _sized(compare: Callable[[Any, Any], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        wanted = number_of(right)
        if wanted is None or not isinstance(left, str | list | tuple | dict):
            return False
        return compare(len(left), wanted)

    return operator


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return _text(right) in left if _is_scalar(right) else False
    if isinstance(left, dict):
        return isinstance(right, str) and right in left
    if isinstance(left, list | tuple):
        return any(equal(item, right) for item in left)
    return False


def _in(left: Any, right: Any) -> bool:
    return left is not MISSING and _contains(right, left)


def _all_of(left: Any, right: Any) -> bool:
    if left is MISSING:
        return False
    wanted = right if isinstance(right, list | tuple) else [right]
    if isinstance(left, list | tuple):
        members = _Members(left)
        return all(members.have(item) for item in wanted)
    if isinstance(left, str) and len(left) * len(wanted) > _MOST_STEPS:
        return False
    return all(_contains(left, item) for item in wanted)


class _Members:
    """The items of a list, found without comparing each one with each other."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = {frozen(item) for item in items if not isinstance(item, bool)}
        self._flags = {item for item in items if isinstance(item, bool)}
        self._spelled = {number_of(item) for item in items if isinstance(item, str)}

    def have(self, wanted: Any) -> bool:
        """Whether any item equals a value, as `equal` says."""
        if isinstance(wanted, bool):
            return wanted in self._flags
        if wanted is MISSING:
            return False
        if frozen(wanted) in self._items:
            return True
        number = number_of(wanted)
        if number is None:
            return False
        if isinstance(wanted, str):
            return number in self._items
        return number in self._spelled


def frozen(value: Any) -> Hashable:
    """A JSON value as one that can be a member of a set, equal where the values are."""
    if isinstance(value, dict):
        return _FrozenObject((key, frozen(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    return cast("Hashable", value)


class _FrozenObject(frozenset[tuple[str, Hashable]]):
    """The entries of an object; equal to no list, even when both are empty."""

    __slots__ = ()


def _edge(method: Callable[[str, str], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        return isinstance(left, str) and _is_scalar(right) and method(left, _text(right))

    return operator


def _matches(left: Any, right: Any) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    pattern = pattern_of(right)
    try:
        return pattern is not None and pattern.search(left) is not None
    except ExpressionFailed:
        # A pattern too large for so long a text: what cannot be told does not hold.
        return False


def _truth(words: tuple[str, ...], *, value: bool) -> Operator:
    def operator(left: Any, _right: Any) -> bool:
        if isinstance(left, str):
            return left.strip().lower() in words
        return isinstance(left, bool | int | float) and bool(left) is value

    return operator


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _not(operator: Operator) -> Operator:
    return lambda left, right: not operator(left, right)


OPERATORS: dict[str, Operator] = {
    "equals": equal,
    "not_equals": _not(equal),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    "contains": _contains,
    "not_contains": _not(_contains),
    "starts_with": _edge(str.startswith),
    "ends_with": _edge(str.endswith),
    "matches": _matches,
    "in": _in,
    "not_in": _not(_in),
    "all_of": _all_of,
    "empty": lambda left, _right: is_empty(left),
    "not_empty": lambda left, _right: not is_empty(left),
    "is_null": lambda left, _right: left is None,
    "not_null": lambda left, _right: left is not None and left is not MISSING,
    "exists": lambda left, _right: left is not MISSING,
    "not_exists": lambda left, _right: left is MISSING,
    "is_true": _truth(_TRUE, value=True),
    "is_false": _truth(_FALSE, value=False),
    "length_eq": _sized(lambda left, right: left == right),
    "length_gt": _sized(lambda left, right: left > right),
    "length_gte": _sized(lambda left, right: left >= right),
    "length_lt": _sized(lambda left, right: left < right),
    "length_lte": _sized(lambda left, right: left <= right),
}
"""Every operator by its canonical name."""

SPELLINGS = {
    "=": "equals",
    "==": "equals",
    "eq": "equals",
    "!=": "not_equals",
    "<>": "not_equals",
    "ne": "not_equals",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "≥": ">=",
    "≤": "<=",
    "regex": "matches",
}
"""Other spellings an author may use."""

UNARY = frozenset(
    (
        "empty",
        "not_empty",
        "is_null",
        "not_null",
        "exists",
        "not_exists",
        "is_true",
        "is_false",
    )
)
"""Operators that need no right side."""


def operator_named(name: Any) -> str | None:
    """The canonical name of an operator, or None."""
    if not isinstance(name, str):
        return None
    plain = name.strip().lower().replace(" ", "_")
    plain = SPELLINGS.get(plain, plain)
    return plain if plain in OPERATORS else None
