"""When a run cannot go on without an answer: never while anything in it is under way."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts.tasks import Task
from runfold.engine.decide.standstill import answers_needed
from tests.support.engine_sim import Outcome, Sim
from tests.unit.test_engine_composites import sim_of

Nodes = list[dict[str, Any]]


def asks(node_id: str, **config: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "human_review", "config": {"message": "ok?", **config}}


def noop(node_id: str) -> dict[str, Any]:
    return {"id": node_id, "type": "noop"}


def beside(*sources: str, **join: Any) -> tuple[Nodes, list[dict[str, Any]]]:
    nodes = [{"id": "start", "type": "start"}, {"id": "join", "type": "join", "config": join}]
    edges = [{"source": "start", "target": one} for one in sources]
    return nodes, [*edges, *({"source": one, "target": "join"} for one in sources)]


def sim_with(join: dict[str, Any], *nodes: dict[str, Any], **more: Any) -> Sim:
    around, edges = beside(*(node["id"] for node in nodes), **join)
    return sim_of([*around, *nodes], edges, **more)


MACHINE = {
    "id": "order",
    "type": "state_machine",
    "config": {
        "initial": "new",
        "states": {"new": {"on": {"pay": "paid"}}, "paid": {"final": True}},
    },
}
RACE = {"mode": "any", "cancel_losers": True}
WAIT = {"id": "signal", "type": "wait", "config": {"event": "orders.paid"}}
TWICE = {"max_attempts": 2, "delay": 9}
BODY = {"nodes": [asks("ask")]}
EACH = {"items": [1], **BODY}
LIMITED = {"branches": {"a": BODY}, "branch_timeout": 5, "continue_on_error": True}


def fails_once(task: Task) -> Outcome:
    return Outcome(ok=task.attempt > 1, outputs={"output": 1}, retryable=True)


STANDING = [
    (sim_of([asks("a")]), {"a"}),
    (sim_with({}, asks("a"), asks("b"), noop("c")), {"a", "b"}),
    (sim_of([MACHINE]), {"order"}),
    (sim_of([{"id": "each", "type": "iteration", "config": EACH}]), {"each[0]/ask"}),
    (sim_of([{**noop("a"), "retry": TWICE}, asks("b")], script=fails_once), {"b"}),
]
GOING_ON = [
    sim_with(RACE, asks("a"), noop("b")),
    sim_with({}, asks("a", timeout=9), noop("b")),
    sim_of([{"id": "p", "type": "parallel", "config": LIMITED}]),
    sim_of([asks("a")], settings={"timeout": 60}),
]


@pytest.mark.parametrize(("sim", "needed"), STANDING, ids=range(len(STANDING)))
def test_what_is_needed_is_named_once_nothing_else_is_under_way(sim: Sim, needed: set[str]) -> None:
    while True:
        named = answers_needed(sim.plan, sim.state)
        if not sim.step():
            break
        assert not named
    assert named == needed


@pytest.mark.parametrize("sim", GOING_ON, ids=range(len(GOING_ON)))
def test_nothing_is_needed_by_a_run_that_ends_by_itself(sim: Sim) -> None:
    while not sim.state.ended:
        assert not answers_needed(sim.plan, sim.state)
        assert sim.step()


def test_an_event_from_outside_may_come_at_any_time() -> None:
    sim = sim_with({"mode": "any"}, asks("a"), WAIT)
    while sim.step():
        pass
    assert sim.state.nodes["a"].status == sim.state.nodes["signal"].status == "waiting"
    assert not answers_needed(sim.plan, sim.state)
