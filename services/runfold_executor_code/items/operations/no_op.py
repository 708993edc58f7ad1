"""`noOp`: the items as they are. Triggers that are given items pass them on so too."""

from __future__ import annotations

from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """All items of the first input, unchanged."""
    return [
        [
            Made(item["json"], item.get("binary"), paired=(0, index))
            for index, item in enumerate(step.items)
        ]
    ]
