"""`aggregate`: all items as one: the values of single fields, or the items themselves, in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, json_text, same
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import found, names_in, put
from runfold_executor_code.items.step import Made, Step, StepFailed

_GROUPS = "groupByFields"


def run(step: Step) -> list[list[Made]]:
    """One item; one for each group, where fields to group by are named.

    Raises:
        StepFailed: When a field is named twice, or no field.
    """
    written = step.of()
    by = names_in(options_of(written).get(_GROUPS, written.get(_GROUPS)))
    if not by:
        return [[_gathered(step, written, list(range(len(step.items))), {})]]
    groups: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for index, item in enumerate(step.items):
        values = {name: _scalar(found(item["json"], name), name) for name in by}
        groups.setdefault(json_text(values), (values, []))[1].append(index)
    return [[_gathered(step, written, places, values) for values, places in groups.values()]]


def _scalar(value: Any, name: str) -> Any:
    if isinstance(value, dict | list):
        message = f'Field "{name}" has a non-scalar value which cannot be used for grouping.'
        raise StepFailed(message)
    return None if value is MISSING else value


def _gathered(
    step: Step, written: Mapping[str, Any], places: list[int], group: Mapping[str, Any]
) -> Made:
    json: dict[str, Any] = {}
    for name, value in group.items():
        put(json, name, value)
    kept = places
    if word(written.get("aggregate"), "aggregateIndividualFields") == "aggregateAllItemData":
        kept = _all_data(step, written, places, json)
    else:
        _single_fields(step, written, places, json)
    return Made(json, _files(step, written, kept), paired=tuple((0, place) for place in kept))


def _single_fields(
    step: Step, written: Mapping[str, Any], places: list[int], json: dict[str, Any]
) -> None:
    options = options_of(written)
    dotted = not flag(options.get("disableDotNotation"))
    listed = rows(written, "fieldsToAggregate", "fieldToAggregate")
    if not listed and "fieldsToAggregate" in written:
        raise StepFailed("No fields specified: add a field to aggregate")
    used: set[str] = set()
    for one in listed:
        field = word(one.get("fieldToAggregate"))
        renamed = word(one.get("outputFieldName")) if flag(one.get("renameField")) else ""
        if (renamed or field) in used:
            raise StepFailed(f"The '{renamed or field}' output field is used more than once")
        used.add(renamed or field)
        if not field:
            continue
        name = renamed or (field.rpartition(".")[2] if dotted else field)
        values: list[Any] = []
        for place in places:
            value = found(step.items[place]["json"], field, dotted=dotted)
            values += _taken(value, options)
        put(json, name, values, dotted=dotted)


def _taken(value: Any, options: Mapping[str, Any]) -> list[Any]:
    """What a value adds to a list."""
    if not flag(options.get("keepMissing")):
        if value is None or value is MISSING:
            return []
        if isinstance(value, list):
            value = [one for one in value if one is not None]
    if isinstance(value, list) and flag(options.get("mergeLists")):
        return value
    return [None if value is MISSING else value]


def _all_data(
    step: Step, written: Mapping[str, Any], places: list[int], json: dict[str, Any]
) -> list[int]:
    """Put all items into one list; gives the places of those that are in it."""
    include = written.get("include", "allFields")
    without = names_in(written.get("fieldsToExclude")) if include != "specifiedFields" else []
    only = names_in(written.get("fieldsToInclude")) if include != "allFieldsExcept" else []
    listed, kept = [], []
    for place in places:
        fields = step.items[place]["json"]
        if without or only:
            fields = {
                key: value
                for key, value in fields.items()
                if key not in without and (not only or key in only)
            }
            if not fields:
                continue
        listed.append(fields)
        kept.append(place)
    json[word(written.get("destinationFieldName"), "data")] = listed
    return kept


def _files(step: Step, written: Mapping[str, Any], places: list[int]) -> dict[str, Any] | None:
    options = options_of(written)
    if not flag(options.get("includeBinaries")):
        return None
    files: dict[str, Any] = {}
    for place in places:
        for key, value in (step.items[place].get("binary") or {}).items():
            is_known = any(same(value, one) for one in files.values())
            if flag(options.get("keepOnlyUnique")) and is_known:
                continue
            name, at = key, 0
            while name in files:
                at += 1
                name = f"{key}_{at}"
            files[name] = value
    return files or None
