"""What a state machine's events make of it: what came, handlers that begin and end, changes.

What is to follow is decided in `machine_moves`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import msgspec
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.evolve.compensation import goes_on
from runfold.engine.evolve.edges import close_scopes_of, open_scope
from runfold.engine.evolve.variables import all_applied
from runfold.engine.state.run import Loop, NodeState, RunState
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.state_machines import Arrived, Machine, Passed, with_arrived, without_next
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


class _Here(msgspec.Struct, frozen=True):
    """A machine under way, and where."""

    address: str
    planned: PlanNode
    node: NodeState
    loop: Loop
    machine: Machine

    @property
    def is_idle(self) -> bool:
        """Whether no handler is under way."""
        return not self.loop.under_way and not self.loop.settled

    @property
    def is_entered(self) -> bool:
        """Whether the entry of the state has been seen to."""
        return self.machine.entered or self.machine.state not in self.planned.bodies

    @property
    def may_take(self) -> bool:
        """Whether the next event is to be handled."""
        machine = self.machine
        comes = machine.next is not None
        return comes and self.is_idle and self.is_entered and not machine.target


def is_machine(state: RunState, event: e.NodeEvent) -> bool:
    """Whether an event is about a state machine that has begun."""
    node = state.nodes.get(address_of(event.scope, event.node_id))
    return node is not None and node.loop is not None and node.loop.machine is not None


def evolve_machine(plan: Plan, state: RunState, record: e.Recorded, event: MachineEvent) -> Step:
    """Fold one event of a state machine."""
    here = _here(plan, state, event)
    if here is None:
        return state, UNTOUCHED
    match event:
        case e.InputReceived():
            return _with_machine(state, record, here, _arrived(here.machine, event))
        case e.TimerFired():
            return _with_machine(state, record, here, _timed(here.machine, event))
        case e.StateHandlerStarted():
            return _handler_begun(state, record, here, event)
        case e.StateHandlerSucceeded():
            return _handler_ended(state, record, here, event)
        case e.StateChanged():
            return _changed(state, record, here, event)
        case e.StateEventIgnored():
            fits = here.may_take and event.index == here.machine.handled
            after = without_next(here.machine) if fits else None
            return _with_machine(state, record, here, after)
        case _:
            assert_never(event)


def _here(plan: Plan, state: RunState, event: e.NodeEvent) -> _Here | None:
    """The machine an event is about; None when it cannot change it any more."""
    address = address_of(event.scope, event.node_id)
    node, inner = state.nodes.get(address), plan_of(plan, event.scope)
    if node is None or inner is None or node.loop is None or node.loop.machine is None:
        return None
    counts = node.status == "looping" and event.attempt == node.attempt
    if not counts or not goes_on(state, address):
        return None
    planned = inner.nodes[event.node_id]
    return _Here(address, planned, node, node.loop, node.loop.machine)


def _arrived(machine: Machine, event: e.InputReceived) -> Machine | None:
    """An event from outside: to be handled after those that came before it."""
    key = event.key or event.id
    if machine.is_full or key in machine.keys:
        return None
    return with_arrived(machine, Arrived(event.action, event.values, event.feedback), key)


def _timed(machine: Machine, event: e.TimerFired) -> Machine | None:
    """The time of a state is up: that is an event like those from outside."""
    if machine.due is None or event.index != machine.visit:
        return None
    return replace(with_arrived(machine, Arrived(TIMEOUT, visit=machine.visit)), due=None)


def _handler_begun(
    state: RunState, record: e.Recorded, here: _Here, event: e.StateHandlerStarted
) -> Step:
    machine, loop = here.machine, here.loop
    body = here.planned.bodies.get(event.handler)
    if body is None or event.index != loop.begun or not here.is_idle:
        return state, UNTOUCHED
    if event.target:
        taken = machine.next
        if taken is None or not here.may_take:
            return state, UNTOUCHED
        machine = replace(without_next(machine), target=event.target, event=taken)
    elif machine.entered or machine.target:
        return state, UNTOUCHED
    begun = replace(
        loop,
        begun=loop.begun + 1,
        under_way=loop.under_way.insert(event.index, record.time),
        machine=replace(machine, handler=event.handler, entered=True),
    )
    state, touched = _with_assignments(state, record, here, begun, event.assignments)
    if state.nodes[here.address].status != "looping":
        return state, touched
    inside = child_scope(here.address, event.index, event.handler)
    state, opened = open_scope(body, state, inside)
    return state, (*opened, *touched)


def _handler_ended(
    state: RunState, record: e.Recorded, here: _Here, event: e.StateHandlerSucceeded
) -> Step:
    loop = here.loop
    if event.index not in loop.settled:
        return state, UNTOUCHED
    loop = replace(loop, settled=loop.settled.discard(event.index), ended=loop.ended + 1)
    return _with_loop(state, record, here, loop)


def _changed(state: RunState, record: e.Recorded, here: _Here, event: e.StateChanged) -> Step:
    machine = here.machine
    fits = (
        here.is_idle
        and event.index == machine.visit + 1
        and event.from_ == machine.state
        and event.to in states_of(here.planned.config)
    )
    taken = machine.next
    if fits and machine.target:
        taken = machine.event
    elif fits and here.may_take:
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
            event.index, Passed(event.from_, event.event, event.to, event.at)
        ),
    )
    loop = replace(here.loop, machine=machine)
    return _with_assignments(state, record, here, loop, event.assignments)


def _with_assignments(
    state: RunState,
    record: e.Recorded,
    here: _Here,
    loop: Loop,
    assignments: tuple[e.Assignment, ...],
) -> Step:
    """The machine as it is after an event, with the event's assignments done, or failing."""
    state, touched = _with_loop(state, record, here, loop)
    if not assignments:
        return state, touched
    try:
        state, _ = all_applied(state, assignments)
    except RunfoldError as error:
        failure = error.failure()
        message = f"node {here.address!r} in state {here.machine.state!r}: {failure.message}"
        failing = replace(
            state.nodes[here.address],
            status="failing",
            error=replace(failure, message=message),
            finished_at=record.time,
            changed_at=record.time,
        )
        state = replace(state, nodes=state.nodes.insert(here.address, failing))
        return close_scopes_of(state, here.address), touched
    return state, touched


def _with_machine(
    state: RunState, record: e.Recorded, here: _Here, machine: Machine | None
) -> Step:
    if machine is None:
        return state, UNTOUCHED
    return _with_loop(state, record, here, replace(here.loop, machine=machine))


def _with_loop(state: RunState, record: e.Recorded, here: _Here, loop: Loop) -> Step:
    nodes = state.nodes.insert(here.address, replace(here.node, loop=loop))
    return replace(state, nodes=nodes, last_seq=record.seq, now=record.time), (here.address,)
