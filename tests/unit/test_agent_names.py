"""What names mean inside an agent: its own hide what is around it, and the check says so."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.agents import Talk, agent, call
from tests.support.engine_sim import Outcome, Sim

OUTER = ("args", "tool", "call", "review")


def document(inner: str, **settings: Any) -> dict[str, Any]:
    """An agent behind nodes that are called as what is inside it."""
    say = {
        "type": "text",
        "name": "say",
        "parameters": {"a": "string"},
        "output": "{{call.output}}",
    }
    helper = agent({**say, "config": {"operation": "trim", "input": inner}}, **settings)
    around = [{"id": one, "type": "noop"} for one in OUTER]
    ids = [*OUTER, "helper"]
    edges = [{"from": one, "to": other} for one, other in pairwise(ids)]
    return {"id": "w", "nodes": [*around, helper], "edges": edges}


def findings(inner: str, **settings: Any) -> list[tuple[str, str, str]]:
    found = load_workflow(document(inner, **settings)).findings
    return [(one.level, one.code, one.path) for one in found]


def test_what_is_around_an_agent_can_be_read_also_when_it_is_called_as_what_is_inside() -> None:
    prompt = "{{args.output}} {{tool.output}} {{call.output}} {{review.output}}"
    written = document("{{args.a}}, {{call.output}}, {{review.output}}", prompt=prompt)
    assert [one.code for one in load_workflow(written).findings] == ["reference.hidden"]
    seen: list[str] = []

    def answer(task: Any) -> Outcome:
        if task.node_type == "noop":
            return Outcome(outputs={"output": f"outer {task.node_id}"})
        return talk(task)

    def tools(_task: Any, config: dict[str, Any]) -> Outcome:
        seen.append(config["input"])
        return Outcome(outputs={"output": config["input"].upper()})

    talk = Talk([[call("say", a="mine")], "done"], tools)
    workflow, _ = prepare(written)
    state = Sim(compile_plan(workflow), answer).run()
    assert state.status == "succeeded", state.error
    assert seen == ["mine, outer call, outer review"]
    (one,) = state.nodes["helper"].outputs["tool_calls"]
    assert one["output"] == "MINE, OUTER CALL, OUTER REVIEW"


@pytest.mark.parametrize("name", ["args", "tool"])
def test_a_name_that_is_hidden_is_said(name: str) -> None:
    place = "nodes[4].config.tools[0].config.input"
    assert findings("{{" + name + "}}") == [("warning", "reference.hidden", place)]
    when = {"when": {"left": "{{" + name + "}}", "operator": "==", "right": 1}}
    tools = [{"type": "code", "name": "x", "config": {"code": "result = 1"}, "approve": when}]
    place = "nodes[4].config.tools[0].approve.when.left"
    assert findings("", tools=tools) == [("warning", "reference.hidden", place)]


def test_inputs_are_hidden_as_nodes_are() -> None:
    say = {"type": "text", "name": "say", "config": {"operation": "trim", "input": "{{args}}"}}
    written = {"id": "w", "inputs": {"args": {"type": "any"}}, "nodes": [agent(say)]}
    assert [one.code for one in load_workflow(written).findings] == ["reference.hidden"]
    del written["inputs"]
    assert not load_workflow(written).findings


def test_a_round_and_a_list_of_tools_are_of_no_call() -> None:
    listed = {"type": "mcp", "name": "files", "config": {"server": "files", "preset": "{{args}}"}}
    for helper, names in ((agent(prompt="{{tool}} {{args}}"), 2), (agent(listed), 1)):
        found = load_workflow({"id": "w", "inputs": {}, "nodes": [helper]}).findings
        assert [one.code for one in found] == ["reference.unknown"] * names


def test_a_node_that_reads_itself_outside_a_composite_is_refused() -> None:
    nodes = [{"id": "a", "type": "template", "config": {"template": "{{a.output}}"}}]
    found = load_workflow({"id": "w", "inputs": {"a": {"type": "any"}}, "nodes": nodes}).findings
    assert "reference.not_upstream" in [one.code for one in found]
