"""`sort`: items by their fields, or in an order of chance. Sorting by code is a program."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cmp_to_key
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, less, same
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import Item, Made, Step, StepFailed


def run(step: Step) -> list[list[Made]]:
    """The items in order.

    Raises:
        StepFailed: When no item has a field that they are to be sorted by.
    """
    written = step.of()
    places = list(range(len(step.items)))
    match word(written.get("type"), "simple"):
        case "simple":
            places = _by_fields(step.items, written)
        case "random":
            random.Random(f"{step.node} {step.run_index} {step.now}").shuffle(places)  # noqa: S311 -- an order, no secret
        case "code":
            raise StepFailed("the code to sort by has no `return`")
        case other:
            raise StepFailed(f"there is no type of sorting {other!r}")
    return [
        [
            Made(step.items[at]["json"], step.items[at].get("binary"), paired=(0, at))
            for at in places
        ]
    ]


def _by_fields(items: list[Item], written: Mapping[str, Any]) -> list[int]:
    dotted = not flag(options_of(written).get("disableDotNotation"))
    fields = [
        (word(one.get("fieldName")), one.get("order") == "descending")
        for one in rows(written, "sortFieldsUi", "sortField")
    ]
    if not fields:
        raise StepFailed("No sorting specified: add a field to sort by")
    values = [[found(item["json"], name, dotted=dotted) for name, _ in fields] for item in items]
    for at, (name, _) in enumerate(fields):
        if items and all(row[at] is MISSING for row in values):
            raise StepFailed(f"Couldn't find the field '{name}' in the input data")

    def compared(left: int, right: int) -> int:
        for at, (_, is_descending) in enumerate(fields):
            order = _order(values[left][at], values[right][at])
            if order:
                return -order if is_descending else order
        return 0

    return sorted(range(len(items)), key=cmp_to_key(compared))


def _order(left: Any, right: Any) -> int:
    """Texts are compared without regard to case."""
    one = left.lower() if isinstance(left, str) else left
    other = right.lower() if isinstance(right, str) else right
    if same(one, other):
        return 0
    return -1 if less(one, other) else 1
