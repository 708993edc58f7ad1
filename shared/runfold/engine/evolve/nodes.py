"""The next state of a node from one event: the table of legal transitions, and the step itself.

An event changes nothing when `FOLLOWS` does not name the node's status for it.
"""

from __future__ import annotations

from typing import Any, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.extraction import (
    STEPS,
    extraction_step,
    extracts,
    failed_to_extract,
    retried_extraction,
)
from runfold.engine.state.composites import Composite, composite_of
from runfold.engine.state.nodes import NodeState, NodeStatus
from runfold.errors import Failure
from runfold.graph.definition import OUT
from runfold.graph.plan.plan import PlanNode

FOLLOWS: dict[type[e.AnyNodeEvent], dict[NodeStatus, frozenset[NodeStatus]]] = {
    e.NodeRunStarted: dict.fromkeys(("ready", "answered"), frozenset({"running"})),
    e.NodeRunSucceeded: dict.fromkeys(
        ("ready", "running", "answered", "extracted", "active"), frozenset({"succeeded"})
    ),
    e.NodeRunFailed: dict.fromkeys(
        ("ready", "running", "answered", "extracted", "active"), frozenset({"failing"})
    ),
    e.NodeRunRetry: {"failing": frozenset({"backing_off", "ready", "answered"})},
    e.NodeRunException: {"failing": frozenset({"exception"})},
    e.NodeRunSkipped: dict.fromkeys(("ready", "skipping"), frozenset({"skipped"})),
    e.NodeRunCancelled: {"cancelling": frozenset({"cancelled"})},
    e.VariablesAssigned: {"ready": frozenset({"succeeded", "failing"})},
    e.NodeRunWaiting: dict.fromkeys(("ready", "extracted"), frozenset({"waiting"})),
    e.InputReceived: {"waiting": frozenset({"answered"})},
    e.AnswerExtracted: dict.fromkeys(("answered", "running"), frozenset({"extracted"})),
    e.TimerFired: {
        "running": frozenset({"failing"}),
        "active": frozenset({"failing"}),
        "joining": frozenset({"ready"}),
        "waiting": frozenset({"answered"}),
        "backing_off": frozenset({"ready", "answered"}),
    },
    e.LoopStarted: {"ready": frozenset({"active"})},
    e.LoopSucceeded: {"active": frozenset({"succeeded"})},
    e.LoopFailed: {"active": frozenset({"failing"})},
    e.AgentSucceeded: {"active": frozenset({"succeeded"})},
    e.AgentFailed: {"active": frozenset({"failing"})},
    e.SubWorkflowStarted: {"ready": frozenset({"active"})},
    e.StateMachineStarted: {"ready": frozenset({"active"})},
    e.AgentStarted: {"ready": frozenset({"active"})},
}
"""Event → status it may find → statuses it may lead to."""

_TIMERS: dict[tuple[str, NodeStatus], NodeStatus] = {
    ("retry", "backing_off"): "ready",
    ("timeout", "running"): "failing",
    ("timeout", "active"): "failing",
    ("timeout", "joining"): "ready",
    ("wait", "waiting"): "answered",
    ("human", "waiting"): "answered",
}
"""Timer and status it finds → status it leads to."""


def next_node(  # noqa: C901 -- one case an event
    planned: PlanNode, node: NodeState, event: e.AnyNodeEvent, time: float
) -> NodeState | None:
    """The node after an event, or None when the event cannot follow the node's status."""
    if not _may_follow(node, event):
        return None
    if isinstance(event, e.NodeRunRetry):
        return _retried(node, event, time) if event.attempt == node.attempt + 1 else None
    if isinstance(event, STEPS) and extracts(node):
        return extraction_step(node, event, time)
    if event.attempt != node.attempt:
        return None
    match event:
        case e.NodeRunStarted():
            return NodeState(
                status="running",
                attempt=node.attempt,
                error=node.error,
                started_at=time,
                changed_at=time,
                backup=node.backup,
            )
        case e.NodeRunSucceeded():
            ended = _ended(node, "succeeded", time, event.outputs, event.port, event.usage)
            return replace(ended, ports=event.ports) if event.ports else ended
        case e.VariablesAssigned():
            return _ended(node, "succeeded", time, {}, OUT)
        case e.LoopSucceeded():
            return _ended(node, "succeeded", time, event.outputs, "out")
        case e.NodeRunFailed() | e.LoopFailed():
            return _failing(node, event.error, time)
        case e.NodeRunException() | e.NodeRunSkipped() | e.NodeRunCancelled():
            return _ended_without_success(node, event, time)
        case e.LoopStarted() | e.SubWorkflowStarted() | e.StateMachineStarted() | e.AgentStarted():
            return _active(node, composite_of(planned, event, time), time)
        case _:
            return _waits(node, event, time)


def _ended_without_success(
    node: NodeState,
    event: e.NodeRunException | e.NodeRunSkipped | e.NodeRunCancelled,
    time: float,
) -> NodeState:
    """The events that end a node without success, though the run goes on."""
    match event:
        case e.NodeRunException():
            return _ended(node, "exception", time, event.outputs, event.port)
        case e.NodeRunSkipped():
            return NodeState(status="skipped", finished_at=time, changed_at=time)
        case e.NodeRunCancelled():
            return replace(node, status="cancelled", port="", finished_at=time, changed_at=time)
        case _:
            assert_never(event)


def _may_follow(node: NodeState, event: e.AnyNodeEvent) -> bool:
    if node.status not in FOLLOWS.get(type(event), ()):
        return False
    return node.status == "ready" or not isinstance(event, STEPS) or extracts(node)


def _waits(node: NodeState, event: e.AnyNodeEvent, time: float) -> NodeState | None:
    """The events by which a node begins to wait, and by which a wait ends."""
    match event:
        case e.NodeRunWaiting():
            return replace(node, status="waiting", waiting=event, started_at=time, changed_at=time)
        case e.InputReceived():
            if node.waiting is None or event.token != node.waiting.token:
                return None
            return replace(node, status="answered", answer=event, changed_at=time)
        case e.TimerFired():
            return _timed(node, event, time)
        case _:
            return None


def _active(node: NodeState, composite: Composite, time: float) -> NodeState:
    return replace(node, status="active", composite=composite, started_at=time, changed_at=time)


def _timed(node: NodeState, event: e.TimerFired, time: float) -> NodeState | None:
    status = _TIMERS.get((event.timer, node.status))
    if status is None:
        return None
    if status == "failing":
        message = f"node {event.node_id!r} did not finish within its timeout"
        return _failing(
            node,
            Failure(code="node.timeout", message=message, kind="timeout", retryable=True),
            time,
        )
    timed_out = node.status == "joining"
    if status == "ready" and extracts(node):
        status = "answered"
    return replace(node, status=status, due=None, changed_at=time, timed_out=timed_out)


def _retried(node: NodeState, event: e.NodeRunRetry, time: float) -> NodeState:
    again = NodeState(
        status="backing_off" if event.delay > 0 else "ready",
        attempt=event.attempt,
        error=event.error,
        due=event.due,
        changed_at=time,
        backup=event.backup,
    )
    return retried_extraction(node, again) if failed_to_extract(node) else again


def _ended(
    node: NodeState,
    status: NodeStatus,
    time: float,
    outputs: dict[str, Any],
    port: str,
    usage: e.Usage | None = None,
) -> NodeState:
    return NodeState(
        status=status,
        attempt=node.attempt,
        outputs=outputs,
        port=port,
        error=node.error if status == "exception" else None,
        usage=usage,
        started_at=time if node.started_at is None else node.started_at,
        finished_at=time,
        changed_at=time,
        composite=node.composite,
    )


def _failing(node: NodeState, error: Failure, time: float) -> NodeState:
    return replace(
        node,
        status="failing",
        error=error,
        usage=None,  # usage of a step before has been counted
        started_at=time if node.started_at is None else node.started_at,
        finished_at=time,
        changed_at=time,
    )
