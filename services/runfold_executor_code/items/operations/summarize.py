"""`summarize`: sums, counts, lists … of fields, of all items or by the values of other fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.javascript_values import (
    MISSING,
    is_nan,
    is_number,
    json_text,
    less,
    number,
    plain,
    text,
    truthy,
)
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import found, names_in
from runfold_executor_code.items.step import Made, Step, StepFailed

_KEEPS_TYPES = 1
"""The version after which the values to split by keep their types, and a field may be missing."""
_NAMES = {
    "append": "appended_",
    "average": "average_",
    "concatenate": "concatenated_",
    "count": "count_",
    "countUnique": "unique_count_",
    "max": "max_",
    "min": "min_",
    "sum": "sum_",
}
_BRACKETS = re.compile(r'[\]\["]')
_SPACES = re.compile(r"[ .]")


class _Field(msgspec.Struct, frozen=True):
    """What is asked of one field."""

    aggregation: str
    name: str
    keeps_empty: bool
    separator: str


class _Group(msgspec.Struct, frozen=True):
    """Items with the same values."""

    keys: tuple[str, ...]
    places: list[int]


def run(step: Step) -> list[list[Made]]:
    """An item for each group, or one with all of them inside each other.

    Raises:
        StepFailed: When no field is named, or none of the items has one that is.
    """
    written = step.of()
    options = options_of(written)
    fields = [_field(one) for one in rows(written, "fieldsToSummarize", "values")]
    if not any(one.name for one in fields):
        raise StepFailed(
            "You need to add at least one aggregation to 'Fields to Summarize' with non empty "
            "'Field'"
        )
    dotted = not flag(options.get("disableDotNotation"))
    _check(step, fields, options, dotted=dotted)
    by = names_in(written.get("fieldsToSplitBy"))
    groups = list(_groups(step, by, options, list(range(len(step.items))), (), dotted=dotted))
    if options.get("outputFormat") == "singleItem":
        whole: dict[str, Any] = {}
        for group in groups:
            _place(whole, group.keys, _values(step, fields, group, dotted=dotted))
        return [[Made(whole, paired=tuple((0, at) for at in range(len(step.items))))]]
    names = [_named(one) for one in by]
    keeps_types = step.version > _KEEPS_TYPES
    made = []
    for group in groups:
        keys: list[Any] = list(group.keys)
        if keeps_types and keys:
            keys[0] = _typed(keys[0])
        json = {
            **dict(zip(names, keys, strict=True)),
            **_values(step, fields, group, dotted=dotted),
        }
        made.append(Made(json, paired=tuple((0, at) for at in group.places)))
    return [made]


def _field(one: Mapping[str, Any]) -> _Field:
    separator = one.get("separateBy", ",")
    if separator == "other":
        separator = one.get("customSeparator")
    return _Field(
        aggregation=word(one.get("aggregation"), "count"),
        name=word(one.get("field")),
        keeps_empty=flag(one.get("includeEmpty")),
        separator="," if separator is None else text(separator),
    )


def _check(step: Step, fields: list[_Field], options: Mapping[str, Any], *, dotted: bool) -> None:
    if step.version > _KEEPS_TYPES or flag(options.get("continueIfFieldNotFound")):
        return
    for one in fields:
        values = (found(item["json"], one.name, dotted=dotted) for item in step.items)
        if one.name and all(value is MISSING for value in values):
            raise StepFailed(f"The field '{one.name}' does not exist in any items")


def _groups(
    step: Step,
    by: list[str],
    options: Mapping[str, Any],
    places: list[int],
    keys: tuple[str, ...],
    *,
    dotted: bool,
) -> Iterator[_Group]:
    if not by:
        yield _Group(keys, places)
        return
    groups: dict[str, list[int]] = {}
    for place in places:
        value = found(step.items[place]["json"], by[0], dotted=dotted)
        if value is None or isinstance(value, list | dict):
            value = json_text(value)
        if flag(options.get("skipEmptySplitFields")) and not is_number(value) and not truthy(value):
            continue
        groups.setdefault(text(value), []).append(place)
    for key in _in_order(groups):
        yield from _groups(step, by[1:], options, groups[key], (*keys, key), dotted=dotted)


def _in_order(groups: Mapping[str, Any]) -> list[str]:
    """Names as JavaScript lists them: whole numbers first, by size."""
    numbers = [one for one in groups if one.isdecimal() and str(int(one)) == one]
    others = [one for one in groups if one not in set(numbers)]
    return [*sorted(numbers, key=int), *others]


def _place(whole: dict[str, Any], keys: tuple[str, ...], values: dict[str, Any]) -> None:
    if not keys:
        whole.update(values)
        return
    for key in keys[:-1]:
        whole = whole.setdefault(key, {})
    whole[keys[-1]] = values


def _typed(key: str) -> Any:
    read = number(key)
    return None if key == "null" else key if is_nan(read) else read


def _named(field: str) -> str:
    return _SPACES.sub("_", _BRACKETS.sub("", field))


def _values(step: Step, fields: list[_Field], group: _Group, *, dotted: bool) -> dict[str, Any]:
    made = {}
    for one in fields:
        values = [found(step.items[at]["json"], one.name, dotted=dotted) for at in group.places]
        way = _WAYS.get(one.aggregation, _count)
        made[_named(f"{_NAMES.get(one.aggregation, 'undefined')}{one.name}")] = way(one, values)
    return made


def _is_empty(value: Any) -> bool:
    return value is MISSING or value is None or value == ""


def _kept(field: _Field, values: list[Any]) -> list[Any]:
    return values if field.keeps_empty else [one for one in values if not _is_empty(one)]


def _append(field: _Field, values: list[Any]) -> Any:
    return [None if one is MISSING else one for one in _kept(field, values)]


def _concatenate(field: _Field, values: list[Any]) -> Any:
    parts = [
        json_text(one) if one is None or isinstance(one, list | dict) else text(one)
        for one in _kept(field, values)
    ]
    return field.separator.join(parts)


def _sum(_field: _Field, values: list[Any]) -> Any:
    total: float = 0
    for one in values:
        if is_number(one):
            total += one
    return plain(total)


def _average(field: _Field, values: list[Any]) -> Any:
    count = sum(map(is_number, values))
    return plain(_sum(field, values) / count) if count else None


def _min(_field: _Field, values: list[Any]) -> Any:
    best = None
    for one in values:
        if not _is_empty(one) and (best is None or less(one, best)):
            best = one
    return best


def _max(_field: _Field, values: list[Any]) -> Any:
    best = None
    for one in values:
        if not _is_empty(one) and (best is None or less(best, one)):
            best = one
    return best


def _count(field: _Field, values: list[Any]) -> Any:
    return len(_kept(field, values))


def _count_unique(field: _Field, values: list[Any]) -> Any:
    seen: list[Any] = []
    marks = set()
    for one in _kept(field, values):
        is_object = isinstance(one, list | dict)
        mark = (id(one) if is_object else text(one), type(one) if not is_number(one) else float)
        if mark not in marks:
            marks.add(mark)
            seen.append(one)
    return len(seen)


_WAYS: Mapping[str, Callable[[_Field, list[Any]], Any]] = {
    "append": _append,
    "average": _average,
    "concatenate": _concatenate,
    "count": _count,
    "countUnique": _count_unique,
    "max": _max,
    "min": _min,
    "sum": _sum,
}
