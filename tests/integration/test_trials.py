"""One node tried by itself: values that are given, values of a run, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.test_gateway_api import is_problem
from tests.support.gateway import gateway

IF = {"left": "{{pick}}", "operator": "equals", "right": "a"}
FLOW = {
    "id": "flow",
    "inputs": {"topic": "string", "pick": "string"},
    "variables": {"seen": ["x"]},
    "environment": {"REGION": "eu"},
    "nodes": [
        {"id": "if", "type": "condition", "config": {"condition": IF}},
        {"id": "left", "type": "template", "config": {"template": "L {{topic}}"}},
        {"id": "right", "type": "template", "config": {"template": "R {{topic}}"}},
        {
            "id": "each",
            "type": "iteration",
            "config": {
                "items": ["one", "two"],
                "nodes": [{"id": "say", "type": "template", "config": {"template": "{{item}}!"}}],
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"all": "{{each.output}}"}}},
    ],
    "edges": [
        {"source": "if", "target": "left", "port": "true"},
        {"source": "if", "target": "right", "port": "false"},
        {"source": "left", "target": "each"},
        {"source": "right", "target": "each"},
        {"source": "each", "target": "end"},
    ],
}


def template(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "say", "type": "template", "config": {"template": text}, **more}


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        gateway("scheduler", "executor-text") as gate,
        httpx.AsyncClient(base_url=f"{gate.url}/api", timeout=20) as client,
    ):
        yield client


async def tried(api: httpx.AsyncClient, node: dict[str, Any], **body: Any) -> Any:
    got = await api.post("/nodes/try?wait=10", json={"node": node, **body})
    assert got.status_code == 200, got.text
    return got.json()


async def test_a_node_runs_with_what_it_is_given(api: httpx.AsyncClient) -> None:
    context = {
        "outline": {"output": "Tea", "pages": 3},
        "2nd": {"output": [1]},
        "unused": {"output": "x"},
        "say": {"output": "what it came to before"},
        "sys": {"query": "why?"},
        "env": {"REGION": "eu"},
        "conversation": {"mood": "calm"},
    }
    text = "{{outline.output}} {{2nd.output[0]}} {{sys.query}} {{env.REGION}} {{conversation.mood}}"
    run = await tried(api, template(text, position={"x": 1, "y": 2}), context=context)
    assert (run["status"], run["outputs"]) == ("succeeded", {"output": "Tea 1 why? eu calm"})
    assert run["labels"] == {"runfold.trial": "true"}
    assert run["inputs"].keys() == {"outline", "2nd", "unused"}
    # Nothing of it is a workflow; its run is found by its label, and its node as in any run.
    assert (await api.get("/workflows")).json()["items"] == []
    listed: list[Any] = []
    while not listed:  # lists come after the log
        listed = (await api.get("/runs", params={"label": "runfold.trial:true"})).json()["items"]
    assert [one["run_id"] for one in listed] == [run["run_id"]]
    node = (await api.get(f"/runs/{run['run_id']}/nodes/say")).json()
    assert node["inputs"]["values"]["outline"] == {"output": "Tea"}
    unnamed = await tried(
        api,
        {"type": "template", "config": {"template": "{{sys.history[0].content}}"}},
        context={"sys": {"history": [{"role": "user", "content": "Hi"}]}},
    )
    assert (unnamed["outputs"], unnamed["nodes"][0]["node_id"]) == ({"output": "Hi"}, "node")
    accepted = await api.post("/nodes/try", json={"node": template("x")})
    assert accepted.status_code == 202
    assert accepted.headers["location"] == f"/api/runs/{accepted.json()['run_id']}"


async def test_every_way_out_of_a_node_ends_the_trial(api: httpx.AsyncClient) -> None:
    for pick, branch in (("a", "true"), ("b", "false")):
        node = {"id": "if", "type": "condition", "config": {"condition": IF}}
        run = await tried(api, node, context={"pick": pick})
        assert (run["status"], run["nodes"][0]["outputs"]["branch"]) == ("succeeded", branch)
    failing = {"id": "end", "type": "json_parse", "config": {"input": "{"}}
    run = await tried(api, {**failing, "on_error": "error_branch"})
    assert run["status"] == "partial_succeeded"
    assert run["outputs"]["error"]["code"] == "json.invalid"
    run = await tried(api, failing)
    assert (run["status"], run["error_node"]) == ("failed", "end")
    run = await tried(
        api, {"id": "end", "type": "end", "config": {"output": "{{a}}"}}, context={"a": 1}
    )
    assert run["outputs"] == {"output": 1}


async def test_a_node_has_what_another_run_recorded(api: httpx.AsyncClient) -> None:
    """orcheo#96: a node was tried without what was known of the nodes before it, and failed."""
    await api.post("/workflows", json=FLOW)
    body = {"topic": "tea", "pick": "a"}
    ran = (await api.post("/workflows/flow/run?wait=10", json=body)).json()
    of = {"run_id": ran["run_id"]}
    # Changed since: it reads what it did not read then, and a branch that was not taken.
    text = "{{left.output}} {{right.output | default('none')}} {{seen[0]}} {{env.REGION}}"
    run = await tried(api, {**template(text), "id": "end"}, **of)
    assert run["outputs"] == {"output": "L tea none x eu"}
    assert run["labels"]["runfold.trial.run"] == ran["run_id"]
    # In an item of a composite.
    for at, item in enumerate(("one", "two")):
        node = template("{{index}} {{item}} {{topic}}")
        run = await tried(api, node, **of, address=f"each[{at}]/say")
        assert run["outputs"] == {"output": f"{at} {item} tea"}
    # A composite whose body reads what is around it; what is given goes before the run's.
    each = {**FLOW["nodes"][3]}  # type: ignore[index]
    each["config"] = {**each["config"], "nodes": [template("{{item}} {{left.output}} {{topic}}")]}
    run = await tried(api, each, **of, context={"topic": "coffee"})
    assert run["outputs"] == {"output": ["one L tea coffee", "two L tea coffee"]}
    unknown = {"node": template("{{item}}"), **of, "address": "each/say"}
    is_problem(await api.post("/nodes/try", json=unknown), 404, "node.not_found")
    for run_id in ("none", "a b", "…"):
        none = await api.post("/nodes/try", json={"node": template("x"), "run_id": run_id})
        assert none.status_code in (404, 422), none.text


CALLS_LOUD = {"workflow": "loud", "inputs": {"text": "{{who}}"}}
GREETING = {
    "inputs": {"who": {"type": "string", "required": True}},
    "nodes": [
        {"id": "say", "type": "sub_workflow", "config": CALLS_LOUD},
        {"id": "end", "type": "end", "config": {"output": "Hello {{say.output}}"}},
    ],
}
LOUD = {
    "inputs": {"text": "string"},
    "nodes": [
        {"id": "end", "type": "end", "config": {"output": "{{text}}!"}},
    ],
}
CALL = {
    "id": "greet",
    "type": "sub_workflow",
    "config": {"workflow": "greeting", "inputs": {"who": "{{name}}"}},
}


async def test_a_node_calls_workflows_of_its_document(api: httpx.AsyncClient) -> None:
    workflows: dict[str, Any] = {"greeting": GREETING, "loud": LOUD}
    run = await tried(api, CALL, context={"name": "Ann"}, workflows=workflows)
    assert (run["status"], run["outputs"]) == ("succeeded", {"output": "Hello Ann!"})
    inside = {
        "id": "each",
        "type": "iteration",
        "config": {"items": ["Ann", "Bob"], "nodes": [_greeting_of("{{item}}")]},
    }
    run = await tried(api, inside, workflows=workflows)
    assert run["outputs"] == {"output": ["Hello Ann!", "Hello Bob!"]}
    # One that the node does not lead to may have mistakes, as a document that is being written has.
    broken = {"nodes": [{"id": "x", "type": "llm", "config": {}}]}
    run = await tried(api, CALL, context={"name": "Ann"}, workflows={**workflows, "broken": broken})
    assert run["status"] == "succeeded"
    # Of a run's workflows, those that are given go before what the run has.
    document = {"id": "caller", "workflows": workflows, "nodes": [_greeting_of("Cy")]}
    await api.post("/workflows", json=document)
    ran = (await api.post("/workflows/caller/run?wait=10", json={})).json()
    quiet = {**LOUD, "nodes": [{"id": "end", "type": "end", "config": {"output": "{{text}}."}}]}
    of: dict[str, Any] = {"run_id": ran["run_id"]}
    run = await tried(api, _greeting_of("Cy"), **of)
    assert run["outputs"] == {"output": "Hello Cy!"}
    run = await tried(api, _greeting_of("Cy"), **of, workflows={"loud": quiet})
    assert run["outputs"] == {"output": "Hello Cy."}


async def test_a_called_workflow_with_mistakes_is_refused(api: httpx.AsyncClient) -> None:
    wrong = {"nodes": [{"id": "x", "type": "template", "config": {}}]}
    refused = await api.post("/nodes/try", json={"node": CALL, "workflows": {"greeting": wrong}})
    problem = is_problem(refused, 422, "workflow.invalid")
    assert "workflows.greeting.nodes[0].config.template" in [
        one["path"] for one in problem["errors"]
    ]
    body = {"node": CALL, "context": {"name": "Ann"}}
    refused = await api.post("/nodes/try?wait=10", json=body)
    assert "no workflow 'greeting'" in is_problem(refused, 422, "request.refused")["detail"]
    for workflows in ([], {"greeting": 3}, {"greeting": []}):
        refused = await api.post("/nodes/try", json={**body, "workflows": workflows})
        assert refused.status_code == 422, refused.text


def _greeting_of(who: str) -> dict[str, Any]:
    return {**CALL, "config": {"workflow": "greeting", "inputs": {"who": who}}}


async def test_what_cannot_be_tried_is_refused(api: httpx.AsyncClient) -> None:
    missing = await api.post("/nodes/try", json={"node": template("{{outline.output}} {{b}}")})
    assert is_problem(missing, 422, "trial.values_missing")["missing"] == ["outline", "b"]
    wrong = await api.post(
        "/nodes/try", json={"node": {"id": "a", "type": "llm", "config": {"x": 1}}}
    )
    problem = is_problem(wrong, 422, "workflow.invalid")
    assert {one["path"] for one in problem["errors"]} == {"node.config.x", "node.config.prompt"}
    for context, said in (
        ({"secrets": {"K": "v"}}, "secrets"),
        ({"a b": 1}, "a b"),
        ({"sys": {"run_id": "x"}}, "sys.run_id"),
        ({"sys": {"query": 3}}, "query"),
        ({"env": []}, "env"),
    ):
        refused = await api.post("/nodes/try", json={"node": template("x"), "context": context})
        assert said in is_problem(refused, 422, "trial.context")["detail"]
    for body in ({}, [], {"node": []}, {"node": template("x"), "more": 1}, {"node": {"id": 3}}):
        refused = await api.post("/nodes/try", json=body)
        assert refused.status_code == 422, refused.text
    loose = {"id": "stop", "type": "break"}
    is_problem(await api.post("/nodes/try", json={"node": loose}), 422, "workflow.invalid")
    assert (await api.get("/runs")).json()["items"] == []
