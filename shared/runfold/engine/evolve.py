"""`evolve`: the next state from the state and one recorded event.

Total and pure: an event is a fact and cannot be refused. One that does not fit (a second ending of
an attempt, a node nobody knows, anything after the run ended) returns the state as it was.
What an event does to its node is in `transitions`, what an ending does to the graph in `edges`.
Nothing is decided here; that is `decide`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.edges import after_end, close_scope, open_scope, without
from runfold.engine.scopes import is_open, plan_of
from runfold.engine.state import ENDED, Loop, NodeState, RunState, RunStatus, may_decide
from runfold.engine.transitions import next_node
from runfold.engine.usage import added
from runfold.ids import address_of, child_scope

if TYPE_CHECKING:
    from runfold.graph.plan import Plan

Step = tuple[RunState, tuple[str, ...]]
"""The next state, and the addresses at which a decision may be due now."""

UNTOUCHED: tuple[str, ...] = ()
RUN = ("",)
"""Touched when the run as a whole may have something to decide."""


def begin(plan: Plan, started: e.RunStarted, seq: int, time: float) -> Step:
    """The state a run begins in."""
    state = RunState(
        run_id=started.run_id,
        workflow_id=started.workflow_id,
        version=started.version,
        traceparent=started.traceparent,
        inputs=started.inputs,
        values={**plan.variables, **started.inputs},
        started_at=time,
        last_seq=seq,
        now=time,
        status="queued" if started.concurrency_key else "running",
        priority=started.priority,
        concurrency_key=started.concurrency_key,
        origin=started.origin,
        forking=started.origin is not None,
    )
    state, touched = open_scope(plan, state, "")
    return state, (*RUN, *touched)


def evolve(plan: Plan, state: RunState, record: e.Recorded) -> Step:
    """Fold one event.

    Args:
        plan: The plan of the definition pinned in run_started.
        state: The state before.
        record: The event, with its place and time in the stream.

    Returns:
        The state after, which is `state` itself when the event does not fit, and the addresses
        whose node changed.
    """
    if state.ended:
        return state, UNTOUCHED
    event = record.event
    match event:
        case e.RunStarted():
            return state, UNTOUCHED
        case e.RunForked() | e.RunAdmitted() | e.RunPaused() | e.RunResumed():
            return _control(state, record, event)
        case e.RunSucceeded() | e.RunPartialSucceeded() | e.RunFailed() | e.RunCancelled():
            return _end(state, record, event), UNTOUCHED
        case e.TimerFired(timer="deadline"):
            if state.deadline_passed:
                return state, UNTOUCHED
            return _advance(state, record, deadline_passed=True), RUN
        case e.LoopNext() | e.LoopItemFailed():
            return _evolve_item(plan, state, record, event)
        case (
            e.NodeRunStarted()
            | e.NodeRunSucceeded()
            | e.NodeRunFailed()
            | e.NodeRunRetry()
            | e.NodeRunException()
            | e.NodeRunSkipped()
            | e.NodeRunWaiting()
            | e.InputReceived()
            | e.AnswerExtracted()
            | e.TimerFired()
            | e.LoopStarted()
            | e.LoopSucceeded()
            | e.LoopFailed()
        ):
            return _evolve_node(plan, state, record, event)
        case _:
            assert_never(event)


def _control(
    state: RunState,
    record: e.Recorded,
    event: e.RunForked | e.RunAdmitted | e.RunPaused | e.RunResumed,
) -> Step:
    """The events that let a run begin, hold it, and let it go on."""
    changes: dict[str, Any] | None = None
    match event:
        case e.RunForked():
            changes = {"forking": False} if state.forking else None
        case e.RunAdmitted():
            changes = {"status": "running"} if state.status == "queued" else None
        case e.RunPaused():
            # A queued run has begun nothing: there is nothing to hold.
            held = {"status": "paused", "pause_reason": event.reason, "parked": event.parked}
            changes = held if state.status == "running" else None
        case e.RunResumed():
            free = {"status": "running", "pause_reason": "", "parked": False}
            changes = free if state.status == "paused" else None
        case _:
            assert_never(event)
    if changes is None:
        return state, UNTOUCHED
    state = _advance(state, record, **changes)
    return state, (*RUN, *sorted(state.open)) if may_decide(state) else RUN


def _evolve_node(plan: Plan, state: RunState, record: e.Recorded, event: e.AnyNodeEvent) -> Step:
    address = address_of(event.scope, event.node_id)
    before = state.nodes.get(address)
    if before is None or before.status in ENDED or not is_open(state, event.scope):
        return state, UNTOUCHED
    after = next_node(before, event, record.time)
    inner = plan_of(plan, event.scope)
    if after is None or inner is None:
        return state, UNTOUCHED
    begun = before.started_at is None and after.started_at is not None
    looped = before.status == "looping"
    state = replace(
        state,
        last_seq=record.seq,
        now=record.time,
        steps=state.steps + begun,
        exceptions=state.exceptions + (after.status == "exception"),
        usage=state.usage if after.usage is None else added(state.usage, after.usage),
        nodes=state.nodes.insert(address, after),
        open=without(state.open, f"{address}[") if looped else state.open,
    )
    if after.status not in ENDED:
        return state, (address,)
    return after_end(inner, state, event.scope, event.node_id, after.port)


def _evolve_item(
    plan: Plan, state: RunState, record: e.Recorded, event: e.LoopNext | e.LoopItemFailed
) -> Step:
    """An item of a loop begins, or is given up."""
    address = address_of(event.scope, event.node_id)
    node = state.nodes.get(address)
    inner = plan_of(plan, event.scope)
    body = inner.nodes[event.node_id].body if node and inner else None
    if node is None or body is None or node.loop is None or node.status != "looping":
        return state, UNTOUCHED
    if event.attempt != node.attempt or not is_open(state, event.scope):
        return state, UNTOUCHED
    scope = child_scope(address, event.index)
    match event:
        case e.LoopNext():
            if event.index != node.loop.begun or event.index >= len(node.loop.items):
                return state, UNTOUCHED
            loop = replace(node.loop, begun=node.loop.begun + 1)
            state = _set_loop(state, record, address, node, loop)
            state, touched = open_scope(body, state, scope)
            return state, (*touched, address)
        case e.LoopItemFailed():
            held = state.scopes.get(scope)
            if held is None or held.closed or held.ended == len(body.nodes):
                return state, UNTOUCHED
            failed = node.loop.failed.insert(event.index, event.error)
            loop = replace(node.loop, ended=node.loop.ended + 1, failed=failed)
            state = _set_loop(state, record, address, node, loop)
            state = replace(state, exceptions=state.exceptions + 1)
            return close_scope(state, scope), (address,)
        case _:
            assert_never(event)


def _set_loop(
    state: RunState, record: e.Recorded, address: str, node: NodeState, loop: Loop
) -> RunState:
    nodes = state.nodes.insert(address, replace(node, loop=loop))
    return _advance(state, record, nodes=nodes)


def _advance(state: RunState, record: e.Recorded, **changes: Any) -> RunState:
    return replace(state, last_seq=record.seq, now=record.time, **changes)


def _end(
    state: RunState,
    record: e.Recorded,
    event: e.RunSucceeded | e.RunPartialSucceeded | e.RunFailed | e.RunCancelled,
) -> RunState:
    """The run with its terminal event, whichever came first."""
    status: RunStatus
    changes: dict[str, Any]
    match event:
        case e.RunSucceeded():
            status, changes = "succeeded", {"outputs": event.outputs}
        case e.RunPartialSucceeded():
            status, changes = "partial_succeeded", {"outputs": event.outputs}
        case e.RunFailed():
            address = address_of(event.scope, event.node_id) if event.node_id else ""
            status, changes = "failed", {"error": event.error, "error_address": address}
        case e.RunCancelled():
            status, changes = "cancelled", {"cancel_reason": event.reason}
        case _:
            assert_never(event)
    return _advance(state, record, status=status, finished_at=record.time, **changes)
