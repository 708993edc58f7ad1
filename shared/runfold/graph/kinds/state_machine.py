"""`state_machine`: is in one of several states, and goes to others by events from outside.

How its configuration is read is here, for the checks and the engine alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import msgspec

from runfold.graph.definition import OUT
from runfold.graph.kinds.assign import Assignment, assignment_problems
from runfold.graph.kinds.composites import BODY_KEYS, body_problems, fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.ids import ID_RULE, is_id
from runfold.values.conditions import condition_findings, is_structured
from runfold.values.durations import parse_duration, unreadable

MACHINE_NAMES = frozenset(("state", "event"))
"""Roots inside a handler that a machine provides; they cannot be assigned to."""
TIMEOUT = "timeout"
"""The name of the event that the time of a state is up."""
MAX_TRANSITIONS = 10_000
_OUTPUTS = ("state", "history")
_TAKEN_NAMES = MACHINE_NAMES | {"history", "output", "status", "error"}


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an event does in a state."""

    target: str
    """The state that follows; it may be the same one, which is then entered anew."""
    guard: Any = None
    """A structured condition; the event is ignored unless it holds."""
    assign: list[Assignment] = []
    """Changes of variables, as those of an `assign` node; done before the action."""
    action: dict[str, Any] | None = None
    """A body that runs before the state changes."""
    FORM: ClassVar[Forms] = {
        "target": Form("text", ("paid",)),
        "guard": Form("condition", ({"left": "{{event.amount}}", "operator": ">=", "right": 20},)),
        "assign": Form("objects", ([{"variable": "paid", "value": "{{event.amount}}"}],)),
        "action": Form(
            "body",
            ({"nodes": [{"id": "say", "type": "template", "config": {"template": "paid"}}]},),
        ),
    }


class TimedWay(Way, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What happens when a state was not left in time."""

    after: Any
    """How long: seconds, or text such as `"2h"`."""
    FORM: ClassVar[Forms] = {
        "after": Form("duration", ("2h", 90)),
    }


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One state."""

    on: dict[str, Way | str] = {}
    """The events that it takes; of one without anything more only the target may be written."""
    entry: dict[str, Any] | None = None
    """A body that runs each time the state is entered."""
    timeout: TimedWay | None = None
    """Where to go when no event led out of it in time."""
    final: bool = False
    """Whether the machine ends here."""
    FORM: ClassVar[Forms] = {
        "on": Form("named_objects", ({"pay": "paid", "cancel": {"target": "cancelled"}},)),
        "entry": Form(
            "body",
            ({"nodes": [{"id": "say", "type": "template", "config": {"template": "entered"}}]},),
        ),
        "timeout": Form("object", ({"after": "2h", "target": "cancelled"},)),
        "final": Form("boolean"),
    }


class StateMachineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `state_machine` node.

    Inside, `{{state}}` is the present state, `{{event}}` what came, and each variable has its name.
    """

    initial: str
    """The state it begins in."""
    states: dict[str, State | None]
    """The states by name; one that takes no events may be written empty."""
    variables: dict[str, Any] = {}
    """What its variables begin as; `assign` changes them, they are outputs in the end."""
    message: Any = ""
    """What it waits for, as the sender of its events reads it."""
    assignee: Any = ""
    """Who is asked: passed on to the client that shows what waits."""
    max_transitions: Annotated[int, msgspec.Meta(ge=1)] = MAX_TRANSITIONS
    """More than so many changes of state fail the node."""
    FORM: ClassVar[Forms] = {
        "initial": Form("text", ("open",)),
        "states": Form(
            "named_objects", ({"open": {"on": {"pay": "paid"}}, "paid": {"final": True}},)
        ),
        "variables": Form("key_values", ({"amount": 0},)),
        "message": Form("template", ("Waiting for payment",), group="people"),
        "assignee": Form("text", ("sales",), group="people"),
        "max_transitions": Form("number", (100,), group="limits"),
    }


def states_of(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The states of a configuration that are objects; one without settings may be written empty."""
    states = config.get("states")
    return {
        name: state or {}
        for name, state in (states if isinstance(states, dict) else {}).items()
        if isinstance(state, dict) or state is None
    }


def ways_from(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Event → what it does in a state; `timeout` among them where the state has a time."""
    written = state.get("on")
    ways: dict[str, dict[str, Any]] = {}
    for event, way in (written if isinstance(written, dict) else {}).items():
        if isinstance(way, str):
            ways[event] = {"target": way}
        elif isinstance(way, dict):
            ways[event] = way
    if isinstance(state.get("timeout"), dict):
        ways[TIMEOUT] = state["timeout"]
    return ways


def events_of(config: dict[str, Any], state: str = "") -> tuple[str, ...]:
    """The events from outside that one state takes, or any does."""
    states = states_of(config)
    asked = [states.get(state, {})] if state else list(states.values())
    found = {event for one in asked for event in ways_from(one)} - {TIMEOUT}
    return tuple(sorted(found))


def is_final(config: dict[str, Any], state: str) -> bool:
    """Whether a machine ends in a state."""
    return states_of(config).get(state, {}).get("final") is True


def action_body(state: str, event: str) -> str:
    """The name of the body that runs when a state takes an event; that of an entry is the state."""
    return f"{state}.{event}"


def read_inside(config: dict[str, Any]) -> dict[str, Any]:
    """What a machine reads itself with the names it provides, by place in the configuration."""
    return {
        f"{place}.{field}": way[field]
        for place, _, _, way in _places(config)
        for field in ("guard", "assign", "after")
        if field in way
    }


def _places(config: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each way out of each state, as `(place, state, event, way)`."""
    for name, state in states_of(config).items():
        for event, way in ways_from(state).items():
            step = TIMEOUT if event == TIMEOUT else f"on.{event}"
            yield f"states.{name}.{step}", name, event, way


def _bodies(config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, state in states_of(config).items():
        if isinstance(state.get("entry"), dict):
            found[name] = ("states", name, "entry")
    for place, name, event, way in _places(config):
        if isinstance(way.get("action"), dict):
            found[action_body(name, event)] = (*place.split("."), "action")
    return found


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    finals = (name for name in states_of(config) if is_final(config, name) and name != OUT)
    return (*finals, OUT)


def _variables(config: dict[str, Any]) -> tuple[str, ...]:
    variables = config.get("variables")
    return tuple(variables) if isinstance(variables, dict) else ()


def _provides(config: dict[str, Any]) -> frozenset[str]:
    return MACHINE_NAMES | set(_variables(config))


def _outputs(config: dict[str, Any]) -> dict[str, str]:
    return dict.fromkeys((*_variables(config), *_OUTPUTS), "any")


_FIXED = ("max_transitions",)


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    states = states_of(config)
    if config.get("states") == {}:
        yield Problem("states", "a state machine needs at least one state")
    yield from _target_problems("initial", config.get("initial"), states)
    for name in _variables(config):
        if not is_id(name) or name in _TAKEN_NAMES:
            yield Problem("variables", f"a variable of a machine cannot be called {name!r}")
    for name, state in states.items():
        yield from _state_problems(name, state)
    for place, _, _, way in _places(config):
        yield from _way_problems(place, way, states)


def _state_problems(name: str, state: dict[str, Any]) -> Iterator[Problem]:
    place = f"states.{name}"
    if not is_id(name):
        message = f"a state cannot be called {name!r}: {ID_RULE}"
        yield Problem("states", message)
    events = state.get("on")
    for event in events if isinstance(events, dict) else ():
        if not is_id(event) or event == TIMEOUT:
            why = "it is the state's own" if event == TIMEOUT else ID_RULE
            yield Problem(f"{place}.on", f"an event cannot be called {event!r}: {why}")
    if state.get("final") is True and ways_from(state):
        yield Problem(f"{place}.final", f"the machine ends in {name!r}: nothing leads out of it")
    yield from _body_problems(f"{place}.entry", state.get("entry"))


def _way_problems(place: str, way: dict[str, Any], states: dict[str, Any]) -> Iterator[Problem]:
    yield from _target_problems(f"{place}.target", way.get("target"), states)
    yield from _guard_problems(f"{place}.guard", way.get("guard"))
    for problem in assignment_problems(way, "assign"):
        yield problem._replace(field=f"{place}.{problem.field}")
    for field, message in unreadable(way, parse_duration, "after"):
        yield Problem(f"{place}.{field}", message)
    yield from _body_problems(f"{place}.action", way.get("action"))


def _guard_problems(place: str, guard: Any) -> Iterator[Problem]:
    if guard is None:
        return
    if not is_structured(guard):
        message = "a guard must be a structured condition: {left, operator, right}, and, or"
        yield Problem(place, message, "condition.invalid")
        return
    for found in condition_findings(guard):
        yield Problem(place, found, "condition.invalid")


def _target_problems(place: str, target: Any, states: dict[str, Any]) -> Iterator[Problem]:
    if isinstance(target, str) and states and target not in states:
        known = ", ".join(states)
        yield Problem(place, f"there is no state {target!r}; states: {known}", "machine.no_state")


def _body_problems(place: str, body: Any) -> Iterator[Problem]:
    if not isinstance(body, dict):
        return
    for problem in body_problems(body):
        yield problem._replace(field=f"{place}.{problem.field}")
    for key in body.keys() - set(BODY_KEYS):
        yield Problem(f"{place}.{key}", f"a handler has no {key!r}")


KIND = register(
    Kind(
        type="state_machine",
        group=INLINE,
        config=StateMachineConfig,
        summary="Go from state to state by events from outside",
        ports=_ports,
        rules=_rules,
        written=("states",),
        declared=_outputs,
        bodies=_bodies,
        provides=_provides,
        inner=("states",),
        reads=read_inside,
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            ports_from=("states",),
            ports_rule=(
                "The name of each state that is `final`, and `out` for those without an edge of "
                "their own."
            ),
            output_types={"output": "string", "state": "string", "history": "array"},
            outputs_from=("variables",),
            body_places=("states.*.entry", "states.*.on.*.action", "states.*.timeout.action"),
            provides_from=("variables",),
        ),
    )
)
