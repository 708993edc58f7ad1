"""Random graphs, run in random orders, against a naive interpreter and against their own logs."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.engine.decide.runs import decide
from runfold.engine.views.runs import run_view
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import RUN, Sim, refold
from tests.support.graphs import Case, cases, interpret, scripted

SEEDS = st.integers(0, 2**32)


def simulate(case: Case, seed: int) -> Sim:
    sim = Sim(
        compile_plan(case.workflow),
        lambda task: scripted(case, task.node_id, task.attempt),
        seed,
    )
    sim.run()
    return sim


@given(cases(), SEEDS)
@settings(max_examples=180, deadline=None)
def test_a_run_ends_as_the_naive_interpreter_says(case: Case, seed: int) -> None:
    statuses, fatal = interpret(case)
    state = simulate(case, seed).state
    if fatal:
        assert state.status == "failed"
        assert state.error_address in fatal
        return
    assert {address: node.status for address, node in state.nodes.items()} == statuses
    exceptions = sum(status == "exception" for status in statuses.values())
    assert state.status == ("partial_succeeded" if exceptions else "succeeded")
    assert state.exceptions == exceptions


@given(cases(), SEEDS)
@settings(max_examples=90, deadline=None)
def test_the_fold_of_the_log_is_the_live_state(case: Case, seed: int) -> None:
    sim = simulate(case, seed)
    assert refold(sim.plan, sim.log) == sim.state


@given(cases(), SEEDS, st.randoms(use_true_random=False))
@settings(max_examples=90, deadline=None)
def test_a_log_with_every_event_twice_folds_to_the_same(
    case: Case, seed: int, rng: random.Random
) -> None:
    sim = simulate(case, seed)
    doubled = list(sim.log)
    for record in sim.log[1:]:
        at = rng.randrange(doubled.index(record) + 1, len(doubled) + 1)
        doubled.insert(at, record)
    again = refold(sim.plan, doubled)
    assert _facts(sim.plan, again) == _facts(sim.plan, sim.state)


@given(cases(failing=False), SEEDS, st.randoms(use_true_random=False))
@settings(max_examples=90, deadline=None)
def test_facts_of_independent_nodes_may_come_in_any_order(
    case: Case, seed: int, rng: random.Random
) -> None:
    sim = simulate(case, seed)
    log = list(sim.log)
    for _ in range(3 * len(log)):
        at = rng.randrange(1, max(2, len(log) - 1))
        if at + 1 < len(log) - 1 and _independent(case, log[at].event, log[at + 1].event):
            log[at], log[at + 1] = log[at + 1], log[at]
    again = refold(sim.plan, log)
    assert again.status == sim.state.status
    assert {a: n.status for a, n in again.nodes.items()} == {
        a: n.status for a, n in sim.state.nodes.items()
    }


@given(cases(), SEEDS, st.integers(0, 40))
@settings(max_examples=120, deadline=None)
def test_a_cancel_that_lands_anywhere_gives_one_ending(case: Case, seed: int, at: int) -> None:
    sim = Sim(
        compile_plan(case.workflow), lambda task: scripted(case, task.node_id, task.attempt), seed
    )
    for _ in range(at):
        if not sim.step():
            break
    sim.land(e.RunCancelled(id="cancel", run_id=RUN, workflow_id="random"))
    ended = sim.state
    while sim.step():
        pass
    assert sim.state == ended
    assert ended.ended
    assert refold(sim.plan, sim.log) == ended


@given(cases(), SEEDS, st.integers(0, 60))
@settings(max_examples=120, deadline=None)
def test_a_new_owner_decides_what_the_old_one_had_decided(case: Case, seed: int, at: int) -> None:
    sim = Sim(
        compile_plan(case.workflow), lambda task: scripted(case, task.node_id, task.attempt), seed
    )
    for _ in range(at):
        if not sim.step():
            break
    wanted = {effect.key for effect in decide(sim.plan, refold(sim.plan, sim.log))}
    assert wanted <= sim.sent


@given(cases(), SEEDS, st.integers(0, 60))
@settings(max_examples=120, deadline=None)
def test_a_scheduler_that_dies_anywhere_is_followed_to_the_same_end(
    case: Case, seed: int, at: int
) -> None:
    """Appends on their way are lost with the owner; tasks already queued are not."""
    statuses, fatal = interpret(case)
    sim = Sim(
        compile_plan(case.workflow), lambda task: scripted(case, task.node_id, task.attempt), seed
    )
    for _ in range(at):
        if not sim.step():
            break
    sim.replace_owner()
    sim.run()
    assert (sim.state.status == "failed") == bool(fatal)
    if not fatal:
        assert {address: node.status for address, node in sim.state.nodes.items()} == statuses


def _facts(plan: object, state: object) -> object:
    """The run's view without where in the log it was read from."""
    view = run_view(plan, state)
    return [
        (node.address, node.status, node.attempt, node.outputs, node.port) for node in view.nodes
    ], (view.status, view.outputs)


def _independent(case: Case, one: e.AnyEvent, other: e.AnyEvent) -> bool:
    """Whether two neighbouring events are of nodes without a path between them."""
    if not isinstance(one, e.NodeEvent) or not isinstance(other, e.NodeEvent):
        return False
    if one.node_id == other.node_id:
        return isinstance(one, e.NodeRunStarted) and isinstance(other, e.NodeRunSucceeded)
    return not _leads(case, one.node_id, other.node_id) and not _leads(
        case, other.node_id, one.node_id
    )


def _leads(case: Case, source: str, target: str) -> bool:
    reached, frontier = {source}, [source]
    while frontier:
        here = frontier.pop()
        for edge in case.workflow.edges:
            if edge.source == here and edge.target not in reached:
                reached.add(edge.target)
                frontier.append(edge.target)
    return target in reached
