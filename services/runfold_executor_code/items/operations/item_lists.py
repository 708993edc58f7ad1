"""`itemLists`: what are nodes of their own now: lists of items split, joined, sorted, cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runfold_executor_code.items.javascript_values import MISSING
from runfold_executor_code.items.operations import (
    aggregate,
    limit,
    remove_duplicates,
    sort,
    split_out,
    summarize,
)
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import ItemFailed, Made, Operation, Step, StepFailed

_NEW = 3
_FORGIVING = 2.1
"""The version since which a field that no item has gives nothing, without a failure."""
_LISTED = ("fieldsToExclude", "fieldsToInclude", "fieldsToCompare", "fieldsToSplitBy")
"""Parameters that versions 1 and 2 write as lists of `{fieldName}`."""
_OPERATIONS: Mapping[str, Operation] = {
    "splitOutItems": split_out.run,
    "aggregateItems": aggregate.run,
    "concatenateItems": aggregate.run,
    "removeDuplicates": remove_duplicates.run,
    "sort": sort.run,
    "limit": limit.run,
    "summarize": summarize.run,
}


def run(step: Step) -> list[list[Made]]:
    """What the operation gives that is named.

    Raises:
        StepFailed: When there is none of that name.
    """
    name = word(step.of().get("operation"), "splitOutItems")
    operation = _OPERATIONS.get(name)
    if operation is None:
        raise StepFailed(f"there is no operation {name!r}: known are {', '.join(_OPERATIONS)}")
    is_strict = step.version < _FORGIVING
    resolved: tuple[Mapping[str, Any] | ItemFailed, ...] = tuple(
        one if isinstance(one, ItemFailed) else _plainly(one, is_strict=is_strict)
        for one in step.resolved
    )
    if is_strict and name == "splitOutItems":
        resolved = tuple(_split(one, step, index) for index, one in enumerate(resolved))
    # Since version 3.1 a field may be of another type in each item.
    is_lenient = name == "removeDuplicates" and step.version > _NEW
    made = replace(step, resolved=resolved, version=remove_duplicates.UNTYPED if is_lenient else 1)
    if is_strict and operation is aggregate.run:
        _demand_fields(made)
    return operation(made)


def _demand_fields(step: Step) -> None:
    """Fail where no item has a field that is gathered."""
    written = step.of()
    options = options_of(written)
    if word(written.get("aggregate")) == "aggregateAllItemData" or flag(options.get("keepMissing")):
        return
    dotted = not flag(options.get("disableDotNotation"))
    for one in rows(written, "fieldsToAggregate", "fieldToAggregate"):
        field = word(one.get("fieldToAggregate"))
        values = (found(item["json"], field, dotted=dotted) for item in step.items)
        if all(value is MISSING for value in values):
            raise StepFailed(f"Couldn't find the field '{field}' in the input data")


def _split(
    written: Mapping[str, Any] | ItemFailed, step: Step, index: int
) -> Mapping[str, Any] | ItemFailed:
    """The parameters of an item; its failure where it has no list in the field."""
    if isinstance(written, ItemFailed) or index >= len(step.items):
        return written
    field = word(written.get("fieldToSplitOut"))
    dotted = not flag(options_of(written).get("disableDotNotation"))
    value = found(step.items[index]["json"], field, dotted=dotted)
    if value is MISSING:
        return ItemFailed(index, f"Couldn't find the field '{field}' in the input data")
    if not isinstance(value, list | dict):
        return ItemFailed(index, f"The provided field '{field}' is not an array or object")
    return written


def _plainly(written: Mapping[str, Any], *, is_strict: bool) -> dict[str, Any]:
    """Parameters as the nodes of their own have them."""
    made = dict(written)
    for name in _LISTED:
        listed = rows(written, name, "fields")
        if listed:
            made[name] = ",".join(word(one.get("fieldName")) for one in listed)
    if "aggregate" not in made and word(made.get("operation")) == "aggregateItems":
        made["aggregate"] = "aggregateIndividualFields"
    if not is_strict:
        made["options"] = {"continueIfFieldNotFound": True, **options_of(written)}
    return made
