"""A terminal event that was decided before a later fact forbade it does not end the run."""

from __future__ import annotations

import pytest

from runfold.contracts import events as e
from runfold.errors import Failure
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import Plan, compile_plan
from tests.support.engine_sim import RUN, Sim


def plan_of(*nodes: dict[str, object], edges: list[dict[str, str]] | None = None) -> Plan:
    return compile_plan(prepare({"id": "w", "nodes": list(nodes), "edges": edges or []})[0])


@pytest.mark.parametrize("kind", [e.RunSucceeded, e.RunPartialSucceeded])
def test_a_run_succeeds_once_every_node_has_ended(kind: type[e.RunSucceeded]) -> None:
    """The event before it may have been lost on its way to the log."""
    sim = Sim(plan_of({"id": "a", "type": "noop"}))
    sim.land(kind(id="early", run_id=RUN, workflow_id="w", outputs={}))
    assert not sim.state.ended
    sim.run()
    assert sim.state.status == "succeeded"


def test_a_late_result_of_a_task_that_was_queued_twice_is_undone() -> None:
    """One copy is dropped unbegun and the run decides to end; then the other copy succeeds."""
    plan = plan_of({"id": "a", "type": "noop", "compensate": "u"}, {"id": "u", "type": "noop"})
    sim = Sim(plan)
    about = {"run_id": RUN, "workflow_id": "w"}
    attempt = {**about, "node_id": "a", "attempt": 1}
    why = Failure(code="run.cancelled", message="cancelled", kind="cancelled")
    sim.results.clear()
    sim.land(e.RunCompensating(id="cancel", cause="cancel", error=why, **about))
    dropped = Failure(code="node.not_begun", message="dropped", kind="cancelled")
    sim.land(e.NodeRunFailed(id="dropped", error=dropped, **attempt))
    (ending,) = sim.appends
    assert isinstance(ending, e.RunCancelled)
    sim.land(e.NodeRunSucceeded(id="after all", **attempt))
    assert not sim.state.ended
    sim.run()
    assert sim.state.status == "compensated"
    assert [type(one.event) for one in sim.log].count(e.RunCompensated) == 1


def test_undoing_is_over_only_in_a_run_that_compensates() -> None:
    sim = Sim(plan_of({"id": "a", "type": "noop"}))
    sim.land(e.RunCompensated(id="stray", run_id=RUN, workflow_id="w"))
    assert not sim.state.ended
