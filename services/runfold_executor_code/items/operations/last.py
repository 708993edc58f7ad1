"""`last`: what a workflow gives: the items of the last of its ends that has any."""

from __future__ import annotations

from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """The items of the last input that has items; the inputs are the ends, in order."""
    for place in range(len(step.inputs) - 1, -1, -1):
        items = step.inputs[place]
        if items:
            return [
                [
                    Made(item["json"], item.get("binary"), paired=(place, at))
                    for at, item in enumerate(items)
                ]
            ]
    return [[]]
