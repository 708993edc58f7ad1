"""Deciding about state machines: what one begins with, and what follows where it is."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.decide.assignments import assignments_from
from runfold.engine.decide.effects import Append, ArmTimer, Effect
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.node_context import Fields, Ready
from runfold.engine.state.run import Loop
from runfold.engine.state.state_machines import Arrived, Machine, names_of
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
from runfold.ids import address_of, child_scope, review_token
from runfold.values.conditions import evaluate
from runfold.values.durations import parse_duration
from runfold.values.json_text import text_of
from runfold.values.references import Lookup
from runfold.values.templates import render

N = TypeVar("N", bound=e.NodeEvent)


def started_fields(here: Ready) -> Fields:
    """The fields of state_machine_started."""
    config, scope, node_id = here.planned.config, here.scope, here.planned.id
    variables = config.get("variables") or {}
    begun = {name: render(value, here.lookup) for name, value in variables.items()}
    machine = Machine(state=str(config["initial"]))
    return {
        "state": machine.state,
        "token": review_token(here.state.run_id, address_of(scope, node_id), here.node.attempt),
        "message": text_of(render(config.get("message", ""), here.lookup)),
        "assignee": text_of(render(config.get("assignee", ""), here.lookup)),
        "variables": begun,
        "due": _due(here, machine.state, _with_names(here.lookup, begun, machine, machine.event)),
    }


def decide_machine(here: Ready, writer: Writer) -> list[Effect]:
    """What a machine that is under way does next, and the time of its state."""
    loop = here.node.loop
    if loop is None or loop.machine is None:
        return []
    moves = _Moves(here, writer, loop, loop.machine)
    event = moves.following()
    effects: list[Effect] = [] if event is None else [Append(event)]
    return [*effects, *moves.timer()]


class _Moves:
    """One machine that is under way, with all that deciding about it needs."""

    def __init__(self, here: Ready, writer: Writer, loop: Loop, machine: Machine) -> None:
        self._here = here
        self._writer = writer
        self._loop = loop
        self._machine = machine
        self._config = here.planned.config

    def following(self) -> e.AnyNodeEvent | None:
        """The one event that follows; None while a handler runs or nothing has come."""
        loop, machine = self._loop, self._machine
        for index in sorted(loop.settled):
            about = {"index": index, "handler": machine.handler}
            return self._event(e.StateHandlerSucceeded, str(index), **about)
        if loop.under_way:
            return None
        try:
            if machine.target:
                return self._changed(machine.event, machine.target, ())
            if not machine.entered and machine.state in self._here.planned.bodies:
                return self._handler(machine.state)
            if is_final(self._config, machine.state):
                return self._succeeded()
            return None if machine.next is None else self._handled(machine.next)
        except RunfoldError as error:
            return self._event(e.NodeRunFailed, error=self._naming(error))

    def timer(self) -> list[Effect]:
        """What wakes the machine when the time of its state is up."""
        machine = self._machine
        if machine.due is None:
            return []
        about = {"timer": "state", "due": machine.due, "index": machine.visit}
        fired = self._event(e.TimerFired, f"state:{machine.visit}", **about)
        return [ArmTimer(machine.due, fired)]

    def _handled(self, came: Arrived) -> e.AnyNodeEvent:
        """What the event that is next does, if anything."""
        machine = self._machine
        if came.visit not in (-1, machine.visit):
            return self._ignored(came, "left")
        ways = ways_from(states_of(self._config)[machine.state])
        from_outside = came.visit == -1
        way = None if from_outside and came.event == TIMEOUT else ways.get(came.event)
        if way is None:
            return self._ignored(came, "not_taken")
        lookup = _with_names(self._here.lookup, self._loop.variables, machine, came)
        if way.get("guard") is not None and not evaluate(way["guard"], lookup):
            return self._ignored(came, "guard")
        most = self._config.get("max_transitions", MAX_TRANSITIONS)
        if machine.visit >= most:
            raise self._too_many(most)
        try:
            done = self._assignments(way, lookup)
        except RunfoldError as error:
            # What comes from outside must not end what may have lived for weeks.
            if from_outside:
                return self._ignored(came, "unfit", error.failure())
            raise
        action = action_body(machine.state, came.event)
        if action in self._here.planned.bodies:
            return self._handler(action, target=way["target"], assignments=done)
        return self._changed(came, way["target"], done)

    def _handler(self, handler: str, **fields: Any) -> e.StateHandlerStarted:
        index = self._loop.begun
        return self._event(
            e.StateHandlerStarted, str(index), index=index, handler=handler, **fields
        )

    def _changed(
        self, came: Arrived, target: str, done: tuple[e.Assignment, ...]
    ) -> e.StateChanged:
        machine = self._machine
        index = machine.visit + 1
        after = Machine(state=target)
        lookup = _with_names(self._here.lookup, self._loop.variables, after, came)
        return self._event(
            e.StateChanged,
            str(index),
            index=index,
            from_=machine.state,
            to=target,
            event=came.event,
            at=self._here.state.now,
            due=_due(self._here, target, lookup),
            assignments=done,
        )

    def _ignored(
        self, came: Arrived, reason: str, error: Failure | None = None
    ) -> e.StateEventIgnored:
        machine = self._machine
        return self._event(
            e.StateEventIgnored,
            str(machine.handled),
            index=machine.handled,
            event=came.event,
            state=machine.state,
            reason=reason,
            error=error,
        )

    def _assignments(self, way: dict[str, Any], lookup: Lookup) -> tuple[e.Assignment, ...]:
        here = self._here
        inside = child_scope(address_of(here.scope, here.planned.id), self._loop.begun)
        written = way.get("assign") or ()
        return assignments_from(written, here.plan, here.state, inside, lookup)

    def _succeeded(self) -> e.NodeRunSucceeded:
        machine = self._machine
        passed = [machine.history[index] for index in sorted(machine.history)]
        outputs = {
            **self._loop.variables,
            "state": machine.state,
            "history": [
                {"from": one.from_, "event": one.event, "to": one.to, "at": one.at}
                for one in passed
            ],
            "output": machine.state,
        }
        port = machine.state if machine.state in self._here.planned.targets else OUT
        return self._event(e.NodeRunSucceeded, outputs=outputs, port=port)

    def _too_many(self, most: int) -> NodeFailed:
        message = f"it changed its state {self._machine.visit} times, its max_transitions is {most}"
        return NodeFailed(message, code="machine.too_many_transitions", kind="limit")

    def _naming(self, error: RunfoldError) -> Failure:
        """A failure of the machine itself, with the place and the state in it."""
        here, state = self._here, self._machine.state
        failure = error.failure()
        address = address_of(here.scope, here.planned.id)
        details = {"node": here.planned.id, "scope": here.scope, "state": state}
        return replace(
            failure,
            message=f"node {address!r} in state {state!r}: {failure.message}",
            details={**details, **failure.details},
        )

    def _event(self, kind: type[N], of: str = "", **fields: Any) -> N:
        here = self._here
        about = (here.scope, here.planned.id, here.node.attempt)
        return self._writer.node(kind, *about, of=of, **fields)


def _due(here: Ready, state: str, lookup: Lookup) -> float | None:
    """When the time of a state that begins now is up."""
    timed = states_of(here.planned.config).get(state, {}).get("timeout")
    if timed is None:
        return None
    return here.state.now + parse_duration(render(timed["after"], lookup))


def _with_names(
    around: Lookup, variables: dict[str, Any], machine: Machine, came: Arrived
) -> Lookup:
    """What names mean to a machine itself: its own, then what is around it."""
    names = {**variables, **names_of(machine, came)}
    return lambda root: names[root] if root in names else around(root)
