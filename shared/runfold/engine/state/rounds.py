"""How far a loop, an iteration, a batch or a set of parallel branches is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from rpds import HashTrieMap

from runfold.contracts.events import LoopStarted
from runfold.engine.state.open_scopes import OpenScopes
from runfold.errors import Failure
from runfold.graph.kinds.loop import keeps_all
from runfold.graph.plan.plan import PlanNode

if TYPE_CHECKING:
    Results = HashTrieMap[int, Any]
    Failures = HashTrieMap[int, Failure]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Results = Failures = HashTrieMap


ONLY_BODY = ""
"""The name of a body that is the composite's only one."""


class Rounds(OpenScopes, frozen=True, tag="rounds"):
    """A composite that runs a body again and again: one scope for each item, round or branch."""

    items: list[Any] = msgspec.field(default_factory=list)
    """One scope for each; empty where rounds are not for items."""
    branches: tuple[str, ...] = ()
    """Of parallel branches: the name of the body that each scope runs."""
    concurrency: int = 1
    total: int | None = None
    """Most scopes; None: one for each item or branch."""
    results: Results = HashTrieMap()
    keeps_all: bool = True
    """Whether the results of all scopes are kept, or only that of the last one."""
    failed: Failures = HashTrieMap()
    """Scopes that failed and were tolerated."""
    last: bool = False
    """Whether no further scope begins."""
    delay: float = 0.0
    """Seconds between rounds or batches."""
    batch_size: int = 0
    """Scopes of a batch; 0: there are no batches."""
    item_timeout: float | None = None
    next_due: float | None = None
    """When the pause before the next scope ends."""

    @property
    def count(self) -> int:
        """Most scopes that may be opened."""
        return len(self.branches or self.items) if self.total is None else self.total

    def body_name(self, index: int) -> str:
        """The name of the body that a scope runs; empty where there is only one."""
        return self.branches[index] if self.branches else ""

    def names_inside(self, index: int) -> dict[str, Any]:
        """What this composite's own names mean inside a scope."""
        if self.branches:
            return {}
        names = {**self.variables, "index": index}
        if self.items and index < len(self.items):
            names["item"] = self.items[index]
        if self.batch_size:
            names["batch_index"] = index // self.batch_size
        return names


def rounds_of(planned: PlanNode, event: LoopStarted) -> Rounds:
    """Rounds that have just begun."""
    named = ONLY_BODY not in planned.bodies
    return Rounds(
        items=[] if named else event.items,
        branches=tuple(event.items) if named else (),
        concurrency=event.concurrency,
        total=event.total,
        variables=event.variables,
        delay=event.delay,
        batch_size=event.batch_size,
        item_timeout=event.item_timeout,
        keeps_all=keeps_all(planned.config),
    )
