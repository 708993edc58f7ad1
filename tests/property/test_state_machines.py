"""Random state machines and random events against a naive model, through death and taking over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.events import Recorded
from runfold.contracts.tasks import Task
from runfold.engine.decide.runs import decide
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.history.forks import taken_over, taken_over_for_retry
from runfold.engine.history.snapshot import restored, snapshot
from runfold.engine.state.state_machines import Machine
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Sim, refold, trimmed
from tests.support.machines import arrives, machine, rest

SEEDS = st.integers(0, 2**32)
STATES = ("s0", "s1", "s2", "s3", "s4")
EVENTS = ("a", "b", "c")
TASK = {"nodes": [{"id": "task", "type": "noop"}]}
SUM = {"variable": "sum", "operation": "+=", "value": "{{event.n}}"}


class Case(msgspec.Struct, frozen=True):
    """A machine, and what is sent to it."""

    states: dict[str, Any]
    sent: list[tuple[str, int]]

    @property
    def workflow(self) -> Workflow:
        node = machine(self.states, variables={"sum": 0})
        return prepare({"id": "w", "nodes": [node, {"id": "after", "type": "noop"}]})[0]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to five states, any of them final, with any ways between them."""
    names = STATES[: draw(st.integers(2, 5))]
    states: dict[str, Any] = {}
    for name in names:
        entry = {"entry": TASK} if draw(st.booleans()) else {}
        if name != names[0] and draw(st.integers(0, 3)) == 0:
            states[name] = {"final": True, **entry}
            continue
        taken = draw(st.lists(st.sampled_from(EVENTS), unique=True))
        states[name] = {"on": {event: draw(ways(names)) for event in taken}, **entry}
    sent = draw(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 9)), max_size=8))
    return Case(states, sent)


@st.composite
def ways(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, Any]:
    way: dict[str, Any] = {"target": draw(st.sampled_from(names))}
    if draw(st.booleans()):
        least = draw(st.integers(0, 9))
        way["guard"] = {"left": "{{event.n}}", "operator": ">=", "right": least}
    if draw(st.booleans()):
        way["assign"] = [SUM]
    if draw(st.booleans()):
        way["action"] = TASK
    return way


class Model(msgspec.Struct):
    """What a machine comes to, by a plain loop over its events."""

    state: str
    sum: int = 0
    passed: list[tuple[str, str, str]] = []
    ignored: list[tuple[str, str, str]] = []
    handlers: list[str] = []
    ended: bool = False


def model(case: Case, sent: list[tuple[str, int]]) -> Model:
    found = Model("s0")
    _enter(case, found)
    for event, n in sent:
        if found.ended:
            break
        way = case.states[found.state].get("on", {}).get(event)
        if way is None:
            found.ignored.append((event, found.state, "not_taken"))
        elif "guard" in way and n < way["guard"]["right"]:
            found.ignored.append((event, found.state, "guard"))
        else:
            found.sum += n if "assign" in way else 0
            if "action" in way:
                found.handlers.append(f"{found.state}.{event}")
            found.passed.append((found.state, event, way["target"]))
            found.state = way["target"]
            _enter(case, found)
    return found


def _enter(case: Case, found: Model) -> None:
    state = case.states[found.state]
    if "entry" in state:
        found.handlers.append(found.state)
    found.ended = state.get("final", False)


def sim_of(case: Case, seed: int, script: Callable[[Task], Outcome] | None = None) -> Sim:
    return Sim(compile_plan(case.workflow), script or _well, seed)


def _well(task: Task) -> Outcome:
    return Outcome(outputs={"output": task.scope})


def play(sim: Sim, case: Case, hold_ups: list[int], begin_at: int = 0) -> None:
    """Events arrive after as many steps each as said, and then all comes to rest."""
    begin(sim)
    for place, (event, n) in enumerate(case.sent[begin_at:], start=begin_at):
        for _ in range(hold_ups[place % len(hold_ups)]):
            if sim.state.ended or not sim.step():
                break
        arrives(sim, event, key=str(place), n=n)
    rest(sim)


def came_to(sim: Sim) -> Model:
    """What the log says."""
    node = sim.state.nodes["order"]
    machine_state = node.composite
    assert isinstance(machine_state, Machine)
    return Model(
        state=machine_state.state,
        sum=machine_state.variables["sum"],
        passed=[(one.from_, one.event, one.to) for one in _counted(sim, e.StateChanged)],
        ignored=[(one.event, one.state, one.reason) for one in _counted(sim, e.StateEventIgnored)],
        handlers=[one.handler for one in _counted(sim, e.StateHandlerStarted)],
        ended=node.status == "succeeded",
    )


def _counted(sim: Sim, kind: type) -> list[Any]:
    """The events of a kind that changed the state."""
    found = []
    state = refold(sim.plan, sim.log[:1])
    for record in sim.log[1:]:
        after = refold_step(sim, state, record)
        if after is not state and isinstance(record.event, kind):
            found.append(record.event)
        state = after
    return found


def refold_step(sim: Sim, state: Any, record: Recorded) -> Any:
    from runfold.engine.evolve.runs import evolve

    return evolve(sim.plan, state, record)[0]


def begin(sim: Sim) -> None:
    """Nobody can send a machine anything before it has begun."""
    while sim.state.nodes["order"].status == "ready" and sim.step():
        pass


HOLD_UPS = st.lists(st.integers(0, 6), min_size=1, max_size=8)


@given(cases(), SEEDS, HOLD_UPS)
@settings(max_examples=180, deadline=None)
def test_a_machine_does_what_the_model_does(case: Case, seed: int, hold_ups: list[int]) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    assert came_to(sim) == model(case, case.sent)
    assert (sim.state.status == "succeeded") == came_to(sim).ended
    assert refold(sim.plan, sim.log) == sim.state
    if sim.state.ended:
        history = sim.state.nodes["order"].outputs["history"]
        passed = [(one["from"], one["event"], one["to"]) for one in history]
        assert passed == came_to(sim).passed


@given(cases(), SEEDS, HOLD_UPS)
@settings(max_examples=30, deadline=None)
def test_nodes_of_handlers_that_ended_are_dropped_and_never_missed(
    case: Case, seed: int, hold_ups: list[int]
) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    whole = lean = sim.state
    for whole, lean in trimmed(sim.plan, sim.log):
        assert decide(sim.plan, lean) == decide(sim.plan, whole)
    assert (lean.status, lean.outputs, lean.open) == (whole.status, whole.outputs, whole.open)
    assert not any("[" in address for address in lean.nodes)


@given(cases(), SEEDS, HOLD_UPS, st.randoms(use_true_random=False))
@settings(max_examples=90, deadline=None)
def test_a_log_with_every_event_twice_folds_to_the_same(
    case: Case, seed: int, hold_ups: list[int], rng: Any
) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    doubled = list(sim.log)
    for record in sim.log[1:]:
        doubled.insert(rng.randrange(doubled.index(record) + 1, len(doubled) + 1), record)
    again, once = refold(sim.plan, doubled), refold(sim.plan, sim.log)
    assert again.nodes["order"].composite == once.nodes["order"].composite
    assert again.outputs == once.outputs


@given(cases(), SEEDS, HOLD_UPS, st.integers(0, 8), st.integers(0, 6))
@settings(max_examples=120, deadline=None)
def test_a_scheduler_that_dies_between_event_and_change_is_followed(
    case: Case, seed: int, hold_ups: list[int], at: int, steps: int
) -> None:
    """What it had on its way is lost; whoever follows decides it from the log."""
    sim = sim_of(case, seed)
    begin(sim)
    for place, (event, n) in enumerate(case.sent[:at]):
        arrives(sim, event, key=str(place), n=n)
    for _ in range(steps):
        if sim.state.ended or not sim.step():
            break
    wanted = {effect.key for effect in decide(sim.plan, refold(sim.plan, sim.log))}
    assert wanted <= sim.sent
    sim.replace_owner()
    play(sim, case, hold_ups, at)
    assert came_to(sim) == model(case, case.sent)


@given(cases(), SEEDS, HOLD_UPS, st.data())
@settings(max_examples=90, deadline=None)
def test_a_machine_restored_at_any_event_goes_on_as_it_would_have(
    case: Case, seed: int, hold_ups: list[int], data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    raw = msgspec.Raw(canonical_bytes(case.workflow))
    first = Recorded(1, sim.log[0].time, msgspec.structs.replace(sim.started, definition=raw))
    at = data.draw(st.integers(1, len(sim.log)))
    taken = Folder.fold([first, *sim.log[1:at]], Plans())
    assert taken is not None
    back = restored(snapshot(taken), Plans())
    assert back is not None
    assert back.state == taken.state
    for record in sim.log[at:]:
        back.apply(record)
        taken.apply(record)
    assert back.state == taken.state


@given(cases(), SEEDS, HOLD_UPS, st.data())
@settings(max_examples=90, deadline=None)
def test_a_fork_at_any_event_that_gets_the_same_events_ends_as_the_run_did(
    case: Case, seed: int, hold_ups: list[int], data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    at = data.draw(st.integers(1, len(sim.log)))
    kept = taken_over(sim.plan, sim.log[:at])
    came = sum(isinstance(event, e.InputReceived) for event in kept)
    times = data.draw(st.integers(1, 2))
    fork = Sim(sim.plan, sim.script, seed + 1, taken_over=kept * times)
    play(fork, case, hold_ups, came)
    assert came_to(fork) == model(case, case.sent)
    done = {event.scope for event in kept if isinstance(event, e.NodeRunSucceeded)}
    assert not (done - {""}) & {task.scope for task in fork.dispatched.values()}


@given(cases(), SEEDS, HOLD_UPS, st.integers(0, 5))
@settings(max_examples=120, deadline=None)
def test_a_retry_goes_on_at_the_handler_that_failed(
    case: Case, seed: int, hold_ups: list[int], fails: int
) -> None:
    def script(task: Task) -> Outcome:
        return Outcome(ok=not task.scope.endswith(f".{fails}]"), retryable=False)

    sim = sim_of(case, seed, script)
    play(sim, case, hold_ups)
    if sim.state.status != "failed":
        return
    kept = taken_over_for_retry(sim.plan, sim.log, "")
    came = sum(isinstance(event, e.InputReceived) for event in kept)
    retried = Sim(sim.plan, _well, seed, taken_over=kept)
    play(retried, case, hold_ups, came)
    assert came_to(retried) == model(case, case.sent)
    done = {event.scope for event in kept if isinstance(event, e.NodeRunSucceeded)}
    assert not (done - {""}) & {task.scope for task in retried.dispatched.values()}


@given(cases(), SEEDS, HOLD_UPS, st.data())
@settings(max_examples=120, deadline=None)
def test_a_retry_from_an_earlier_handler_does_the_events_since_again(
    case: Case, seed: int, hold_ups: list[int], data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    play(sim, case, hold_ups)
    ran = sorted(at for at in sim.state.nodes if at.endswith("/task"))
    if not sim.state.ended or not ran:
        return
    kept = taken_over_for_retry(sim.plan, sim.log, data.draw(st.sampled_from(ran)))
    came = sum(isinstance(event, e.InputReceived) for event in kept)
    retried = Sim(sim.plan, _well, seed, taken_over=kept)
    play(retried, case, hold_ups, came)
    assert came_to(retried) == model(case, case.sent)
