"""`testData`: items that stand in the node itself, as n8n's own tests of its nodes have them."""

from __future__ import annotations

from runfold_executor_code.items.fields import parsed
from runfold_executor_code.items.reading import item_of
from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """An item for each member of the list in `data`."""
    data = step.of().get("data")
    listed = parsed(data) if isinstance(data, str) else data
    made = [item_of(one) for one in (listed if isinstance(listed, list) else [listed])]
    return [[Made(item["json"], item.get("binary"), paired=(0, 0)) for item in made]]
