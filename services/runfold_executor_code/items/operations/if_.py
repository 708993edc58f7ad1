"""`if`: items that pass conditions to the first output, all others to the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.comparisons import of_rules
from runfold_executor_code.items.conditions import passes
from runfold_executor_code.items.parameters import at, options_of
from runfold_executor_code.items.step import Made, Step

_TYPED = 2
"""The version since which conditions have types."""


def run(step: Step) -> list[list[Made]]:
    """The items that pass, and those that do not."""
    kept, others = divided(step)
    return [kept, others]


def divided(step: Step) -> tuple[list[Made], list[Made]]:
    """Items by whether they pass the conditions of If or Filter."""
    kept: list[Made] = []
    others: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            passed = _passes(step, index)
            made = Made(item["json"], item.get("binary"), paired=(0, index))
            (kept if passed else others).append(made)
    return kept, others


def _passes(step: Step, index: int) -> bool:
    written = step.of(index)
    conditions = written.get("conditions")
    if step.version < _TYPED:
        every = written.get("combineOperation", written.get("combineConditions", "all"))
        return of_rules(conditions, index, step.timezone, every=every in ("all", "AND"))
    return passes(conditions, index, step.timezone, loosened(written, conditions))


def loosened(written: Mapping[str, Any], conditions: Any) -> dict[str, Any]:
    """Options of conditions that a node's parameters say where the conditions do not.

    Where nothing says so, values are converted, and case does not count.
    """
    options = options_of(written)
    said = at(conditions, "options", default={})
    found: dict[str, Any] = {}
    if "typeValidation" not in said:
        is_loose = written.get("looseTypeValidation", options.get("looseTypeValidation"))
        found["typeValidation"] = "strict" if is_loose is False else "loose"
    if "caseSensitive" not in said:
        found["caseSensitive"] = options.get("ignoreCase") is False
    return found
