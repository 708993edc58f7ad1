"""`resolve`: items as they are; the parameters of each, expressions evaluated, are its `resolved`.

For native nodes that do a node's work for each item and have to be told what n8n's node would know.
"""

from __future__ import annotations

from typing import Any

from runfold_executor_code.items.step import ItemFailed, Made, Step


def run(step: Step) -> list[list[Made]]:
    """All items of the first input.

    Raises:
        ItemFailed: When an expression of an item failed and the node does not go on.
    """
    for one in step.resolved:
        if isinstance(one, ItemFailed) and not step.goes_on:
            raise one
    return [
        [
            Made(item["json"], item.get("binary"), paired=(0, index))
            for index, item in enumerate(step.items)
        ]
    ]


def parameters_of(step: Step) -> list[dict[str, Any]]:
    """The parameters of each item; of one whose expressions failed, nothing but the `error`."""
    return [
        {"error": one.message} if isinstance(one, ItemFailed) else one
        for one in step.resolved[: max(1, len(step.items))]
    ]
