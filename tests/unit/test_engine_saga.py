"""Compensation, one small story a rule."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.decide.compensation import cancelling
from runfold.engine.views.runs import run_view
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from runfold.ids import address_of
from tests.support.engine_sim import RUN, Outcome, Sim

N: dict[str, Any] = {"type": "noop"}


def failing(*addresses: str) -> Any:
    def script(task: Task) -> Outcome:
        ok = address_of(task.scope, task.node_id) not in addresses
        return Outcome(ok=ok, outputs={"output": task.node_id}, retryable=False)

    return script


def sim_of(*nodes: dict[str, Any], script: Any, edges: list[tuple[str, str]] | None = None) -> Sim:
    document: dict[str, Any] = {"id": "story", "nodes": list(nodes)}
    if edges is not None:
        document["edges"] = [{"source": source, "target": target} for source, target in edges]
    workflow, _ = prepare(document)
    return Sim(compile_plan(workflow), script)


def hold(sim: Sim, address: str) -> list[e.AnyEvent]:
    """Keep back what an attempt comes to; its start is told."""
    for events in sim.results:
        first = events[0]
        assert isinstance(first, e.NodeEvent)
        if address_of(first.scope, first.node_id) == address:
            sim.results.remove(events)
            sim.land(events.pop(0))
            return events
    raise AssertionError(address)


def step_until(sim: Sim, kind: type[e.Event]) -> None:
    while not any(isinstance(record.event, kind) for record in sim.log):
        assert sim.step()


def rest(sim: Sim) -> None:
    while sim.step():
        pass


def begun(sim: Sim) -> list[str]:
    return [task.node_id for task in sim.dispatched.values()]


def test_a_composite_that_is_undone_waits_for_what_still_runs_inside() -> None:
    body = {
        "items": [1],
        "on_item_error": "continue",
        "nodes": [{"id": "left", **N}, {"id": "right", **N}],
        "edges": [],
    }
    sim = sim_of(
        {"id": "each", "type": "loop", "config": body, "compensate": "undo"},
        {"id": "last", **N},
        {"id": "undo", **N},
        script=failing("each[0]/left", "last"),
    )
    while not sim.results:
        assert sim.step()
    held = hold(sim, "each[0]/right")
    step_until(sim, e.RunCompensating)
    rest(sim)
    assert sim.state.status == "compensating"
    assert "undo" not in begun(sim)
    for event in held:
        sim.land(event)
    sim.run()
    assert sim.state.status == "compensated"
    log = run_view(sim.plan, sim.state).compensation
    assert [(entry.address, entry.status) for entry in log] == [("each", "compensated")]


def test_what_is_under_way_is_waited_for_and_undone_first() -> None:
    sim = sim_of(
        {"id": "start", "type": "start"},
        {"id": "slow", **N, "compensate": "undo_slow"},
        {"id": "quick", **N, "compensate": "undo_quick"},
        {"id": "fails", **N},
        {"id": "undo_slow", **N},
        {"id": "undo_quick", **N},
        script=failing("fails"),
        edges=[("start", "slow"), ("start", "quick"), ("quick", "fails")],
    )
    while not sim.results:
        assert sim.step()
    held = hold(sim, "slow")
    step_until(sim, e.RunCompensating)
    rest(sim)
    view = run_view(sim.plan, sim.state)
    assert [(entry.node, entry.status) for entry in view.compensation] == [("quick", "pending")]
    assert {node.node_id: node.status for node in view.nodes}["slow"] == "running"
    sim.land(held[0])
    sim.run()
    log = run_view(sim.plan, sim.state).compensation
    assert [entry.node for entry in log] == ["slow", "quick"]


def test_a_cancel_comes_too_late_once_every_node_has_ended() -> None:
    sim = sim_of({"id": "a", **N, "compensate": "u"}, {"id": "u", **N}, script=failing())
    while "a" not in sim.state.nodes or sim.state.nodes["a"].status != "succeeded":
        assert sim.step()
    assert not sim.state.ended
    before = sim.state
    event = cancelling(sim.plan, event_id="c", run_id=RUN, workflow_id="story", reason="")
    sim.land(event)
    assert sim.state is before
    sim.run()
    assert sim.state.status == "succeeded"


def test_nodes_inside_what_undoes_are_not_undone_themselves() -> None:
    inner = {"items": [1, 2], "nodes": [{"id": "in", **N, "compensate": "out"}, {"id": "out", **N}]}
    sim = sim_of(
        {"id": "a", **N, "compensate": "undo"},
        {"id": "fails", **N},
        {"id": "undo", "type": "loop", "config": inner},
        script=failing("fails"),
    )
    sim.run()
    assert sim.state.status == "compensated"
    assert begun(sim) == ["a", "fails", "in", "in"]


def test_max_steps_do_not_bound_what_undoes() -> None:
    document = {
        "id": "story",
        "nodes": [
            {"id": "a", **N, "compensate": "undo"},
            {"id": "b", **N},
            {"id": "undo", **N},
        ],
        "settings": {"max_steps": 1},
    }
    sim = Sim(compile_plan(prepare(document)[0]), failing())
    sim.run()
    assert sim.state.status == "compensated"
    assert sim.state.error is not None
    assert sim.state.error.code == "run.max_steps"
