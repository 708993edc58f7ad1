"""Forks and retries of random runs: what they take over, and that they end as they should."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.history.forks import rewritten, taken_over, taken_over_for_retry
from runfold.engine.state.composites import Composite
from runfold.engine.views.runs import run_view
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import Plan, compile_plan
from tests.support.engine_sim import RUN, Outcome, Sim
from tests.support.graphs import Case, cases, scripted

SEEDS = st.integers(0, 2**32)


def sim_of(case: Case, seed: int) -> Sim:
    return Sim(compile_plan(case.workflow), lambda t: scripted(case, t.node_id, t.attempt), seed)


@given(cases(failing=False), SEEDS, st.data())
@settings(max_examples=120, deadline=None)
def test_a_fork_at_any_event_ends_as_the_run_did(
    case: Case, seed: int, data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    sim.run()
    at = data.draw(st.integers(1, len(sim.log)))
    kept = taken_over(sim.plan, sim.log[:at])
    fork = Sim(sim.plan, sim.script, seed + 1, taken_over=kept)
    fork.run()
    assert _came_to(fork) == _came_to(sim)
    # What had ended by then is not run again.
    ended = {event.node_id for event in kept if isinstance(event, e.NodeRunSucceeded)}
    assert not ended & {task.node_id for task in fork.dispatched.values()}


@given(cases(), SEEDS, SEEDS)
@settings(max_examples=180, deadline=None)
def test_a_retry_of_a_failed_run_does_only_what_failed(case: Case, seed: int, again: int) -> None:
    sim = sim_of(case, seed)
    sim.run()
    if sim.state.status != "failed":
        return
    kept = taken_over_for_retry(sim.plan, sim.log, "")
    retried = Sim(sim.plan, _all_well, again, taken_over=kept)
    retried.run()
    assert retried.state.status in ("succeeded", "partial_succeeded")
    done = {at for at, node in sim.state.nodes.items() if node.status in ("succeeded", "exception")}
    assert not done & {task.node_id for task in retried.dispatched.values()}
    assert sim.state.error_address in {task.node_id for task in retried.dispatched.values()}


@given(cases(failing=False), SEEDS, st.data())
@settings(max_examples=120, deadline=None)
def test_a_retry_from_any_node_runs_it_and_what_follows(
    case: Case, seed: int, data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    sim.run()
    ran = sorted(at for at, node in sim.state.nodes.items() if node.status == "succeeded")
    from_node = data.draw(st.sampled_from(ran))
    retried = Sim(
        sim.plan, sim.script, seed, taken_over=taken_over_for_retry(sim.plan, sim.log, from_node)
    )
    retried.run()
    assert _came_to(retried) == _came_to(sim)
    tasks = {node.id for node in sim.plan.nodes.values() if node.group != "inline"}
    expected = (_downstream(sim.plan, from_node) | {from_node}) & tasks & set(ran)
    assert {task.node_id for task in retried.dispatched.values()} == expected


@given(cases(), SEEDS, st.data())
@settings(max_examples=180, deadline=None)
def test_a_retry_from_a_node_also_runs_what_failed_elsewhere(
    case: Case, seed: int, data: st.DataObject
) -> None:
    sim = sim_of(case, seed)
    sim.run()
    ran = sorted(at for at, node in sim.state.nodes.items() if node.status == "succeeded")
    if sim.state.status != "failed" or not ran:
        return
    from_node = data.draw(st.sampled_from(ran))
    kept = taken_over_for_retry(sim.plan, sim.log, from_node)
    retried = Sim(sim.plan, _all_well, seed, taken_over=kept)
    retried.run()
    assert retried.state.status in ("succeeded", "partial_succeeded")
    dispatched = {task.node_id for task in retried.dispatched.values()}
    again = _downstream(sim.plan, from_node) | {from_node}
    assert from_node in dispatched or sim.plan.nodes[from_node].group == "inline"
    assert not dispatched & (set(ran) - again)


LOOP = {
    "id": "loop",
    "nodes": [
        {
            "id": "each",
            "type": "loop",
            "config": {
                "items": ["a", "b", "c"],
                "nodes": [{"id": "first", "type": "noop"}, {"id": "second", "type": "noop"}],
                "edges": [{"source": "first", "target": "second"}],
            },
        },
        {"id": "after", "type": "noop"},
    ],
}


@given(SEEDS, st.sampled_from(["each[0]", "each[1]", "each[2]"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_loop_goes_on_at_the_item_that_failed(seed: int, failing: str, second: bool) -> None:
    workflow, _ = prepare(LOOP)
    plan = compile_plan(workflow)
    fails = (failing, "second" if second else "first")

    def script(task: Task) -> Outcome:
        outputs = {"output": f"{task.scope}/{task.node_id}"}
        return Outcome((task.scope, task.node_id) != fails, outputs, retryable=False)

    sim = Sim(plan, script, seed)
    sim.run()
    assert sim.state.status == "failed"
    done = {at for at, node in sim.state.nodes.items() if node.status == "succeeded"}
    retried = Sim(plan, _all_well, seed, taken_over=taken_over_for_retry(plan, sim.log, ""))
    retried.run()
    assert retried.state.status == "succeeded"
    dispatched = {f"{task.scope}/{task.node_id}" for task in retried.dispatched.values()}
    assert not dispatched & done
    assert f"{failing}/{fails[1]}" in dispatched
    whole = Sim(plan, _all_well, seed)
    whole.run()
    assert _came_to(retried) == _came_to(whole)


def _counts_once(sim: Sim, kept: Sequence[e.AnyNodeEvent], seed: int, data: st.DataObject) -> None:
    """Taken over in part, then whole, and once more while the run goes on: as if taken over once.

    So it is when a request is carried out again after the broker forgot the ids of the first time.
    """
    once = Sim(sim.plan, sim.script, seed, taken_over=kept)
    part = data.draw(st.integers(0, len(kept)))
    twice = Sim(sim.plan, sim.script, seed, taken_over=[*kept[:part], *kept])
    assert _stands(twice) == _stands(once)
    later = list(enumerate(kept, start=1_000_000))
    while not twice.state.ended and twice.step():
        if later and twice.random.random() < 0.5:
            before = _stands(twice)
            place, event = later.pop(0)
            twice.land(rewritten(event, RUN, place))
            assert _stands(twice) == before
    ended = {_place(event) for event in kept if isinstance(event, e.NodeRunSucceeded)}
    assert not ended & {_place(task) for task in twice.dispatched.values()}


def _place(of: Task | e.NodeEvent) -> tuple[str, str]:
    return of.scope, of.node_id


def _stands(sim: Sim) -> object:
    """A run's state but for times and places in the log."""
    state = sim.state
    nodes = {
        at: (n.status, n.attempt, n.port, n.outputs, n.error, _untimed(n.composite))
        for at, n in state.nodes.items()
    }
    counted = (state.status, state.steps, state.exceptions, state.usage, state.forking)
    graph = (dict(state.joins.items()), dict(state.scopes.items()), set(state.open))
    return nodes, counted, graph


def _untimed(composite: Composite | None) -> Composite | None:
    if composite is None:
        return None
    return replace(composite, under_way=HashTrieMap(dict.fromkeys(composite.under_way, 0.0)))


@given(cases(), SEEDS, st.data())
@settings(max_examples=120, deadline=None)
def test_what_is_taken_over_twice_counts_once(case: Case, seed: int, data: st.DataObject) -> None:
    sim = sim_of(case, seed)
    sim.run()
    at = data.draw(st.integers(1, len(sim.log)))
    _counts_once(sim, taken_over(sim.plan, sim.log[:at]), seed, data)
    if sim.state.status == "failed":
        _counts_once(sim, taken_over_for_retry(sim.plan, sim.log, ""), seed, data)


@given(SEEDS, st.data())
@settings(max_examples=60, deadline=None)
def test_a_loop_taken_over_twice_counts_once(seed: int, data: st.DataObject) -> None:
    each, after = LOOP["nodes"]
    mode = data.draw(st.sampled_from(["terminate", "continue", "drop"]))
    each = {**each, "config": {**each["config"], "on_item_error": mode, "concurrency": 2}}
    workflow, _ = prepare({**LOOP, "nodes": [each, after]})

    def script(task: Task) -> Outcome:
        fails = (task.scope, task.node_id) in {("each[1]", "first"), ("", "after")}
        return Outcome(not fails, {"output": task.node_id}, retryable=False)

    sim = Sim(compile_plan(workflow), script, seed)
    sim.run()
    at = data.draw(st.integers(1, len(sim.log)))
    _counts_once(sim, taken_over(sim.plan, sim.log[:at]), seed, data)
    _counts_once(sim, taken_over_for_retry(sim.plan, sim.log, ""), seed, data)


TOLERANT = {
    "an item continued": {"config": {"on_item_error": "continue"}},
    "an item dropped": {"config": {"on_item_error": "drop"}},
    "the loop continued": {"on_error": {"strategy": "continue"}},
}


@given(SEEDS, st.sampled_from(sorted(TOLERANT)))
@settings(max_examples=30, deadline=None)
def test_what_a_loop_went_past_is_not_run_again(seed: int, tolerance: str) -> None:
    each, after = LOOP["nodes"]
    tolerated = TOLERANT[tolerance]
    each = {**each, **tolerated, "config": {**each["config"], **tolerated.get("config", {})}}
    workflow, _ = prepare({**LOOP, "nodes": [each, {"id": "between", "type": "noop"}, after]})
    plan = compile_plan(workflow)

    def script(task: Task) -> Outcome:
        fails = (task.scope, task.node_id) in {("each[1]", "first"), ("", "after")}
        return Outcome(not fails, {"output": task.node_id}, retryable=False)

    sim = Sim(plan, script, seed)
    sim.run()
    assert (sim.state.status, sim.state.error_address) == ("failed", "after")
    retried = Sim(plan, _all_well, seed, taken_over=taken_over_for_retry(plan, sim.log, ""))
    retried.run()
    assert retried.state.status == "partial_succeeded"
    assert [task.node_id for task in retried.dispatched.values()] == ["after"]


def test_an_item_that_a_failing_loop_had_given_up_is_run_again() -> None:
    each = {**LOOP["nodes"][0], "id": "each"}
    # Its items sleep for longer than it may take, so that it fails after it let one go.
    nap = {"id": "nap", "type": "wait", "config": {"duration": 60}}
    body = each["config"]
    each["config"] = {
        **body,
        "on_item_error": "continue",
        "concurrency": 3,
        "nodes": [*body["nodes"], nap],
        "edges": [*body["edges"], {"source": "second", "target": "nap"}],
    }
    each["timeout"] = 30
    workflow, _ = prepare({**LOOP, "nodes": [each]})
    plan = compile_plan(workflow)

    def script(task: Task) -> Outcome:
        fails = (task.scope, task.node_id) == ("each[1]", "second")
        return Outcome(not fails, {"output": task.node_id}, retryable=False)

    sim = Sim(plan, script)
    sim.run()
    assert (sim.state.status, sim.state.error_address) == ("failed", "each")
    retried = Sim(plan, _all_well, taken_over=taken_over_for_retry(plan, sim.log, ""))
    retried.run()
    dispatched = [f"{task.scope}/{task.node_id}" for task in retried.dispatched.values()]
    assert dispatched == ["each[1]/second"]


def _all_well(task: Task) -> Outcome:
    return Outcome(outputs={"output": f"{task.scope}/{task.node_id}"})


def _came_to(sim: Sim) -> tuple[object, ...]:
    view = run_view(sim.plan, sim.state)
    nodes = tuple((n.address, n.status, n.port, str(n.outputs)) for n in view.nodes)
    return view.status, str(view.outputs), nodes


def _downstream(plan: Plan, node_id: str) -> set[str]:
    found: set[str] = set()
    ahead = [node_id]
    while ahead:
        for targets in plan.nodes[ahead.pop()].targets.values():
            for target in targets:
                if target not in found:
                    found.add(target)
                    ahead.append(target)
    return found


def test_a_loser_runs_anew_when_its_join_does() -> None:
    nodes = [
        {"id": "a", "type": "noop", "on_error": "continue"},
        {"id": "b", "type": "noop"},
        {"id": "join", "type": "join", "config": {"mode": "any", "cancel_losers": True}},
        {"id": "after", "type": "noop"},
    ]
    edges = [
        {"source": "a", "target": "join"},
        {"source": "b", "target": "join"},
        {"source": "join", "target": "after"},
    ]
    workflow, _ = prepare({"id": "w", "inputs": {}, "nodes": nodes, "edges": edges})
    plan = compile_plan(workflow)
    for seed in range(20):
        sim = Sim(plan, lambda t: Outcome(t.node_id != "after", retryable=False), seed)
        sim.run()
        kept = taken_over_for_retry(plan, sim.log, "a")
        retried = Sim(plan, _all_well, seed, taken_over=kept)
        assert retried.run().status == "succeeded"


def test_rounds_after_one_that_is_run_again_are_run_again() -> None:
    one = {"variable": "seen", "operation": "append", "value": "{{index}}"}
    enough = {"left": "{{index}}", "operator": ">=", "right": 3}
    body = [
        {"id": "x", "type": "noop"},
        {"id": "keep", "type": "assign", "config": {"assignments": [one]}},
        {"id": "enough", "type": "condition", "config": {"condition": enough}},
        {"id": "out", "type": "break"},
    ]
    inner = [
        {"source": "x", "target": "keep"},
        {"source": "keep", "target": "enough"},
        {"source": "enough", "target": "out", "port": "true"},
    ]
    config = {
        "infinite": True,
        "max_iterations": 9,
        "variables": {"seen": []},
        "nodes": body,
        "edges": inner,
    }
    loop = {"id": "l", "type": "loop", "config": config}
    workflow, _ = prepare({"id": "w", "inputs": {}, "nodes": [loop]})
    plan = compile_plan(workflow)
    sim = Sim(plan)
    sim.run()
    kept = taken_over_for_retry(plan, sim.log, "l[1]/x")
    retried = Sim(plan, _all_well, taken_over=kept)
    state = retried.run()
    assert state.nodes["l"].outputs["seen"] == [0, 1, 2, 3]
    scopes = [task.scope for task in retried.dispatched.values()]
    assert scopes == ["l[1]", "l[2]", "l[3]"]
