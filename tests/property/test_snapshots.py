"""Snapshots: what comes back is what was taken, and what is damaged or foreign is none."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts.events import Recorded
from runfold.engine.history import snapshot as module
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.history.snapshot import restored, snapshot
from runfold.graph.loader import canonical_bytes, prepare
from runfold.graph.plan.plan import compile_plan
from tests.property.test_forks_and_retries import LOOP
from tests.support.engine_sim import Outcome, Sim
from tests.support.graphs import Case, cases, scripted

SEEDS = st.integers(0, 2**32)


def folded(sim: Sim, definition: bytes, upto: int) -> Folder:
    started = msgspec.structs.replace(sim.started, definition=msgspec.Raw(definition))
    first = Recorded(1, sim.log[0].time, started)
    folder = Folder.fold([first, *sim.log[1:upto]], Plans())
    assert folder is not None
    return folder


@given(cases(), SEEDS, st.data())
@settings(max_examples=90, deadline=None)
def test_a_run_restored_at_any_event_goes_on_as_it_would_have(
    case: Case, seed: int, data: st.DataObject
) -> None:
    sim = Sim(compile_plan(case.workflow), lambda t: scripted(case, t.node_id, t.attempt), seed)
    sim.run()
    definition = canonical_bytes(case.workflow)
    at = data.draw(st.integers(1, len(sim.log)))
    taken = folded(sim, definition, at)
    back = restored(snapshot(taken), Plans())
    assert back is not None
    assert (back.state, back.cause, back.read_seq) == (taken.state, taken.cause, taken.read_seq)
    for record in sim.log[at:]:
        back.apply(record)
    assert back.state == folded(sim, definition, len(sim.log)).state


@given(SEEDS, st.data())
@settings(max_examples=20, deadline=None)
def test_loops_with_failed_items_come_back(seed: int, data: st.DataObject) -> None:
    document = {**LOOP, "nodes": [dict(node) for node in LOOP["nodes"]]}  # type: ignore[attr-defined]
    document["nodes"][0]["config"] = {**document["nodes"][0]["config"], "on_item_error": "drop"}
    workflow, _ = prepare(document)
    sim = Sim(
        compile_plan(workflow), lambda t: Outcome(t.scope != "each[1]", retryable=False), seed
    )
    sim.run()
    at = data.draw(st.integers(1, len(sim.log)))
    taken = folded(sim, canonical_bytes(workflow), at)
    back = restored(snapshot(taken), Plans())
    assert back is not None
    assert back.state == taken.state


def test_another_folds_snapshot_and_a_damaged_one_are_none() -> None:
    workflow, _ = prepare(LOOP)
    sim = Sim(compile_plan(workflow))
    body = snapshot(folded(sim, canonical_bytes(workflow), 1))
    assert restored(body[:-7], Plans()) is None
    assert restored(b"nonsense", Plans()) is None
    before, module.FOLD = module.FOLD, module.FOLD + 1
    try:
        assert restored(body, Plans()) is None
    finally:
        module.FOLD = before
