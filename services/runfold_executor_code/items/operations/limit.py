"""`limit`: the first or the last of the items."""

from __future__ import annotations

from runfold_executor_code.items.parameters import count
from runfold_executor_code.items.step import Made, Step


def run(step: Step) -> list[list[Made]]:
    """So many items at most."""
    written = step.of()
    most = max(0, count(written.get("maxItems"), 1))
    kept = [
        Made(item["json"], item.get("binary"), paired=(0, index))
        for index, item in enumerate(step.items)
    ]
    if len(kept) <= most:
        return [kept]
    return [kept[len(kept) - most :] if written.get("keep") == "lastItems" else kept[:most]]
