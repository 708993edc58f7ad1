"""What one event makes of its node: the legal transitions, and the function that takes them.

A status not in `FOLLOWS` for an event means that the event changes nothing.
"""

from __future__ import annotations

from typing import Any, assert_never

from msgspec.structs import replace
from rpds import HashTrieMap

from runfold.contracts import events as e
from runfold.engine.evolve.extraction import (
    STEPS,
    extraction_again,
    extraction_step,
    extracts,
    failed_to_extract,
)
from runfold.engine.state.run import Loop, NodeState, NodeStatus
from runfold.engine.state.state_machines import machine_of
from runfold.errors import Failure
from runfold.graph.definition import OUT

FOLLOWS: dict[type[e.AnyNodeEvent], dict[NodeStatus, frozenset[NodeStatus]]] = {
    e.NodeRunStarted: dict.fromkeys(("ready", "answered"), frozenset({"running"})),
    e.NodeRunSucceeded: dict.fromkeys(
        ("ready", "running", "answered", "extracted", "looping"), frozenset({"succeeded"})
    ),
    e.NodeRunFailed: dict.fromkeys(
        ("ready", "running", "answered", "extracted", "looping"), frozenset({"failing"})
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
        "looping": frozenset({"failing"}),
        "joining": frozenset({"ready"}),
        "waiting": frozenset({"answered"}),
        "backing_off": frozenset({"ready", "answered"}),
    },
    e.LoopStarted: {"ready": frozenset({"looping"})},
    e.LoopSucceeded: {"looping": frozenset({"succeeded"})},
    e.LoopFailed: {"looping": frozenset({"failing"})},
    e.SubWorkflowStarted: {"ready": frozenset({"looping"})},
    e.StateMachineStarted: {"ready": frozenset({"looping"})},
}
"""Event → status it may find → statuses it may lead to."""

_TIMERS: dict[tuple[str, NodeStatus], NodeStatus] = {
    ("retry", "backing_off"): "ready",
    ("timeout", "running"): "failing",
    ("timeout", "looping"): "failing",
    ("timeout", "joining"): "ready",
    ("wait", "waiting"): "answered",
    ("human", "waiting"): "answered",
}


def next_node(  # noqa: C901 -- one case an event
    node: NodeState, event: e.AnyNodeEvent, time: float
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
            return _passed_over(node, event, time)
        case _:
            return _paused(node, event, time)


def _passed_over(
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


def _paused(node: NodeState, event: e.AnyNodeEvent, time: float) -> NodeState | None:
    """The events that neither begin nor end an attempt."""
    match event:
        case e.NodeRunWaiting():
            return replace(node, status="waiting", waiting=event, started_at=time, changed_at=time)
        case e.InputReceived():
            if node.waiting is None or event.token != node.waiting.token:
                return None
            return replace(node, status="answered", answer=event, changed_at=time)
        case e.LoopStarted():
            return _looping(node, loop_of(event), time)
        case e.StateMachineStarted():
            loop = Loop(items=[], variables=event.variables, machine=machine_of(event))
            return _looping(node, loop, time)
        case e.SubWorkflowStarted():
            loop = Loop(
                items=[],
                total=event.index + 1,
                begun=event.index + 1,
                ended=event.index,
                under_way=HashTrieMap({event.index: time}),
                variables=event.values,
            )
            return _looping(node, loop, time)
        case e.TimerFired():
            return _timed(node, event, time)
        case _:
            return None


def loop_of(event: e.LoopStarted) -> Loop:
    """A composite that has just begun."""
    return Loop(
        items=event.items,
        concurrency=event.concurrency,
        total=event.total,
        variables=event.variables,
        delay=event.delay,
        batch_size=event.batch_size,
        item_timeout=event.item_timeout,
    )


def _looping(node: NodeState, loop: Loop, time: float) -> NodeState:
    return replace(node, status="looping", loop=loop, started_at=time, changed_at=time)


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
    )
    return extraction_again(node, again) if failed_to_extract(node) else again


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
        loop=node.loop,
    )


def _failing(node: NodeState, error: Failure, time: float) -> NodeState:
    return replace(
        node,
        status="failing",
        error=error,
        usage=None,  # what a step before used up has been counted
        started_at=time if node.started_at is None else node.started_at,
        finished_at=time,
        changed_at=time,
    )
