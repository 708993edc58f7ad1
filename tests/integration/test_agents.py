"""Agents on the whole system: operations of a document as tools, people who decide, text."""

from __future__ import annotations

from typing import Any

from runfold.bus.viewer import RunViewer
from runfold.contracts import events as e
from runfold.contracts.events import Recorded
from runfold.contracts.requests import AnswerRequest
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.faults import request
from tests.support.openai_server import OpenAIServer
from tests.support.stack import CORE, running

SERVICES = (*CORE, "executor-llm", "executor-http")


def document(origin: str) -> dict[str, Any]:
    """An OpenAPI document with two operations."""
    number = {"type": "number"}
    parameters = [
        {"name": name, "in": "query", "required": True, "schema": number} for name in ("a", "b")
    ]
    answer = {"200": {"description": "The sum", "content": {"application/json": {"schema": {}}}}}
    add = {"operationId": "add", "summary": "Adds", "parameters": parameters, "responses": answer}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sums", "version": "1"},
        "servers": [{"url": origin}],
        "paths": {
            "/add": {"get": add},
            "/drop": {"delete": {"operationId": "dropAll", "responses": {"204": {}}}},
        },
    }


def agent(*tools: dict[str, Any], kind: str = "agent", **config: Any) -> dict[str, Any]:
    node = {"prompt": "Add.", "model": "demo", "tools": list(tools), **config}
    return {"id": "w", "nodes": [{"id": "helper", "type": kind, "config": node}]}


def calls(*rounds: list[dict[str, Any]]) -> dict[str, Any]:
    return {"runfold_demo": {"calls": list(rounds)}}


async def test_the_operations_of_a_document_are_tools() -> None:
    asked: list[str] = []

    async def add(asking: Request, responder: Responder) -> None:
        asked.append(f"{asking.method} {asking.target}")
        await responder.json(200, {"sum": 5})

    async with LoopbackServer(add) as api, DemoModel(interval=0) as model:
        tool = {
            "type": "plugin",
            "name": "sums",
            "config": {"document": document(api.origin)},
            "deny": ["drop*"],
        }
        wanted = [{"name": "add", "arguments": {"a": 2, "b": 3}}]
        refused = [{"name": "dropAll", "arguments": {}}]
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(agent(tool, extra=calls(wanted, refused)))
    assert view.status == "succeeded", view.error
    assert asked == ["GET /add?a=2&b=3"]
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    first, second = helper.outputs["tool_calls"]
    assert '"sum":5' in first["output"]
    assert "there is no tool 'dropAll'" in second["output"]
    listed = [one.event for one in told if isinstance(one, Recorded)]
    (tools,) = [one for one in listed if isinstance(one, e.AgentToolsSucceeded)]
    assert [one.name for one in tools.tools] == ["add"]
    assert [(one.name, one.reason) for one in tools.left_out] == [("dropAll", "in deny")]


async def test_a_person_changes_what_a_call_is_made_with() -> None:
    code = {
        "type": "code",
        "name": "pay",
        "parameters": {"amount": {"type": "number", "required": True}},
        "config": {"code": "def main(params):\n    return {'output': params['amount']}"},
        "approve": "always",
    }
    wanted = [{"name": "pay", "arguments": {"amount": 900}}]
    async with (
        DemoModel(interval=0) as model,
        running(SERVICES, model_url=model.base_url) as stack,
    ):
        run_id = await stack.runs.start(request(agent(code, kind="llm", extra=calls(wanted))))
        waiting = await _waiting(stack, run_id)
        wrong = AnswerRequest(
            token=waiting.token, action="approved", values={"arguments": {"amount": "much"}}
        )
        right = AnswerRequest(
            token=waiting.token, action="approved", values={"arguments": {"amount": 90}}
        )
        await stack.runs.answer(wrong)
        await stack.runs.answer(right)
        view = await stack.runs.wait(run_id, 20)
    assert view is not None
    assert view.status == "succeeded", view.error
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    (made,) = helper.outputs["tool_calls"]
    assert (made["arguments"], made["output"]) == ({"amount": 90}, "90")


async def _waiting(stack: Any, run_id: str) -> e.NodeRunWaiting:
    async for message in RunViewer(stack.bus).follow(run_id):
        if isinstance(message, Recorded) and isinstance(message.event, e.NodeRunWaiting):
            return message.event
    message = "the run ended"
    raise AssertionError(message)


async def test_a_model_without_tools_is_gone_over_to_in_text() -> None:
    tool = {
        "type": "template",
        "name": "greet",
        "parameters": {"name": {"type": "string", "required": True}},
        "config": {"template": "hi {{args.name}}"},
    }
    async with OpenAIServer() as model:
        model.fail(400, "this model does not support tools", times=1)
        model.reply("Answer: She was greeted.", when="hi Ann")
        model.reply('Action: {"tool": "greet", "arguments": {"name": "Ann"}}')
        async with running(SERVICES, model_url=model.base_url) as stack:
            view, told = await stack.run(agent(tool, strategy="auto"))
    assert view.status == "succeeded", view.error
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    assert helper.outputs["output"] == "She was greeted."
    kinds = [type(one.event) for one in told if isinstance(one, Recorded)]
    assert kinds.count(e.AgentRoundFailed) == 1
