"""Conditions as If, Filter and Switch have them since their second versions.

A condition has two values and an operator of a type. `strict`: a value of another type is an error;
`loose`: it is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from runfold_executor_code.items import fields
from runfold_executor_code.items.dates import milliseconds
from runfold_executor_code.items.javascript_values import (
    at_most,
    is_nan,
    is_number,
    kind_of,
    less,
    strictly_equal,
    text,
    truthy,
)
from runfold_executor_code.items.parameters import at, rows
from runfold_executor_code.items.patterns import found_in, pattern_of
from runfold_executor_code.items.step import ItemFailed

_ASK_TYPED = 2
"""The version of conditions since which a loose boolean is read before it is only tested."""
_ASK_EMPTY = 3
"""From this version on, an empty text is not a number."""


class _Options:
    def __init__(self, written: Mapping[str, Any], index: int, zone: str) -> None:
        self.strict = written.get("typeValidation") == "strict"
        self.ignore_case = written.get("caseSensitive") is False
        self.version = written.get("version", 1)
        self.index = index
        self.zone = zone

    def is_since(self, version: int) -> bool:
        return is_number(self.version) and self.version >= version


def passes(written: Any, index: int, zone: str, loose: Mapping[str, Any] | None = None) -> bool:
    """Whether an item passes conditions.

    Args:
        written: `{options, conditions, combinator}`, expressions evaluated.
        index: The item's, for errors.
        zone: Where times without an offset are.
        loose: Options that win over those written with the conditions.

    Raises:
        ItemFailed: When a value has another type than its operator.
    """
    options = _Options({**at(written, "options", default={}), **(loose or {})}, index, zone)
    conditions = rows(written, "conditions")
    results = (_passes(one, options, place) for place, one in enumerate(conditions))
    match at(written, "combinator", default="and"):
        case "and":
            return all(results)
        case "or":
            return any(results)
        case _:
            return False


def _passes(condition: dict[str, Any], options: _Options, place: int) -> bool:
    operator = condition.get("operator")
    kind = at(operator, "type", default="string")
    operation = at(operator, "operation", default="equals")
    right_kind = at(operator, "rightType", default=kind)
    is_single = at(operator, "singleValue") is True
    left = _typed(condition.get("leftValue"), kind, options, place)
    right = _typed(condition.get("rightValue"), right_kind, options, place, is_needed=not is_single)
    exists = left is not None and not is_nan(left)
    if operation in ("exists", "notExists"):
        return exists is (operation == "exists")
    test = _TESTS.get(kind)
    return test is not None and bool(test(operation, left, right, options))


def _typed(value: Any, kind: str, options: _Options, place: int, *, is_needed: bool = True) -> Any:
    if kind == "any" or value is None:
        return value
    if kind == "boolean" and not options.strict:
        if options.is_since(_ASK_TYPED):
            read = fields.converted(value, kind)
            if not isinstance(read, fields.Unfit):
                return read
        return truthy(value)
    if kind == "number":
        if is_nan(value):
            return value
        is_blank = value == [] or (isinstance(value, str) and not value.strip())
        if is_blank and options.is_since(_ASK_EMPTY):
            return None
    found = fields.converted(value, kind, strict=options.strict, texts=True, zone=options.zone)
    if not isinstance(found, fields.Unfit):
        return found
    if not is_needed:
        return None
    raise ItemFailed(options.index, _wrong(value, kind, options, place))


def _wrong(value: Any, kind: str, options: _Options, place: int) -> str:
    where = f"[condition {place}, item {options.index}]"
    one = f"{text(value)[:200]!r}"
    if options.strict:
        return (
            f"Wrong type: {one} is {_article(kind_of(value))} but was expecting {_article(kind)} "
            f"{where}"
        )
    wanted = _article(kind)
    return f"Conversion error: the {kind_of(value)} {one} can't be converted to {wanted} {where}"


def _article(noun: str) -> str:
    noun = noun.lower()
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


Test = Callable[[str, Any, Any, _Options], bool]


def _of_text(operation: str, left: Any, right: Any, options: _Options) -> bool:
    one, other = ("" if left is None else left), ("" if right is None else right)
    if operation in ("regex", "notRegex"):
        pattern = pattern_of(other, ignore_case=options.ignore_case)
        return found_in(pattern, one) == (operation == "regex")
    if options.ignore_case:
        one, other = _lower(one), _lower(other)
    match operation:
        case "empty" | "notEmpty":
            return (one == "") == (operation == "empty")
        case "equals" | "notEquals":
            return (one == other) == (operation == "equals")
        case "contains" | "notContains":
            return (other in one) == (operation == "contains")
        case "startsWith" | "notStartsWith":
            return bool(one.startswith(other)) == (operation == "startsWith")
        case "endsWith" | "notEndsWith":
            return bool(one.endswith(other)) == (operation == "endsWith")
        case _:
            return False


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda left, right: less(right, left),
    "lt": less,
    "gte": lambda left, right: at_most(right, left),
    "lte": at_most,
    "equals": strictly_equal,
    "notEquals": lambda left, right: not strictly_equal(left, right),
}


def _of_number(operation: str, left: Any, right: Any, _options: _Options) -> bool:
    if operation in ("empty", "notEmpty"):
        return (left is None or is_nan(left)) == (operation == "empty")
    order = _ORDERS.get(operation)
    if order is None:
        return False
    if left is None or right is None:
        # What is not there is neither smaller nor larger than any number.
        return operation in ("equals", "notEquals") and order(left, right)
    return order(left, right)


_OF_TIME = {
    "after": "gt",
    "before": "lt",
    "afterOrEquals": "gte",
    "beforeOrEquals": "lte",
    "equals": "equals",
    "notEquals": "notEquals",
}


def _of_date(operation: str, left: Any, right: Any, _options: _Options) -> bool:
    if operation in ("empty", "notEmpty"):
        return (left is None) == (operation == "empty")
    order = _ORDERS.get(_OF_TIME.get(operation, ""))
    if order is None or not isinstance(left, datetime) or not isinstance(right, datetime):
        return False
    return order(milliseconds(left), milliseconds(right))


def _of_boolean(operation: str, left: Any, right: Any, _options: _Options) -> bool:
    match operation:
        case "empty" | "notEmpty":
            return (left is None) == (operation == "empty")
        case "true":
            return truthy(left)
        case "false":
            return not truthy(left)
        case "equals" | "notEquals":
            return bool(left == right) == (operation == "equals")
        case _:
            return False


def _of_list(operation: str, left: Any, right: Any, options: _Options) -> bool:
    items = left if isinstance(left, list) else []
    if operation in ("contains", "notContains"):
        return _holds(items, right, options) == (operation == "contains")
    if operation in ("empty", "notEmpty"):
        return (not items) == (operation == "empty")
    if not operation.startswith("length"):
        return False
    name = operation.removeprefix("length")
    return _of_number(name[:1].lower() + name[1:], len(items), right, options)


def _holds(items: list[Any], value: Any, options: _Options) -> bool:
    if options.ignore_case and isinstance(value, str):
        return any(isinstance(one, str) and one.lower() == value.lower() for one in items)
    return any(strictly_equal(one, value) for one in items)


def _of_object(operation: str, left: Any, _right: Any, _options: _Options) -> bool:
    if operation in ("empty", "notEmpty"):
        return (not left) == (operation == "empty")
    return False


_TESTS: Mapping[str, Test] = {
    "string": _of_text,
    "number": _of_number,
    "dateTime": _of_date,
    "boolean": _of_boolean,
    "array": _of_list,
    "object": _of_object,
}
