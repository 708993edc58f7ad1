"""State machines: events are queued, handlers begin and end, states change.

What follows is decided in `decide.state_machines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import msgspec
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.compensation import can_advance
from runfold.engine.evolve.scopes import open_scope
from runfold.engine.evolve.variables import all_applied
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.state_machines import (
    Machine,
    QueuedEvent,
    Transition,
    with_queued,
    without_next,
)
from runfold.engine.state.step import UNTOUCHED, Step
from runfold.errors import RunfoldError
from runfold.graph.kinds.state_machine import TIMEOUT, states_of
from runfold.ids import address_of, child_scope

if TYPE_CHECKING:
    from runfold.graph.plan.plan import Plan, PlanNode

MachineEvent = (
    e.InputReceived
    | e.TimerFired
    | e.StateHandlerStarted
    | e.StateHandlerSucceeded
    | e.StateChanged
    | e.StateEventIgnored
)


class _MachineNode(msgspec.Struct, frozen=True):
    """An active state machine and its node."""

    address: str
    planned: PlanNode
    node: NodeState
    machine: Machine

    @property
    def may_take(self) -> bool:
        """Whether the next event may be handled now."""
        machine = self.machine
        is_entered = machine.entered or machine.state not in self.planned.bodies
        has_next = machine.next_event is not None
        return has_next and machine.is_idle and is_entered and not machine.target


def is_machine(state: RunState, event: e.NodeEvent) -> bool:
    """Whether an event is about a state machine that has begun."""
    node = state.nodes.get(address_of(event.scope, event.node_id))
    return node is not None and isinstance(node.composite, Machine)


def evolve_machine(plan: Plan, state: RunState, record: e.Recorded, event: MachineEvent) -> Step:
    """Fold one event of a state machine."""
    current = _current(plan, state, event)
    if current is None:
        return state, UNTOUCHED
    match event:
        case e.InputReceived():
            return _with_machine(state, record, current, _queued(current.machine, event))
        case e.TimerFired():
            return _with_machine(state, record, current, _timed_out(current.machine, event))
        case e.StateHandlerStarted():
            return _handler_begun(state, record, current, event)
        case e.StateHandlerSucceeded():
            return _with_machine(state, record, current, _handler_ended(current.machine, event))
        case e.StateChanged():
            return _changed(state, record, current, event)
        case e.StateEventIgnored():
            fits = current.may_take and event.index == current.machine.handled
            after = without_next(current.machine) if fits else None
            return _with_machine(state, record, current, after)
        case _:
            assert_never(event)


def _current(plan: Plan, state: RunState, event: e.NodeEvent) -> _MachineNode | None:
    """The machine an event is about; None when it cannot change it any more."""
    address = address_of(event.scope, event.node_id)
    node, graph = state.nodes.get(address), plan_of(plan, event.scope)
    if node is None or graph is None or not isinstance(node.composite, Machine):
        return None
    if node.status != "active" or event.attempt != node.attempt or not can_advance(state, address):
        return None
    return _MachineNode(address, graph.nodes[event.node_id], node, node.composite)


def _queued(machine: Machine, event: e.InputReceived) -> Machine | None:
    """The machine with an event from outside in its queue."""
    key = event.key or event.id
    if machine.is_full or key in machine.keys:
        return None
    return with_queued(machine, QueuedEvent(event.action, event.values, event.feedback), key)


def _timed_out(machine: Machine, event: e.TimerFired) -> Machine | None:
    """The machine with its state's timeout in its queue, like an event from outside."""
    if machine.due is None or event.index != machine.visit:
        return None
    return replace(with_queued(machine, QueuedEvent(TIMEOUT, visit=machine.visit)), due=None)


def _handler_begun(
    state: RunState, record: e.Recorded, current: _MachineNode, event: e.StateHandlerStarted
) -> Step:
    machine = current.machine
    body = current.planned.bodies.get(event.handler)
    if body is None or event.index != machine.begun or not machine.is_idle:
        return state, UNTOUCHED
    if event.target:
        taken = machine.next_event
        if taken is None or not current.may_take:
            return state, UNTOUCHED
        machine = replace(without_next(machine), target=event.target, event=taken)
    elif machine.entered or machine.target:
        return state, UNTOUCHED
    machine = replace(
        machine,
        begun=machine.begun + 1,
        under_way=machine.under_way.insert(event.index, record.time),
        handler=event.handler,
        entered=True,
    )
    state, touched = _with_assignments(state, record, current, machine, event.assignments)
    if state.nodes[current.address].status != "active":
        return state, touched
    inside = child_scope(current.address, event.index, event.handler)
    state, opened = open_scope(body, state, inside)
    return state, (*opened, *touched)


def _handler_ended(machine: Machine, event: e.StateHandlerSucceeded) -> Machine | None:
    if event.index not in machine.settled:
        return None
    return replace(machine, settled=machine.settled.discard(event.index), ended=machine.ended + 1)


def _changed(
    state: RunState, record: e.Recorded, current: _MachineNode, event: e.StateChanged
) -> Step:
    machine = current.machine
    fits = (
        machine.is_idle
        and event.index == machine.visit + 1
        and event.from_ == machine.state
        and event.to in states_of(current.planned.config)
    )
    taken = machine.next_event
    if fits and machine.target:
        taken = machine.event
    elif fits and current.may_take:
        machine = without_next(machine)
    else:
        taken = None
    if taken is None:
        return state, UNTOUCHED
    machine = replace(
        machine,
        state=event.to,
        visit=event.index,
        entered=False,
        target="",
        event=taken,
        due=event.due,
        history=machine.history.insert(
            event.index, Transition(event.from_, event.event, event.to, event.at)
        ),
    )
    return _with_assignments(state, record, current, machine, event.assignments)


def _with_assignments(
    state: RunState,
    record: e.Recorded,
    current: _MachineNode,
    machine: Machine,
    assignments: tuple[e.Assignment, ...],
) -> Step:
    """The machine as it is after an event, with the event's assignments applied; or failing."""
    state, touched = _with_machine(state, record, current, machine)
    if not assignments:
        return state, touched
    try:
        state, _ = all_applied(state, assignments)
    except RunfoldError as error:
        failure = error.failure()
        where = f"node {current.address!r} in state {current.machine.state!r}"
        failing = replace(
            state.nodes[current.address],
            status="failing",
            error=replace(failure, message=f"{where}: {failure.message}"),
            finished_at=record.time,
            changed_at=record.time,
        )
        # No scope is open: events with assignments only count while no handler is under way.
        return replace(state, nodes=state.nodes.insert(current.address, failing)), touched
    return state, touched


def _with_machine(
    state: RunState, record: e.Recorded, current: _MachineNode, machine: Machine | None
) -> Step:
    if machine is None:
        return state, UNTOUCHED
    nodes = state.nodes.insert(current.address, replace(current.node, composite=machine))
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time), (current.address,)
