"""What an operation is given, and what it gives: `Step`, `Made`, `ItemFailed`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from runfold.graph.kinds.items import ItemSettings

Item = dict[str, Any]
"""`{"json": {…}, "binary"?: {…}, "pairedItem"?: …}`."""
Links = Mapping[str, Any]
"""Name of a node → where an item of its is among those that the item was made of: its index in the
first output; `[output, index, round, run]` where any of these is not the first; null where there
are several."""
Run = tuple[int, ...]
"""The name of one of several runs of a node in the same round; those of nodes after it begin so."""
RUN_IN_PLACE = 3
"""Where the run stands in the place of an item."""
Paired = tuple[int, int] | tuple[tuple[int, int], ...] | None
"""The item an item was made of, as input and index; several; or None, where it is not known."""


_WHOLE: Mapping[str, float] = {
    **dict.fromkeys(("splitOut", "aggregate", "sort", "limit", "summarize", "itemLists"), 99),
    **dict.fromkeys(("merge", "compareDatasets", "stopAndError", "moveBinaryData"), 99),
    "set": 3,
    "if": 2,
    "filter": 2,
    "removeDuplicates": 2,
}
"""Operations whose errors are always of the whole step in n8n, below the version at which they
became those of an item."""


class ItemFailed(Exception):
    """An item that an operation could not do."""

    def __init__(self, index: int, message: str) -> None:
        """Take the item's index in input 0, and what was wrong and what to do about it."""
        super().__init__(message)
        self.index = index
        self.message = message


Resolved = tuple[dict[str, Any] | ItemFailed, ...]
"""Parameters with their expressions evaluated, for each item of input 0; at least one."""


class StepFailed(Exception):
    """A step that cannot be done for any item. The text says what was wrong and what to do."""


class Made(msgspec.Struct, frozen=True):
    """An item that an operation gives."""

    json: dict[str, Any]
    binary: dict[str, Any] | None = None
    paired: Paired = None
    links: Links | None = None
    """What it was made of, where that is known otherwise than by the items of this step."""


class Failed(msgspec.Struct, frozen=True):
    """An item whose error is passed on, as the node's settings want it."""

    index: int
    message: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One run of an operation.

    An operation that goes item by item does each one inside `guarded`, so that an item's error is
    its own where the node goes on after errors:

        for index, item in enumerate(step.items):
            with step.guarded(index):
                name = step.of(index)["name"]
                made.append(Made({"hello": name}, paired=(0, index)))
    """

    operation: str
    version: float
    node: str = ""
    parameters: dict[str, Any]
    """As they are written: expressions begin with `=`."""
    resolved: Resolved
    """Read it with `of`."""
    inputs: tuple[list[Item], ...]
    """The items of each input. Not to be changed: give copies."""
    links: tuple[list[Links], ...] = ()
    """Of each input, what each of its items was made of."""
    settings: ItemSettings = ItemSettings()
    results: Any = None
    state: Any = None
    """What was kept in the round before; `new_state` is kept for the next."""
    new_state: list[Any] = []
    """At most one value, appended by the operation."""
    run_index: int = 0
    timezone: str = "UTC"
    now: float = 0.0
    """Milliseconds since 1970 at which the attempt began."""
    failed: list[Failed] = []
    """Errors of items that are passed on, gathered by `guarded`."""

    @property
    def items(self) -> list[Item]:
        """The items of the first input."""
        return self.inputs[0] if self.inputs else []

    @property
    def goes_on(self) -> bool:
        """Whether an item's error does not end the step."""
        return self.settings.on_error != "stop"

    def of(self, index: int = 0) -> dict[str, Any]:
        """The parameters of an item, expressions evaluated.

        Raises:
            ItemFailed: When one of its expressions failed.
        """
        at = index if index < len(self.resolved) else 0
        found = self.resolved[at]
        if isinstance(found, ItemFailed):
            raise found
        return found

    @contextmanager
    def guarded(self, index: int) -> Iterator[None]:
        """Do one item: what fails inside is kept as its error where the node goes on after errors.

        Raises:
            ItemFailed: When the node does not, or the operation fails as a whole.
        """
        try:
            yield
        except ItemFailed as error:
            if not self.goes_on or self.version < _WHOLE.get(self.operation, 0):
                raise
            self.failed.append(Failed(index, error.message))


Operation = Callable[[Step], list[list[Made]]]
"""The items of each output. Raises `ItemFailed` or `StepFailed`."""
