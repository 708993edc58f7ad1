"""What a run is at one point of its log: frozen, and cheap to step forward.

A step copies nothing but what changed: maps are persistent (`rpds`), so holding an older state, or
stepping a copy ahead of the log, is free.

Which event leads from which status to which is in `transitions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from rpds import HashTrieMap

from runfold.contracts.events import InputReceived, NodeRunWaiting, Origin, Usage
from runfold.errors import Failure

NodeStatus = Literal[
    "ready",  # every incoming edge is decided, at least one is taken
    "skipping",  # every incoming edge is decided, none is taken
    "running",  # an executor has begun the attempt
    "looping",  # items of a composite are under way
    "waiting",  # for a person, a time or an event
    "answered",  # the person answered, the event or the time came
    "extracted",  # fields were taken out of the answer; whether all is for the node to say
    "failing",  # the attempt failed; whether the node did is still to be decided
    "backing_off",  # another attempt follows at a due time
    "succeeded",
    "exception",  # failed for good, and the run goes on
    "skipped",
]

ENDED: frozenset[NodeStatus] = frozenset({"succeeded", "exception", "skipped"})

RunStatus = Literal[
    "queued",  # waits for a place among the runs of its concurrency key
    "running",
    "paused",  # nothing new begins
    "succeeded",
    "partial_succeeded",
    "failed",
    "cancelled",
]

UNENDED: frozenset[str] = frozenset({"queued", "running", "paused"})
"""Statuses of a run that has not ended."""


if TYPE_CHECKING:
    Failures = HashTrieMap[int, Failure]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Failures = HashTrieMap


class Loop(msgspec.Struct, frozen=True):
    """How far a loop is."""

    items: list[Any]
    concurrency: int
    begun: int = 0
    """Items whose scope was opened: 0 to begun - 1."""
    ended: int = 0
    failed: Failures = HashTrieMap()
    """Items that failed and were tolerated."""


class NodeState(msgspec.Struct, frozen=True, array_like=True):
    """One node in one scope."""

    status: NodeStatus
    attempt: int = 1
    outputs: dict[str, Any] = {}
    port: str = ""
    error: Failure | None = None
    usage: Usage | None = None
    started_at: float | None = None
    finished_at: float | None = None
    changed_at: float = 0.0
    """Stream time of the event that brought the status about."""
    due: float | None = None
    """When a back-off ends."""
    waiting: NodeRunWaiting | None = None
    answer: InputReceived | None = None
    """None in status `answered` means that the time came."""
    loop: Loop | None = None


class Join(msgspec.Struct, frozen=True, array_like=True):
    """Incoming edges of a node that is not decided yet."""

    undecided: int
    taken: bool


class Scope(msgspec.Struct, frozen=True, array_like=True):
    """One run of one graph: the whole run's, or one item's of a composite."""

    ended: int = 0
    """Nodes that have ended; the scope is complete when all have."""
    closed: bool = False
    """Given up: facts about its nodes change nothing any more."""


class RunState(msgspec.Struct, frozen=True):
    """A whole run."""

    run_id: str
    workflow_id: str
    version: str
    inputs: dict[str, Any]
    values: dict[str, Any]
    """Variables and inputs by name: what `{{name}}` reads."""
    started_at: float
    status: RunStatus = "running"
    outputs: Any = None
    error: Failure | None = None
    error_address: str = ""
    finished_at: float | None = None
    last_seq: int = 0
    now: float = 0.0
    """Stream time of the newest event: the only clock the engine knows."""
    steps: int = 0
    """Attempts begun, inline ones included."""
    exceptions: int = 0
    usage: Usage = Usage()
    """Of all attempts that said what they used."""
    deadline_passed: bool = False
    cancel_reason: str = ""
    pause_reason: str = ""
    parked: bool = False
    """Whether the scheduler paused the run, because it cannot go on by itself."""
    traceparent: str = ""
    priority: int = 0
    concurrency_key: str = ""
    origin: Origin | None = None
    forking: bool = False
    """Whether events are still being taken over from the run of origin."""
    nodes: HashTrieMap[str, NodeState] = HashTrieMap()
    """By address. Nodes nothing was decided about yet are absent."""
    joins: HashTrieMap[str, Join] = HashTrieMap()
    scopes: HashTrieMap[str, Scope] = HashTrieMap({"": Scope()})
    """The run's own, and those of items under way: one whose nodes have all ended is let go."""
    open: HashTrieMap[str, None] = HashTrieMap()
    """Addresses of nodes that have begun to exist and have not ended: where decisions are due."""

    @property
    def ended(self) -> bool:
        """Whether the run has a terminal event."""
        return self.status not in UNENDED


def may_decide(state: RunState) -> bool:
    """Whether anything may begin: not while the run is held, is being forked, or has ended."""
    return state.status == "running" and not state.forking
