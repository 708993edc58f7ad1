"""The operators of Coze's selectors, which Coze saves as numbers from 1 to 16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from runfold.values.operators import OPERATORS as NATIVE
from runfold.values.operators import Operator, equal


class Nulls(NamedTuple):
    """Whether an operator of order holds where the left side, the right one or both are null."""

    left: bool
    right: bool
    both: bool


def _equals(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is None and right is None
    return equal(left, right)


def _contains(left: Any, right: Any) -> bool:
    return left is not None and NATIVE["contains"](left, right)


def _not_contains(left: Any, right: Any) -> bool:
    """Null contains nothing, and does not "not contain" it either."""
    return left is not None and not _contains(left, right)


def is_empty(value: Any) -> bool:
    """Null, "", "None", 0, false, an empty list or object."""
    return value == "None" or not value


def _ordered(name: str, nulls: Nulls) -> Operator:
    """An operator of order, and what it says where a side is null."""

    def operator(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return nulls.both if left is right else nulls.left if left is None else nulls.right
        return NATIVE[name](left, right)

    return operator


def _sized(name: str) -> Operator:
    """An operator of lengths: null is as long as an empty list."""
    return lambda left, right: NATIVE[name]([] if left is None else left, right)


def _truth(*, value: bool) -> Callable[[Any, Any], bool]:
    """Whether the left side is that boolean; null is false."""
    return lambda left, _right: bool(left) is value if isinstance(left, bool | None) else False


OPERATORS: dict[str, Operator] = {
    "equals": _equals,
    "not_equals": lambda left, right: not _equals(left, right),
    "length_gt": _sized("length_gt"),
    "length_gte": _sized("length_gte"),
    "length_lt": _sized("length_lt"),
    "length_lte": _sized("length_lte"),
    "contains": _contains,
    "not_contains": _not_contains,
    "empty": lambda left, _right: is_empty(left),
    "not_empty": lambda left, _right: not is_empty(left),
    "is_true": _truth(value=True),
    "is_false": _truth(value=False),
    ">": _ordered(">", Nulls(left=False, right=True, both=False)),
    ">=": _ordered(">=", Nulls(left=False, right=True, both=True)),
    "<": _ordered("<", Nulls(left=True, right=False, both=False)),
    "<=": _ordered("<=", Nulls(left=True, right=False, both=True)),
}
"""Every operator by its name in a condition of the profile, in the order of their numbers."""
