"""What a run is at one point of its log: frozen, and cheap to step forward.

A step copies nothing but what changed: maps are persistent (`rpds`), so holding an older state, or
stepping a copy ahead of the log, is free.

Which event leads from which status to which is in `transitions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from rpds import HashTrieMap, List

from runfold.contracts.events import InputReceived, NodeRunWaiting, Origin, Usage
from runfold.engine.state.state_machines import Machine
from runfold.errors import Failure

NodeStatus = Literal[
    "ready",  # every incoming edge is decided, at least one is taken
    "skipping",  # every incoming edge is decided, none is taken
    "running",  # an executor has begun the attempt
    "joining",  # a join some of whose branches are decided, not enough of them
    "looping",  # scopes of a composite are under way
    "waiting",  # for a person, a time or an event
    "answered",  # the person answered, the event or the time came
    "extracted",  # fields were taken out of the answer; whether all is for the node to say
    "failing",  # the attempt failed; whether the node did is still to be decided
    "backing_off",  # another attempt follows at a due time
    "cancelling",  # a join went on without it; to be cancelled
    "succeeded",
    "exception",  # failed for good, and the run goes on
    "skipped",
    "cancelled",
]

ENDED: frozenset[NodeStatus] = frozenset({"succeeded", "exception", "skipped", "cancelled"})

RunStatus = Literal[
    "queued",  # waits for a place among the runs of its concurrency key
    "running",
    "paused",  # nothing new begins
    "compensating",  # nothing goes forward, and what was completed is undone
    "succeeded",
    "partial_succeeded",
    "failed",
    "cancelled",
    "compensated",
    "compensation_failed",
]

UNENDED: frozenset[str] = frozenset({"queued", "running", "paused", "compensating"})
"""Statuses of a run that has not ended."""


if TYPE_CHECKING:
    Failures = HashTrieMap[int, Failure]
    Results = HashTrieMap[int, Any]
    Times = HashTrieMap[int, float]
    Settlements = HashTrieMap[int, str]
    Addresses = List[str]
else:
    # Snapshots decode by these annotations, and the classes cannot be subscripted.
    Failures = Results = Times = Settlements = HashTrieMap
    Addresses = List


class Loop(msgspec.Struct, frozen=True):
    """How far a composite is: a loop, parallel branches, a sub-workflow, a state machine."""

    items: list[Any]
    """The items, or the names of the branches; empty where rounds are not for items."""
    concurrency: int = 1
    total: int | None = None
    """Scopes there may be at most; None: as many as there are items."""
    begun: int = 0
    """Scopes that were opened: 0 to begun - 1."""
    ended: int = 0
    under_way: Times = HashTrieMap()
    """Scope → when it began."""
    settled: Settlements = HashTrieMap()
    """Scopes that came to an end whose result is not recorded yet → how: by `""`, `break`,
    `continue` or `timeout`."""
    results: Results = HashTrieMap()
    failed: Failures = HashTrieMap()
    """Scopes that failed and were tolerated."""
    variables: dict[str, Any] = {}
    """Of the loop, by name; of a sub-workflow its inputs and variables."""
    last: bool = False
    """Whether no further scope begins."""
    delay: float = 0.0
    """Seconds between rounds or batches."""
    batch_size: int = 0
    """Scopes of a batch; 0: there are none."""
    item_timeout: float | None = None
    next_due: float | None = None
    """When the pause before the next scope ends."""
    machine: Machine | None = None
    """Of a state machine, whose handlers the scopes are."""

    @property
    def count(self) -> int:
        """Scopes there may be at most."""
        return len(self.items) if self.total is None else self.total


class NodeState(msgspec.Struct, frozen=True, array_like=True):
    """One node in one scope."""

    status: NodeStatus
    attempt: int = 1
    outputs: dict[str, Any] = {}
    port: str = ""
    """Where it ended: the edges of which port are taken."""
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
    ports: tuple[str, ...] = ()
    """Where a selector ended that may choose several ports."""
    timed_out: bool = False
    """Whether a join goes on because its time is up."""


class Join(msgspec.Struct, frozen=True, array_like=True):
    """Incoming edges of a node that is not decided yet."""

    undecided: int
    taken: int
    """How many were taken."""


class Scope(msgspec.Struct, frozen=True, array_like=True):
    """One run of one graph: the whole run's, or one item's of a composite."""

    ended: int = 0
    """Nodes that have ended; the scope is complete when all have."""


class Undoing(msgspec.Struct, frozen=True, array_like=True):
    """A completed node, and the node that undoes it: addresses."""

    address: str
    by: str


class Saga(msgspec.Struct, frozen=True, array_like=True):
    """A run that undoes what it has completed."""

    cause: Literal["failure", "cancel", "deadline", "node"]
    error: Failure
    undoing: Undoing | None = None
    """What is being undone."""
    log: tuple[Undoing, ...] = ()
    """What was, or could not be."""


class RunState(msgspec.Struct, frozen=True):
    """A whole run."""

    run_id: str
    workflow_id: str
    version: str
    inputs: dict[str, Any]
    values: dict[str, Any]
    """Variables and inputs by name: what `{{name}}` reads."""
    started_at: float
    conversation_id: str = ""
    conversation: dict[str, Any] = {}
    """Variables that outlive the run."""
    environment: dict[str, Any] = {}
    """Constants of the deployment, as they were when the run began."""
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
    labels: dict[str, str] = {}
    concurrency_key: str = ""
    origin: Origin | None = None
    forking: bool = False
    """Whether events are still being taken over from the run of origin."""
    completed: Addresses = List()
    """Nodes that are to be undone should the run not end well, the newest first."""
    saga: Saga | None = None
    """Set from `run_compensating` on."""
    nodes: HashTrieMap[str, NodeState] = HashTrieMap()
    """By address. Nodes nothing was decided about yet are absent."""
    joins: HashTrieMap[str, Join] = HashTrieMap()
    scopes: HashTrieMap[str, Scope] = HashTrieMap({"": Scope()})
    """The run's own, and those of items under way: facts about any other change nothing."""
    open: HashTrieMap[str, None] = HashTrieMap()
    """Addresses of nodes that have begun to exist and have not ended: where decisions are due.

    While the run compensates: of attempts that may be under way, and of what undoes.
    """

    @property
    def ended(self) -> bool:
        """Whether the run has a terminal event."""
        return self.status not in UNENDED


def may_decide(state: RunState) -> bool:
    """Whether anything may be done: not while the run is held, is being forked, or has ended."""
    return state.status in ("running", "compensating") and not state.forking
