"""Comparisons as the first versions of If, Filter and Switch have them: two values, no types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runfold_executor_code.items.dates import milliseconds, moment_of
from runfold_executor_code.items.javascript_values import (
    at_most,
    is_nan,
    less,
    strictly_equal,
    text,
    truthy,
)
from runfold_executor_code.items.parameters import rows
from runfold_executor_code.items.patterns import found_in, pattern_of
from runfold_executor_code.items.step import ItemFailed

Compare = Callable[[Any, Any], bool]
KINDS: Mapping[str, tuple[str, Any]] = {
    "boolean": ("equal", False),
    "dateTime": ("after", None),
    "number": ("smaller", 0),
    "string": ("equal", ""),
}
"""Types in the order they are asked in, with the operation and the value where none is named."""


def of_rules(conditions: Any, index: int, zone: str, *, every: bool) -> bool:
    """Whether an item passes the conditions of the first versions of If and Filter."""
    for kind, (operation, default) in KINDS.items():
        for one in rows(conditions, kind):
            left, right = one.get("value1", default), one.get("value2", default)
            wanted = str(one.get("operation", operation))
            if holds(kind, wanted, left, right, index, zone) != every:
                return not every
    return every


def holds(kind: str, operation: str, left: Any, right: Any, index: int, zone: str) -> bool:
    """Whether a comparison holds.

    Raises:
        ItemFailed: The comparison is unknown, or a value must be a date and is not.
    """
    compare = _COMPARISONS.get(operation)
    if compare is None:
        raise ItemFailed(index, f"there is no comparison {operation!r}")
    if kind == "dateTime" and operation not in ("isEmpty", "isNotEmpty"):
        left, right = _instant(left, index, zone), _instant(right, index, zone)
    return compare(left, right)


def _instant(value: Any, index: int, zone: str) -> int:
    moment = moment_of(value, zone, day_is_utc=True)
    if moment is None:
        raise ItemFailed(index, f'The value "{text(value)[:200]}" is not a valid DateTime.')
    return milliseconds(moment)


def _or(value: Any, other: Any) -> Any:
    return value if truthy(value) else other


def _joined(value: Any) -> str:
    return text(_or(value, ""))


def _greater(left: Any, right: Any) -> bool:
    return less(_or(right, 0), _or(left, 0))


def _smaller(left: Any, right: Any) -> bool:
    return less(_or(left, 0), _or(right, 0))


def _at_least(left: Any, right: Any) -> bool:
    return at_most(_or(right, 0), _or(left, 0))


def _at_most(left: Any, right: Any) -> bool:
    return at_most(_or(left, 0), _or(right, 0))


def _empty(value: Any, _other: Any) -> bool:
    return value is None or value in ("", [], {}) or is_nan(value)


def _matches(left: Any, right: Any) -> bool:
    return found_in(pattern_of(_joined(right)), _joined(left))


def _not(compare: Compare) -> Compare:
    return lambda left, right: not compare(left, right)


def _begins(left: Any, right: Any) -> bool:
    return text(left).startswith(text(right))


def _ends(left: Any, right: Any) -> bool:
    return text(left).endswith(text(right))


def _holds(left: Any, right: Any) -> bool:
    return _joined(right) in _joined(left)


_COMPARISONS: Mapping[str, Compare] = {
    "after": _greater,
    "before": _smaller,
    "contains": _holds,
    "notContains": _not(_holds),
    "startsWith": _begins,
    "notStartsWith": _not(_begins),
    "endsWith": _ends,
    "notEndsWith": _not(_ends),
    "equal": strictly_equal,
    "notEqual": _not(strictly_equal),
    "larger": _greater,
    "largerEqual": _at_least,
    "smaller": _smaller,
    "smallerEqual": _at_most,
    "isEmpty": _empty,
    "isNotEmpty": _not(_empty),
    "regex": _matches,
    "notRegex": _not(_matches),
}
