"""Readers in the pure engine: which nodes are handed out ahead, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts.tasks import Task
from runfold.engine.history.forks import taken_over, taken_over_for_retry
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import Plan, compile_plan
from tests.support.engine_sim import Outcome, Sim, refold

LLM = {"id": "write", "type": "llm", "config": {"prompt": "p"}}


def reader(node_id: str = "read", given: str = "{{write.output}}", **more: Any) -> dict[str, Any]:
    config = {"input": given, "replace": {"a": "b"}, **more.pop("config", {})}
    return {"id": node_id, "type": "text_filter", "config": config, **more}


def plan_of(*nodes: dict[str, Any], **document: Any) -> Plan:
    workflow, _ = prepare({"id": "w", "nodes": list(nodes), **document})
    return compile_plan(workflow)


def test_a_lone_reference_to_the_node_before_is_read_along() -> None:
    for given in ("{{write.output}}", "{{ write.reasoning }}", {"ref": "write.output"}):
        pipe = plan_of(LLM, reader(given=given)).nodes["read"].pipe
        assert pipe is not None
        assert pipe.source == "write"


@pytest.mark.parametrize(
    "nodes",
    [
        (LLM, reader(given="It says {{write.output}}")),
        (LLM, reader(given="{{write.usage}}")),
        (LLM, reader(config={"replace": {"a": "{{write.model}}"}})),
        (LLM, {"id": "wait", "type": "noop"}, reader()),
        ({"id": "write", "type": "noop", "config": {"output": "x"}}, reader()),
        ({"id": "write", "type": "answer", "config": {"answer": "x"}}, reader()),
        (LLM, {"id": "read", "type": "template", "config": {"template": "{{write.output}}"}}),
    ],
)
def test_whatever_needs_more_waits_for_the_end(nodes: tuple[dict[str, Any], ...]) -> None:
    assert plan_of(*nodes).nodes["read"].pipe is None


def test_two_edges_are_not_read_along() -> None:
    edges = [{"source": source, "target": "read"} for source in ("write", "other")]
    other = {"id": "other", "type": "noop"}
    assert plan_of(LLM, other, reader(), edges=edges).nodes["read"].pipe is None


def test_a_reader_is_handed_out_while_its_source_runs_and_once() -> None:
    sim = Sim(plan_of(LLM, reader(timeout="5s")))
    while not sim.reading:
        assert sim.step()
    task = sim.dispatched["run-1:read:1"]
    assert task.source is not None
    assert (task.source.node_id, task.source.attempt) == ("write", 1)
    assert task.source.fields == {"input": "output"}
    assert task.inputs == {}
    assert "read" not in sim.state.nodes
    sim.run()
    assert sim.state.status == "succeeded"
    assert sorted(sim.dispatched) == ["run-1:read:1", "run-1:write:1"]
    assert sim.state.steps == 2
    assert refold(sim.plan, sim.log) == sim.state


def test_its_retries_are_counted_from_the_attempt_it_read() -> None:
    source = {**LLM, "retry": {"max_attempts": 3, "delay": 0}}
    plan = plan_of(source, reader(retry={"max_attempts": 2, "delay": 0}))

    def script(task: Task) -> Outcome:
        return Outcome(ok=task.attempt > 2 if task.node_id == "write" else task.attempt == 4)

    sim = Sim(plan, script)
    assert sim.run().status == "succeeded"
    assert (sim.state.nodes["write"].attempt, sim.state.nodes["read"].attempt) == (3, 4)
    failing = Sim(plan, lambda task: Outcome(ok=task.node_id == "write"))
    assert failing.run().status == "failed"
    assert failing.state.nodes["read"].attempt == 2


def test_a_run_out_of_steps_hands_nothing_out_ahead() -> None:
    sim = Sim(plan_of(LLM, reader(), settings={"max_steps": 1}))
    assert sim.run().status == "failed"
    assert sim.state.error is not None
    assert sim.state.error.code == "run.max_steps"
    assert list(sim.dispatched) == ["run-1:write:1"]


@pytest.mark.parametrize("from_node", ["", "read", "write"])
def test_a_run_that_failed_at_the_reader_goes_on_there(from_node: str) -> None:
    source = {**LLM, "retry": {"max_attempts": 3, "delay": 0}}
    plan = plan_of(source, reader())
    sim = Sim(plan, lambda task: Outcome(ok=task.node_id == "write" and task.attempt > 1))
    assert sim.run().status == "failed"
    again = Sim(plan, taken_over=taken_over_for_retry(plan, sim.log, from_node))
    assert again.run().status == "succeeded"
    assert again.state.nodes["read"].outputs == {"output": "read"}


def test_a_fork_at_any_event_comes_to_an_end() -> None:
    plan = plan_of(LLM, reader(), {"id": "last", "type": "noop"})
    sim = Sim(plan)
    assert sim.run().status == "succeeded"
    for at in range(1, len(sim.log)):
        fork = Sim(plan, taken_over=taken_over(plan, sim.log[:at]))
        assert fork.run().status == "succeeded", at
