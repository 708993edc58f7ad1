"""A run as a document, made from the plan and the folded state alone.

The projection, the gateway, `runfold replay` and `runfold run` all show a run in this shape.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.events import Option, Origin, Usage
from runfold.engine.accept.state_machines import events_taken, is_resting, machine_under_way
from runfold.engine.evolve.compensation import counts
from runfold.engine.state.nodes import ENDED, NodeState, NodeStatus
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import planned_at
from runfold.engine.views.attempts import Attempts, AttemptView
from runfold.engine.views.compensation import CompensationView, compensation_log
from runfold.errors import Failure
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import review_token, split_address, split_step


class WaitingView(msgspec.Struct, frozen=True, omit_defaults=True):
    """The wait of a node."""

    waiting_for: str
    """human, timer, event, state_machine."""
    token: str = ""
    due: float | None = None
    message: str = ""
    content: Any = None
    form: dict[str, Any] = {}
    assignee: str = ""
    state: str = ""
    """The state that a state machine is in."""
    events: tuple[str, ...] = ()
    """The events that the machine takes there; all that it knows while it handles one."""
    actions: list[str] = []
    answer_schema: dict[str, Any] = {}
    options: list[Option] = []
    allow_text: bool = False
    follow_ups: int = 0
    missing: list[str] = []
    subject: str = ""
    match: dict[str, Any] = {}


class NodeView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node of a run, in one scope. Times are Unix seconds of the stream."""

    address: str
    node_id: str
    type: str
    status: str
    """pending, running, retrying, waiting, succeeded, failed, exception, skipped, cancelled."""
    scope: str = ""
    name: str = ""
    attempt: int = 1
    started_at: float | None = None
    finished_at: float | None = None
    duration: float | None = None
    """Seconds."""
    outputs: dict[str, Any] = {}
    port: str = ""
    error: Failure | None = None
    usage: Usage | None = None
    waiting: WaitingView | None = None
    ready_at: float | None = None
    """When it first became ready."""
    ready_seq: int | None = None
    """Sequence of the event that made it so."""
    attempts: tuple[AttemptView, ...] = ()
    """All attempts, the first one first; none where only the newest state is at hand."""


class WaitingNode(NodeView, frozen=True, omit_defaults=True):
    """A node that waits for somebody, away from its run: as a projection lists it."""

    workflow_id: str = ""
    """The run's workflow."""


class RunView(msgspec.Struct, frozen=True, omit_defaults=False):
    """One run."""

    run_id: str
    workflow_id: str
    version: str
    status: str
    """queued, running, paused, compensating; succeeded, partial_succeeded, failed, cancelled,
    compensated, compensation_failed."""
    inputs: dict[str, Any]
    outputs: Any
    error: Failure | None
    error_node: str
    """Address of the node that failed the run, or empty."""
    usage: Usage
    started_at: float
    finished_at: float | None
    last_seq: int
    """Sequence of the newest event of the run that was folded."""
    nodes: tuple[NodeView, ...]
    priority: int = 0
    labels: dict[str, str] = {}
    origin: Origin | None = None
    """Set for a run that was forked from another, or retries it."""
    pause_reason: str = ""
    parked: bool = False
    """Whether the scheduler paused it because something in it cannot be handled."""
    compensation: tuple[CompensationView, ...] = ()
    """The nodes to undo, in that order, once the run compensates."""


_SHOWN: dict[NodeStatus, str] = {
    "ready": "pending",
    "skipping": "pending",
    "joining": "waiting",
    "active": "running",
    "answered": "running",
    "extracted": "running",
    "failing": "failed",
    "backing_off": "retrying",
    "cancelling": "cancelled",
}
"""Status → the word that clients read; other statuses are shown as they are."""

NODE_STATUSES = (
    "pending",
    "running",
    "retrying",
    "waiting",
    "succeeded",
    "failed",
    "exception",
    "skipped",
    "cancelled",
)
"""All words that clients read."""


def run_view(plan: Plan, state: RunState, attempts: Attempts | None = None) -> RunView:
    """The run as a document, with the attempts of its nodes where they were followed."""
    addresses = sorted((address for address in state.nodes), key=lambda at: place_of(plan, at))
    nodes = tuple(node_document(plan, state, address, attempts) for address in addresses)
    return run_document(plan, state, nodes)


def run_document(plan: Plan, state: RunState, nodes: tuple[NodeView, ...]) -> RunView:
    """The run, with the given nodes in it."""
    return RunView(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        version=state.version,
        status=state.status,
        inputs=state.inputs,
        outputs=state.outputs,
        error=state.error,
        error_node=state.error_address,
        usage=state.usage,
        started_at=state.started_at,
        finished_at=state.finished_at,
        last_seq=state.last_seq,
        nodes=nodes,
        priority=state.priority,
        labels=state.labels,
        origin=state.origin,
        pause_reason=state.pause_reason,
        parked=state.parked,
        compensation=compensation_log(plan, state),
    )


def node_document(
    plan: Plan, state: RunState, address: str, attempts: Attempts | None = None
) -> NodeView:
    """One node of a run, at an address that the state has."""
    scope, node_id = split_address(address)
    node = state.nodes[address]
    planned = planned_at(plan, address)
    finished = node.finished_at if node.status in (*ENDED, "failing") else None
    status = _shown_status(state, address, planned, node)
    all_attempts = attempts.of(address, status) if attempts is not None else ()
    return NodeView(
        address=address,
        node_id=node_id,
        type=planned.type if planned else "",
        status=status,
        scope=scope,
        name=planned.name if planned else "",
        attempt=node.attempt,
        started_at=node.started_at,
        finished_at=finished,
        duration=None
        if finished is None or node.started_at is None
        else round(finished - node.started_at, 6),
        outputs=node.outputs,
        port=node.port,
        error=node.error,
        usage=node.usage,
        waiting=_waiting(state, address, planned, node),
        ready_at=all_attempts[0].ready_at if all_attempts else None,
        ready_seq=all_attempts[0].ready_seq if all_attempts else None,
        attempts=all_attempts,
    )


def _shown_status(state: RunState, address: str, planned: PlanNode | None, node: NodeState) -> str:
    over = state.ended or not counts(state, address)
    if over and node.status not in (*ENDED, "failing"):
        return "cancelled"
    if planned is not None and is_resting(planned, node):
        return "waiting"
    return _SHOWN.get(node.status, node.status)


def _waiting(
    state: RunState, address: str, planned: PlanNode | None, node: NodeState
) -> WaitingView | None:
    machine = machine_under_way(node)
    if machine is not None and planned is not None:
        return WaitingView(
            waiting_for="state_machine",
            token=review_token(state.run_id, address, node.attempt),
            due=machine.due,
            message=machine.message,
            assignee=machine.assignee,
            state=machine.state,
            events=events_taken(planned, node),
        )
    waiting = node.waiting
    if node.status != "waiting" or waiting is None:
        return None
    shared = [name for name in WaitingView.__struct_fields__ if name not in ("state", "events")]
    return WaitingView(**{name: getattr(waiting, name) for name in shared})


def place_of(plan: Plan, address: str) -> tuple[int, ...]:
    """Sorts addresses by place in the definition; the scopes of a composite come after it."""
    graph: Plan | None = plan
    place: list[int] = []
    for step in address.split("/"):
        node_id, body, index = split_step(step)
        node = graph.nodes.get(node_id) if graph else None
        place += [node.order if node else 0, index]
        graph = graph.body(node_id, body) if graph else None
    return tuple(place)
