"""The facts about rounds and called workflows: a part of the union in `events`."""

from __future__ import annotations

from typing import Any

from runfold.contracts.envelope import NodeEvent
from runfold.errors import Failure


class LoopStarted(NodeEvent, frozen=True, kw_only=True):
    """A loop, iteration, batch or parallel node began; what it goes through is recorded here."""

    items: list[Any] = []
    """The items, or the names of the branches."""
    concurrency: int = 1
    total: int | None = None
    """Most rounds, where they are not for items."""
    variables: dict[str, Any] = {}
    """What loop variables begin as."""
    delay: float = 0.0
    """Seconds between rounds or batches."""
    batch_size: int = 0
    item_timeout: float | None = None
    """Seconds one item, round or branch may take."""


class LoopNext(NodeEvent, frozen=True, kw_only=True):
    """Item or round `index` of a loop begins as a child scope."""

    index: int


class LoopItemSucceeded(NodeEvent, frozen=True, kw_only=True):
    """Item or round `index` came to a result."""

    index: int
    output: Any = None
    last: bool = False
    """Whether the loop ends with it: by `break` or a condition."""


class LoopItemFailed(NodeEvent, frozen=True, kw_only=True):
    """Item `index` failed, and the loop goes on without its result."""

    index: int
    error: Failure


class LoopSucceeded(NodeEvent, frozen=True, kw_only=True):
    """All items ended; `outputs` is what `{{node.…}}` reads, and completes the node."""

    outputs: dict[str, Any] = {}


class LoopFailed(NodeEvent, frozen=True, kw_only=True):
    """An item failed, and with it the loop."""

    error: Failure
    index: int = 0


class ParallelBranchStarted(LoopNext, frozen=True, kw_only=True):
    """A branch of a parallel node begins as a child scope."""

    branch: str


class ParallelBranchSucceeded(LoopItemSucceeded, frozen=True, kw_only=True):
    """A branch came to a result."""

    branch: str


class ParallelBranchFailed(LoopItemFailed, frozen=True, kw_only=True):
    """A branch failed, and the others go on."""

    branch: str


class SubWorkflowStarted(NodeEvent, frozen=True, kw_only=True):
    """A workflow begins as a part of this run, in the scope `node[index]`."""

    workflow: str
    """Its id."""
    version: str = ""
    """Of a stored one: the version that was pinned when the run began."""
    index: int = 0
    """0, and one more with each retry of the node."""
    values: dict[str, Any] = {}
    """Its inputs and variables by name."""
