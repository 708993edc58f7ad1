"""`filesOf`: the file of each item that a store holds, for a native node that reads it.

Gives an item for each: `{file}`, a native file value, or null where the item has its bytes itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.values.files import is_file
from runfold_executor_code.items.step import Item, Made, Step


def run(step: Step) -> list[list[Made]]:
    """The files, in the order of the items."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            name = str(step.of(index).get("binaryPropertyName") or "data")
            made.append(Made({"file": stored(item, name)}, paired=(0, index)))
    return [made]


def stored(item: Item, name: str) -> Any:
    """The native file value behind a file of an item; None where there is none."""
    files = item.get("binary")
    found = files.get(name) if isinstance(files, Mapping) else None
    inner = found.get("file") if isinstance(found, Mapping) else None
    return next((one for one in (inner, found) if is_file(one)), None)
