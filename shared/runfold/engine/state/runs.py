"""What a whole run is at one point of its log: frozen, and cheap to step forward.

Maps are persistent (`rpds`): a step copies only what changed, so holding an older state, or
stepping a copy ahead of the log, is free. Which event leads to which status is in `evolve.runs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from rpds import HashTrieMap, List

from runfold.contracts.callbacks import Callback
from runfold.contracts.events import Origin, Turn, Usage
from runfold.engine.state.nodes import NodeState
from runfold.errors import Failure

RunStatus = Literal[
    "queued",  # waits for a slot among the runs of its concurrency key
    "running",
    "paused",  # nothing new begins
    "compensating",  # nothing new goes forward; what was completed is undone
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
    Addresses = List[str]
else:
    # Snapshots decode by this annotation, and the class cannot be subscripted.
    Addresses = List


class Join(msgspec.Struct, frozen=True, array_like=True):
    """The incoming edges of a node that is not decided yet."""

    undecided: int
    taken: int
    """Edges that were taken so far."""


class Scope(msgspec.Struct, frozen=True, array_like=True):
    """One run of one graph: the run's own, or one inside a composite."""

    ended: int = 0
    """Nodes that have ended; the scope is complete when all have."""


class Undoing(msgspec.Struct, frozen=True, array_like=True):
    """The addresses of a completed node and of the node that undoes it."""

    address: str
    by: str


class Saga(msgspec.Struct, frozen=True, array_like=True):
    """How far a run is in undoing what it has completed."""

    cause: Literal["failure", "cancel", "deadline", "node"]
    error: Failure
    undoing: Undoing | None = None
    """The undoing under way."""
    log: tuple[Undoing, ...] = ()
    """Undoings that have ended, whether they succeeded or not."""


class RunState(msgspec.Struct, frozen=True):
    """A whole run."""

    run_id: str
    workflow_id: str
    version: str
    inputs: dict[str, Any]
    values: dict[str, Any]
    """Inputs and variables by name: what `{{name}}` reads."""
    started_at: float
    conversation_id: str = ""
    conversation: dict[str, Any] = {}
    """Variables that outlive the run."""
    turn: Turn | None = None
    """What a user said to the run, and what of the conversation it sees."""
    environment: dict[str, Any] = {}
    """Constants of the workflow and the deployment, as they were when the run began."""
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
    """Usage of all attempts that reported it."""
    deadline_passed: bool = False
    cancel_reason: str = ""
    pause_reason: str = ""
    parked: bool = False
    """Whether the scheduler paused the run because something in it cannot be handled."""
    traceparent: str = ""
    priority: int = 0
    labels: dict[str, str] = {}
    callbacks: tuple[Callback, ...] = ()
    """Addresses that are told what becomes of the run: its workflow's and its own."""
    concurrency_key: str = ""
    origin: Origin | None = None
    forking: bool = False
    """Whether events of the run of origin are still being taken over."""
    completed: Addresses = List()
    """Addresses of nodes to undo if the run fails or is cancelled, the newest first."""
    saga: Saga | None = None
    """Set from `run_compensating` on."""
    nodes: HashTrieMap[str, NodeState] = HashTrieMap()
    """Nodes by address. A node is absent until its incoming edges are decided."""
    joins: HashTrieMap[str, Join] = HashTrieMap()
    scopes: HashTrieMap[str, Scope] = HashTrieMap({"": Scope()})
    """The run's own scope (`""`) and the open ones of composites. Events about nodes of any other
    scope change nothing."""
    open: HashTrieMap[str, None] = HashTrieMap()
    """Addresses of nodes that have not ended: where decisions may be due.

    While the run compensates: attempts that may be under way, and the nodes that undo.
    """

    @property
    def ended(self) -> bool:
        """Whether the run has a terminal event."""
        return self.status not in UNENDED


def may_decide(state: RunState) -> bool:
    """Whether decisions are allowed: the run is neither held nor forking, and has not ended."""
    return state.status in ("running", "compensating") and not state.forking
