"""`evolve`: the next state from a state and one recorded event.

Total and pure: an event is a fact and cannot be refused. One that does not fit (a second end of an
attempt, an unknown node, anything after the run ended) returns the state as it was. The effect of
an event on its node is in `nodes`, that of a node's end on the graph in `edges`. Decisions are in
`decide`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.agents import evolve_agent
from runfold.engine.evolve.compensation import (
    begin_saga,
    can_advance,
    completed,
    evolve_late,
    left_as_it_is,
    undoing_ended,
)
from runfold.engine.evolve.edges import after_end, cancel_nodes, losers_of
from runfold.engine.evolve.nodes import next_node
from runfold.engine.evolve.rounds import JUMPS, evolve_round, evolve_round_timer, jump
from runfold.engine.evolve.scopes import close_scopes_of, open_scope
from runfold.engine.evolve.state_machines import evolve_machine, is_machine
from runfold.engine.evolve.variables import assigned
from runfold.engine.state.nodes import ENDED, NodeState
from runfold.engine.state.runs import RunState, RunStatus, may_decide
from runfold.engine.state.scopes import plan_of, undecided
from runfold.engine.state.step import RUN, UNTOUCHED, Step
from runfold.engine.state.usage import added
from runfold.ids import address_of, child_scope

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan


def begin(plan: Plan, started: e.RunStarted, seq: int, time: float) -> Step:
    """The state in which a run begins."""
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
        conversation_id=started.conversation_id,
        conversation={**plan.conversation, **started.conversation},
        turn=started.turn,
        environment=started.environment,
        priority=started.priority,
        labels=started.labels,
        callbacks=(*plan.settings.callbacks, *started.callbacks),
        concurrency_key=started.concurrency_key,
        origin=started.origin,
        forking=started.origin is not None,
    )
    state, touched = open_scope(plan, state, "")
    return state, (*RUN, *touched)


def evolve(  # noqa: C901 -- one case a kind of event
    plan: Plan, state: RunState, record: e.Recorded
) -> Step:
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
    match event:  # the most frequent first: the cases are tried in their order
        case e.NodeRunSucceeded() | e.NodeRunStarted():
            return _evolve_node(plan, state, record, event)
        case e.LoopNext() | e.LoopItemSucceeded() | e.LoopItemFailed():
            return evolve_round(plan, state, record, event)
        case (
            e.NodeRunFailed()
            | e.NodeRunRetry()
            | e.NodeRunException()
            | e.NodeRunSkipped()
            | e.NodeRunCancelled()
            | e.VariablesAssigned()
            | e.NodeRunWaiting()
            | e.InputReceived()
            | e.AnswerExtracted()
            | e.SubWorkflowStarted()
            | e.StateMachineStarted()
            | e.AgentStarted()
            | e.LoopStarted()
            | e.LoopSucceeded()
            | e.LoopFailed()
        ):
            return _evolve_node(plan, state, record, event)
        case e.TimerFired():
            return _evolve_timer(plan, state, record, event)
        case (
            e.StateHandlerStarted()
            | e.StateHandlerSucceeded()
            | e.StateChanged()
            | e.StateEventIgnored()
        ):
            return evolve_machine(plan, state, record, event)
        case (
            e.AgentToolsStarted()
            | e.AgentToolsSucceeded()
            | e.AgentRoundStarted()
            | e.AgentRoundSucceeded()
            | e.AgentRoundFailed()
            | e.ToolApprovalStarted()
            | e.ToolApprovalSucceeded()
            | e.ToolCallStarted()
            | e.ToolCallSucceeded()
            | e.ToolCallFailed()
        ):
            return evolve_agent(plan, state, record, event)
        case e.RunForked() | e.RunAdmitted() | e.RunPaused() | e.RunResumed():
            return _control(state, record, event)
        case e.RunCompensating():
            return begin_saga(plan, state, record, event)
        case (
            e.RunSucceeded()
            | e.RunPartialSucceeded()
            | e.RunFailed()
            | e.RunCancelled()
            | e.RunCompensated()
            | e.RunCompensationFailed()
        ):
            return _end(state, record, event), UNTOUCHED
        case e.RunStarted() | e.RetrieverResource():
            return state, UNTOUCHED
        case _:
            assert_never(event)


def _evolve_timer(plan: Plan, state: RunState, record: e.Recorded, event: e.TimerFired) -> Step:
    match event.timer:
        case "deadline":
            return _pass_deadline(state, record)
        case "item" | "delay":
            return evolve_round_timer(state, record, event)
        case "state":
            return evolve_machine(plan, state, record, event)
        case _:
            return _evolve_node(plan, state, record, event)


def _pass_deadline(state: RunState, record: e.Recorded) -> Step:
    if state.deadline_passed:
        return state, UNTOUCHED
    return _advance(state, record, deadline_passed=True), RUN


def _control(
    state: RunState,
    record: e.Recorded,
    event: e.RunForked | e.RunAdmitted | e.RunPaused | e.RunResumed,
) -> Step:
    """The events that admit, pause and resume a run."""
    changes: dict[str, Any] | None = None
    match event:
        case e.RunForked():
            changes = {"forking": False} if state.forking else None
        case e.RunAdmitted():
            changes = {"status": "running"} if state.status == "queued" else None
        case e.RunPaused():
            # A queued run has begun nothing: there is nothing to pause.
            paused = {"status": "paused", "pause_reason": event.reason, "parked": event.parked}
            changes = paused if state.status in ("running", "compensating") else None
        case e.RunResumed():
            status = "running" if state.saga is None else "compensating"
            resumed = {"status": status, "pause_reason": "", "parked": False}
            changes = resumed if state.status == "paused" else None
        case _:
            assert_never(event)
    if changes is None:
        return state, UNTOUCHED
    state = _advance(state, record, **changes)
    return state, (*RUN, *undecided(state)) if may_decide(state) else RUN


def _evolve_node(plan: Plan, state: RunState, record: e.Recorded, event: e.AnyNodeEvent) -> Step:
    if isinstance(event, e.InputReceived) and is_machine(state, event):
        return evolve_machine(plan, state, record, event)
    address = address_of(event.scope, event.node_id)
    before = state.nodes.get(address)
    if before is None or before.status in ENDED:
        return state, UNTOUCHED
    if not can_advance(state, address):
        return evolve_late(plan, state, record, event)
    graph = plan_of(plan, event.scope)
    if graph is None:
        return state, UNTOUCHED
    planned = graph.nodes[event.node_id]
    after = next_node(planned, before, event, record.time)
    if after is None:
        return state, UNTOUCHED
    if isinstance(event, e.VariablesAssigned):
        state, after = assigned(state, event, after)
    begun = before.started_at is None and after.started_at is not None
    state = replace(
        state,
        last_seq=record.seq,
        now=record.time,
        steps=state.steps + begun,
        exceptions=state.exceptions + (after.status == "exception" and not planned.forgives),
        usage=state.usage if after.usage is None else added(state.usage, after.usage),
        nodes=state.nodes.insert(address, after),
    )
    if before.composite is not None and not before.composite.is_idle:
        state = close_scopes_of(state, address)
    if isinstance(event, e.SubWorkflowStarted) and (body := graph.body(event.node_id)) is not None:
        state, touched = open_scope(body, state, child_scope(address, event.index))
        return state, (address, *touched)
    if after.status not in ENDED:
        return state, (address,)
    return _ended(plan, graph, state, event, after)


def _ended(
    plan: Plan, graph: Plan, state: RunState, event: e.AnyNodeEvent, node: NodeState
) -> Step:
    """Fold the end of a node into the graph around it."""
    address = address_of(event.scope, event.node_id)
    if state.saga is not None and state.saga.undoing and address == state.saga.undoing.by:
        return undoing_ended(plan, state)
    planned = graph.nodes[event.node_id]
    has_succeeded = node.status == "succeeded"
    if has_succeeded and state.saga is None:
        state = completed(plan, state, address, planned)
    if has_succeeded and event.scope and planned.type in JUMPS:
        return jump(state, event.scope, planned.type)
    ports = node.ports or (node.port,)
    state, touched = after_end(graph, state, event.scope, event.node_id, ports)
    if has_succeeded and planned.join is not None and planned.join.cancel_losers:
        losers = losers_of(graph, state, event.scope, event.node_id)
        return cancel_nodes(state, losers), (*touched, *losers)
    return state, touched


def _advance(state: RunState, record: e.Recorded, **changes: Any) -> RunState:
    return replace(state, last_seq=record.seq, now=record.time, **changes)


def _end(
    state: RunState,
    record: e.Recorded,
    event: e.RunSucceeded
    | e.RunPartialSucceeded
    | e.RunFailed
    | e.RunCancelled
    | e.RunCompensated
    | e.RunCompensationFailed,
) -> RunState:
    """The run with the first of its terminal events."""
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
        case e.RunCompensated():
            status, changes = "compensated", {}
        case e.RunCompensationFailed():
            # Why the run stopped says more than the failure to undo, which the log shows.
            status, changes = "compensation_failed", {"error": state.error or event.error}
        case _:
            assert_never(event)
    if (left := left_as_it_is(state)) is not None:
        status, changes = "compensation_failed", {"error": left}
    return _advance(state, record, status=status, finished_at=record.time, **changes)
