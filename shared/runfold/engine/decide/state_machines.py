"""The `state_machine` kind: how one begins, and what follows where it is."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.round_settings import variables_of
from runfold.engine.decide.variables import assignments_from
from runfold.engine.state.names import with_names
from runfold.engine.state.state_machines import Machine, QueuedEvent
from runfold.errors import Failure, NodeFailed, RunfoldError
from runfold.graph.definition import OUT
from runfold.graph.kinds.state_machine import (
    MAX_TRANSITIONS,
    TIMEOUT,
    action_body,
    is_final,
    states_of,
    ways_from,
)
from runfold.ids import review_token
from runfold.values.durations import parse_duration
from runfold.values.references import Lookup
from runfold.values.templates import render


def start(ctx: NodeContext) -> Append:
    """Begin the machine in its initial state.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    machine = Machine(state=str(ctx.config["initial"]), variables=variables_of(ctx))
    return Append(
        ctx.event(
            e.StateMachineStarted,
            state=machine.state,
            token=review_token(ctx.state.run_id, ctx.address, ctx.node.attempt),
            message=ctx.text("message"),
            assignee=ctx.text("assignee"),
            variables=machine.variables,
            due=_due(ctx, machine.state, _lookup(ctx, machine, machine.event)),
        )
    )


def decide_machine(ctx: NodeContext) -> list[Effect]:
    """The next event of the machine, if one is due, and the timer of its state."""
    machine = ctx.composite(Machine)
    event = _next_event(ctx, machine)
    effects: list[Effect] = [] if event is None else [Append(event)]
    if machine.due is not None:
        of = f"state:{machine.visit}"
        effects.append(ctx.timer("state", machine.due, of=of, index=machine.visit))
    return effects


def _next_event(ctx: NodeContext, machine: Machine) -> e.AnyNodeEvent | None:
    """The one event that follows; None while a handler runs or the queue is empty."""
    for index in sorted(machine.settled):
        handler = machine.handler
        return ctx.event(e.StateHandlerSucceeded, of=str(index), index=index, handler=handler)
    if machine.under_way:
        return None
    try:
        if machine.target:
            return _changed(ctx, machine, machine.event, machine.target, ())
        if not machine.entered and machine.state in ctx.planned.bodies:
            return _handler(ctx, machine, machine.state)
        if is_final(ctx.config, machine.state):
            return _succeeded(ctx, machine)
        queued = machine.next_event
        return None if queued is None else _handled(ctx, machine, queued)
    except RunfoldError as error:
        return ctx.event(e.NodeRunFailed, error=_with_place(ctx, machine, error))


def _handled(ctx: NodeContext, machine: Machine, queued: QueuedEvent) -> e.AnyNodeEvent:
    """The event that says what a queued event does, or why it does nothing."""
    if not queued.is_from_outside and queued.visit != machine.visit:
        return _ignored(ctx, machine, queued, "left")
    ways = ways_from(states_of(ctx.config)[machine.state])
    is_sent_timeout = queued.is_from_outside and queued.event == TIMEOUT
    way = None if is_sent_timeout else ways.get(queued.event)
    if way is None:
        return _ignored(ctx, machine, queued, "not_taken")
    lookup = _lookup(ctx, machine, queued)
    if way.get("guard") is not None and not ctx.holds(way["guard"], lookup):
        return _ignored(ctx, machine, queued, "guard")
    most = ctx.config.get("max_transitions", MAX_TRANSITIONS)
    if machine.visit >= most:
        raise _too_many(machine, most)
    try:
        assignments = _assignments(ctx, machine, way, lookup)
    except RunfoldError as error:
        # An event from outside must not end a machine that may be weeks old.
        if queued.is_from_outside:
            return _ignored(ctx, machine, queued, "unfit", error.failure())
        raise
    action = action_body(machine.state, queued.event)
    if action in ctx.planned.bodies:
        return _handler(ctx, machine, action, target=way["target"], assignments=assignments)
    return _changed(ctx, machine, queued, way["target"], assignments)


def _handler(
    ctx: NodeContext, machine: Machine, handler: str, **fields: Any
) -> e.StateHandlerStarted:
    about = {"index": machine.begun, "handler": handler, **fields}
    return ctx.event(e.StateHandlerStarted, of=str(machine.begun), **about)


def _changed(
    ctx: NodeContext,
    machine: Machine,
    taken: QueuedEvent,
    target: str,
    assignments: tuple[e.Assignment, ...],
) -> e.StateChanged:
    index = machine.visit + 1
    return ctx.event(
        e.StateChanged,
        of=str(index),
        index=index,
        from_=machine.state,
        to=target,
        event=taken.event,
        at=ctx.state.now,
        due=_due(ctx, target, _lookup(ctx, replace(machine, state=target), taken)),
        assignments=assignments,
    )


def _ignored(
    ctx: NodeContext,
    machine: Machine,
    queued: QueuedEvent,
    reason: str,
    error: Failure | None = None,
) -> e.StateEventIgnored:
    return ctx.event(
        e.StateEventIgnored,
        of=str(machine.handled),
        index=machine.handled,
        event=queued.event,
        state=machine.state,
        reason=reason,
        error=error,
    )


def _assignments(
    ctx: NodeContext, machine: Machine, way: dict[str, Any], lookup: Lookup
) -> tuple[e.Assignment, ...]:
    return assignments_from(way.get("assign") or (), ctx, ctx.inside(machine.begun), lookup)


def _succeeded(ctx: NodeContext, machine: Machine) -> e.NodeRunSucceeded:
    transitions = [machine.history[index] for index in sorted(machine.history)]
    outputs = {
        **machine.variables,
        "state": machine.state,
        "history": [
            {"from": one.from_, "event": one.event, "to": one.to, "at": one.at}
            for one in transitions
        ],
        "output": machine.state,
    }
    port = machine.state if machine.state in ctx.planned.targets else OUT
    return ctx.event(e.NodeRunSucceeded, outputs=outputs, port=port)


def _too_many(machine: Machine, most: int) -> NodeFailed:
    message = f"it changed its state {machine.visit} times, its max_transitions is {most}"
    return NodeFailed(message, code="machine.too_many_transitions", kind="limit")


def _with_place(ctx: NodeContext, machine: Machine, error: RunfoldError) -> Failure:
    """A failure of the machine itself, with its address and state in it."""
    failure = error.failure()
    details = {"node": ctx.planned.id, "scope": ctx.scope, "state": machine.state}
    return replace(
        failure,
        message=f"node {ctx.address!r} in state {machine.state!r}: {failure.message}",
        details={**details, **failure.details},
    )


def _due(ctx: NodeContext, state: str, lookup: Lookup) -> float | None:
    """When the time of a state that begins now is up; None when it has no timeout."""
    timeout = states_of(ctx.config).get(state, {}).get("timeout")
    if timeout is None:
        return None
    return ctx.state.now + parse_duration(
        render(timeout["after"], lookup, profile=ctx.planned.profile)
    )


def _lookup(ctx: NodeContext, machine: Machine, event: QueuedEvent) -> Lookup:
    """What names mean to the machine itself while it handles an event."""
    return with_names(machine.names_for(event), ctx.lookup)
