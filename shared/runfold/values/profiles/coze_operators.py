"""The operators of Coze's selectors, which Coze saves as numbers from 1 to 16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.values.operators import OPERATORS as NATIVE
from runfold.values.operators import Operator, equal


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


def _present(operator: Operator) -> Operator:
    return lambda left, right: left is not None and operator(left, right)


def _truth(*, value: bool) -> Callable[[Any, Any], bool]:
    return lambda left, _right: left is value


OPERATORS: dict[str, Operator] = {
    "equals": _equals,
    "not_equals": lambda left, right: not _equals(left, right),
    "length_gt": _present(NATIVE["length_gt"]),
    "length_gte": _present(NATIVE["length_gte"]),
    "length_lt": _present(NATIVE["length_lt"]),
    "length_lte": _present(NATIVE["length_lte"]),
    "contains": _contains,
    "not_contains": _not_contains,
    "empty": lambda left, _right: is_empty(left),
    "not_empty": lambda left, _right: not is_empty(left),
    "is_true": _truth(value=True),
    "is_false": _truth(value=False),
    ">": _present(NATIVE[">"]),
    ">=": _present(NATIVE[">="]),
    "<": _present(NATIVE["<"]),
    "<=": _present(NATIVE["<="]),
}
"""Every operator by its name in a condition of the profile."""
