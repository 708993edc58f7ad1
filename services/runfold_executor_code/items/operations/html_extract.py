"""`htmlExtract`: what `html` does now: pages taken apart by CSS selectors."""

from __future__ import annotations

from runfold_executor_code.items.operations.html import extracted
from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """An item for each page."""
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            made += extracted(step, step.of(index), item, index)
    return [made]
