"""`itemLists`: what are nodes of their own now: lists of items split, joined, sorted, cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runfold_executor_code.items.operations import (
    aggregate,
    limit,
    remove_duplicates,
    sort,
    split_out,
    summarize,
)
from runfold_executor_code.items.parameters import rows, word
from runfold_executor_code.items.step import ItemFailed, Made, Operation, Step, StepFailed

_NEW = 3
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
    resolved = tuple(one if isinstance(one, ItemFailed) else _plainly(one) for one in step.resolved)
    # A field that is null in some items is one of any type there since version 3.1.
    is_lenient = name == "removeDuplicates" and step.version > _NEW
    return operation(replace(step, resolved=resolved, version=1.1 if is_lenient else 1))


def _plainly(written: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the nodes of their own have them."""
    made = dict(written)
    for name in _LISTED:
        listed = rows(written, name, "fields")
        if listed:
            made[name] = ",".join(word(one.get("fieldName")) for one in listed)
    if "aggregate" not in made and word(made.get("operation")) == "aggregateItems":
        made["aggregate"] = "aggregateIndividualFields"
    return made
