"""Sagas: after a failure, a cancel, or a new owner, what was completed is undone, newest first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.engine.history.fold import Plans
from runfold.engine.history.snapshot import restored, snapshot
from runfold.engine.views.attempts import Attempts
from runfold.engine.views.compensation import compensation_log
from runfold.engine.views.runs import NodeView, node_document, run_view
from runfold.graph.loader import canonical_bytes
from runfold.graph.plan.plan import compile_plan
from runfold_projection.folding import given_up
from tests.property.test_snapshots import folded
from tests.support.engine_sim import refold
from tests.support.graphs import Case
from tests.support.sagas import SagaSim, can_be_undone, compensable, loops, scripted, told_by

SEEDS = st.integers(0, 2**32)
STEPS = st.integers(1, 60)
Kind = Callable[[], st.SearchStrategy[Case]]
KINDS = pytest.mark.parametrize("kind", [compensable, loops], ids=["graphs", "loops"])


def simulated(case: Case, seed: int, cancel_at: int = 0, replaced_at: int = 0) -> SagaSim:
    sim = SagaSim(compile_plan(case.workflow), scripted(case), seed)
    at = 0
    while not sim.state.ended:
        assert sim.step(), "the run does not come to its end"
        at += 1
        if at == cancel_at:
            sim.cancel()
        if at == replaced_at:
            sim.replace_owner()
    return sim


def check(case: Case, sim: SagaSim) -> None:
    told, state = told_by(sim.plan, sim.log), sim.state
    assert refold(sim.plan, sim.log) == state
    if state.saga is None:
        assert state.status in ("succeeded", "partial_succeeded", "failed", "cancelled")
        assert told.undone == told.ended == []
        return
    # The newest first, each once, and nothing else.
    assert told.undone == told.ended == told.completed[::-1]
    log = compensation_log(sim.plan, state)
    assert [entry.address for entry in log] == told.undone
    done = {True: "compensated", False: "failed"}
    expected = [done[can_be_undone(case, sim.plan, at)] for at in told.undone]
    assert [entry.status for entry in log] == expected
    if not expected:
        assert state.status in ("failed", "cancelled")
    else:
        assert state.status == ("compensation_failed" if "failed" in expected else "compensated")
    assert state.error is not None or state.saga.cause == "cancel"
    # What began before is waited for: no success of a node that can be undone comes too late.
    assert not [
        event
        for events in sim.results
        for event in events
        if isinstance(event, e.NodeRunSucceeded)
        and event.id not in sim.ids
        and sim.may_be_undone(event)
    ]


@KINDS
@given(data=st.data(), seed=SEEDS)
@settings(max_examples=180, deadline=None)
def test_what_was_completed_before_a_failure_is_undone(
    kind: Kind, data: st.DataObject, seed: int
) -> None:
    case = data.draw(kind())
    check(case, simulated(case, seed))


@KINDS
@given(data=st.data(), seed=SEEDS, at=STEPS)
@settings(max_examples=180, deadline=None)
def test_what_was_completed_before_a_cancel_is_undone(
    kind: Kind, data: st.DataObject, seed: int, at: int
) -> None:
    case = data.draw(kind())
    check(case, simulated(case, seed, cancel_at=at))


@KINDS
@given(data=st.data(), seed=SEEDS, cancel_at=STEPS, at=STEPS)
@settings(max_examples=180, deadline=None)
def test_another_owner_goes_on_wherever_the_first_one_stopped(
    kind: Kind, data: st.DataObject, seed: int, cancel_at: int, at: int
) -> None:
    case = data.draw(kind())
    check(case, simulated(case, seed, cancel_at=cancel_at, replaced_at=at))


@KINDS
@given(data=st.data(), seed=SEEDS, cancel_at=STEPS, at=STEPS)
@settings(max_examples=180, deadline=None)
def test_what_begins_although_it_was_dropped_is_undone_too(
    kind: Kind, data: st.DataObject, seed: int, cancel_at: int, at: int
) -> None:
    """A task queued twice: the order may differ, and what came too late is named as left."""
    case = data.draw(kind())
    sim = SagaSim(compile_plan(case.workflow), scripted(case), seed)
    sim.copies = True
    steps = 0
    while not sim.state.ended:
        assert sim.step(), "the run does not come to its end"
        steps += 1
        if steps == cancel_at:
            sim.cancel()
        if steps == at:
            sim.replace_owner()
    told = told_by(sim.plan, sim.log)
    assert refold(sim.plan, sim.log) == sim.state
    if sim.state.saga is not None:
        left = sim.state.error if sim.state.status == "compensation_failed" else None
        named = set(left.details.get("nodes", ())) if left is not None else set()
        assert set(told.completed) - set(told.ended) <= named
        assert set(told.ended) <= set(told.undone) <= set(told.completed)


@KINDS
@given(data=st.data(), seed=SEEDS, cancel_at=STEPS)
@settings(max_examples=60, deadline=None)
def test_a_saga_restored_from_a_snapshot_goes_on_as_it_would_have(
    kind: Kind, data: st.DataObject, seed: int, cancel_at: int
) -> None:
    case = data.draw(kind())
    sim = simulated(case, seed, cancel_at=cancel_at)
    definition = canonical_bytes(case.workflow)
    at = data.draw(st.integers(1, len(sim.log)))
    taken = folded(sim, definition, at)
    back = restored(snapshot(taken), Plans())
    assert back is not None
    assert back.state == taken.state
    for record in sim.log[at:]:
        back.apply(record)
    assert back.state == folded(sim, definition, len(sim.log)).state


@KINDS
@given(data=st.data(), seed=SEEDS, cancel_at=STEPS)
@settings(max_examples=90, deadline=None)
def test_whoever_looks_only_at_what_each_event_touched_sees_the_whole(
    kind: Kind, data: st.DataObject, seed: int, cancel_at: int
) -> None:
    case = data.draw(kind())
    sim = simulated(case, seed, cancel_at=cancel_at)
    folder, attempts = folded(sim, canonical_bytes(case.workflow), 1), Attempts()
    attempts.follow(sim.log[0], None, folder.state, folder.state.nodes)
    shown: dict[str, NodeView] = {}
    for record in sim.log[1:]:
        before = folder.state
        touched = [*attempts.apply(record, folder), *given_up(before, folder.state)]
        for address in touched:
            if address in folder.state.nodes:
                shown[address] = node_document(folder.plan, folder.state, address, attempts)
    view = run_view(folder.plan, folder.state, attempts)
    assert shown == {node.address: node for node in view.nodes}
