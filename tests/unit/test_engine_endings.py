"""Every terminal event ends its run. One that was decided too early does not hide what is left."""

from __future__ import annotations

import pytest

from runfold.contracts import events as e
from runfold.errors import Failure
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import Plan, compile_plan
from tests.support.engine_sim import RUN, Sim

ABOUT = {"run_id": RUN, "workflow_id": "w"}
WHY = Failure(code="run.cancelled", message="cancelled", kind="cancelled")


def plan_of(*nodes: dict[str, object]) -> Plan:
    return compile_plan(prepare({"id": "w", "nodes": list(nodes), "edges": []})[0])


@pytest.mark.parametrize("kind", e.TERMINAL_RUN_EVENTS)
def test_each_ends_its_run_whenever_it_comes(kind: type[e.RunEvent]) -> None:
    """Executors, viewers and the archive read the types of events alone."""
    sim = Sim(plan_of({"id": "a", "type": "noop"}))
    fields = {"error": WHY} if "error" in kind.__struct_fields__ else {}
    sim.land(kind(id="end", **ABOUT, **fields))
    assert sim.state.ended


def test_a_result_that_came_while_the_run_decided_to_end_is_named() -> None:
    """One copy of a task is dropped unbegun; the other succeeds before the run's end is written."""
    sim = Sim(
        plan_of({"id": "a", "type": "noop", "compensate": "u"}, {"id": "u", "type": "noop"}),
    )
    attempt = {**ABOUT, "node_id": "a", "attempt": 1}
    sim.results.clear()
    sim.land(e.RunCompensating(id="cancel", cause="cancel", error=WHY, **ABOUT))
    dropped = Failure(code="node.not_begun", message="dropped", kind="cancelled")
    sim.land(e.NodeRunFailed(id="dropped", error=dropped, **attempt))
    (ending,) = sim.appends
    assert isinstance(ending, e.RunCancelled)
    sim.land(e.NodeRunSucceeded(id="after all", **attempt))
    sim.land(ending)
    assert sim.state.status == "compensation_failed"
    assert sim.state.error is not None
    assert sim.state.error.details["nodes"] == ["a"]
    assert sim.state.error.code == "run.compensation_failed"


def test_a_run_that_is_cancelled_while_it_is_paused_is_left_as_it_is() -> None:
    sim = Sim(
        plan_of({"id": "a", "type": "noop", "compensate": "u"}, {"id": "u", "type": "noop"}),
    )
    sim.land(e.RunCompensating(id="cancel", cause="cancel", error=WHY, **ABOUT))
    sim.land(e.RunPaused(id="pause", **ABOUT))
    sim.land(e.RunCancelled(id="leave it", **ABOUT))
    assert sim.state.status == "cancelled"
