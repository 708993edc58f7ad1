"""How far one node of a run is, in one scope. Legal transitions are in `evolve.nodes`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.events import InputReceived, NodeRunWaiting, Usage
from runfold.engine.state.composites import Composite
from runfold.errors import Failure

NodeStatus = Literal[
    "ready",  # every incoming edge is decided, at least one is taken
    "skipping",  # every incoming edge is decided, none is taken
    "running",  # an executor has begun the attempt
    "joining",  # a join some of whose branches are decided, not enough of them
    "active",  # a composite that has begun: what happens next happens inside it
    "waiting",  # for a person, a time or an event
    "answered",  # a person answered, the event arrived or the time is up
    "extracted",  # fields were taken out of the answer; whether all, the node has to decide
    "failing",  # the attempt failed; whether the node did, is not decided yet
    "backing_off",  # another attempt follows at a due time
    "cancelling",  # a join went on without it; its cancellation is not recorded yet
    "succeeded",
    "exception",  # failed for good, and the run goes on
    "skipped",
    "cancelled",
]

ENDED: frozenset[NodeStatus] = frozenset({"succeeded", "exception", "skipped", "cancelled"})
"""Statuses that nothing follows."""
GAVE_OUTPUTS: frozenset[NodeStatus] = frozenset({"succeeded", "exception"})
"""Statuses in which a node's outputs may be read."""


class NodeState(msgspec.Struct, frozen=True, array_like=True):
    """One node in one scope."""

    status: NodeStatus
    attempt: int = 1
    outputs: dict[str, Any] = {}
    port: str = ""
    """Port at which the node ended: its edges are taken."""
    error: Failure | None = None
    usage: Usage | None = None
    started_at: float | None = None
    finished_at: float | None = None
    changed_at: float = 0.0
    """Stream time of the event that led to the status."""
    due: float | None = None
    """When a back-off ends."""
    waiting: NodeRunWaiting | None = None
    answer: InputReceived | None = None
    """None in status `answered`: the time is up."""
    composite: Composite | None = None
    """Set once a composite has begun."""
    ports: tuple[str, ...] = ()
    """Ports at which a selector ended that may take several."""
    timed_out: bool = False
    """Whether a join goes on because its time is up."""
    backup: bool = False
    """Whether the attempt is the one with the backup: none follows it."""
