"""runfold as an MCP server: `/mcp` of the gateway, and `runfold mcp`, asked by the SDK's client."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from runfold.client.run_lists import listed_runs
from runfold.contracts import queries as q
from runfold.definitions.store import DefinitionStore
from runfold.graph.loader import prepare
from runfold.model_servers.demo.server import DemoModel
from runfold.settings import MCPServer
from tests.support.mcp_servers import node
from tests.support.stack import CORE, Stack, running

pytestmark = pytest.mark.slow

SERVICES = (*CORE, "executor-llm", "projection", "gateway")
KEY = "the-key-of-this-test"
GREET: dict[str, Any] = {
    "id": "greet",
    "description": "Greets somebody.",
    "inputs": {
        "who": {"type": "string", "required": True, "description": "Whom"},
        "times": {"type": "integer", "default": 1},
    },
    "nodes": [
        {"id": "make", "type": "template", "config": {"template": "Hello {{who}}"}},
        {"id": "end", "type": "end", "config": {"outputs": {"greeting": "{{make.output}}"}}},
    ],
    "settings": {"tool": True},
}


def workflow(workflow_id: str, nodes: list[dict[str, Any]], tool: Any = True) -> dict[str, Any]:
    inputs = {"x": {"type": "any"}}
    settings = {"tool": tool}
    return {"id": workflow_id, "inputs": inputs, "nodes": nodes, "settings": settings}


ASK = workflow("ask", [{"id": "llm", "type": "llm", "config": {"prompt": "Tell me of {{x}}"}}])
BREAKS = workflow(
    "breaks", [{"id": "c", "type": "code", "config": {"code": "def main():\n    return 1 / 0\n"}}]
)
WAITS = workflow(
    "waits",
    [{"id": "sleep", "type": "wait", "config": {"duration": "1h"}}],
    {"name": "wait_long", "description": "Waits.", "read_only": True},
)
HIDDEN = workflow("hidden", [{"id": "n", "type": "noop"}], tool=False)


async def publish(stack: Stack, *documents: dict[str, Any]) -> None:
    store = DefinitionStore(stack.bus.definitions)
    for document in documents:
        checked, _ = prepare(document)
        await store.save_draft(checked)
        await store.publish(checked.id)


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[Stack]:
    async with (
        DemoModel() as model,
        running(SERVICES, model_url=model.base_url, api_key=KEY) as started,
    ):
        await publish(started, GREET, ASK, BREAKS, WAITS, HIDDEN)
        yield started


@asynccontextmanager
async def client(stack: Stack, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http:
        streams = streamable_http_client(f"{stack.gateway}/mcp", http_client=http)
        async with Client(streams, mode=mode) as asked:
            yield asked


async def runs(stack: Stack) -> list[Any]:
    return list((await listed_runs(stack.bus, stack.runs, q.ListRuns())).items)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_published_workflows_that_say_so_are_tools(stack: Stack, mode: str) -> None:
    told: list[str] = []

    async def progress(_done: float, _total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with client(stack, mode) as asked:
        tools = {tool.name: tool for tool in (await asked.list_tools()).tools}
        assert set(tools) == {"greet", "ask", "breaks", "wait_long"}
        assert tools["greet"].description == "Greets somebody."
        assert tools["greet"].input_schema["required"] == ["who"]
        assert tools["greet"].input_schema["properties"]["times"]["default"] == 1
        assert tools["wait_long"].annotations is not None
        assert tools["wait_long"].annotations.read_only_hint
        greeted = await asked.call_tool("greet", {"who": "Ada"})
        assert not greeted.is_error
        assert greeted.structured_content == {"greeting": "Hello Ada"}
        assert [one.text for one in greeted.content] == ["Hello Ada"]
        answer = await asked.call_tool("ask", {"x": "tea"}, progress_callback=progress)
        assert answer.content[0].text.startswith("[demo model]")
        # The model's words came as progress while it wrote.
        assert answer.content[0].text in "".join(told)
        assert any("node llm succeeded" in one for one in told)


async def test_what_goes_wrong_is_told_to_the_model(stack: Stack) -> None:
    async with client(stack) as asked:
        for arguments, said in (
            ({}, "missing: who"),
            ({"who": 7}, "must be string"),
            ({"who": "Ada", "else": 1}, "surplus: else"),
        ):
            refused = await asked.call_tool("greet", arguments)
            assert refused.is_error
            assert said in refused.content[0].text
        broken = await asked.call_tool("breaks", {})
        assert broken.is_error
        assert "division by zero" in broken.content[0].text
        assert "node 'c'" in broken.content[0].text
        for name in ("hidden", "nothing"):
            with pytest.raises(MCPError, match=f"no tool '{name}'"):
                await asked.call_tool(name, {})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_cancelled_call_cancels_its_run(stack: Stack, mode: str) -> None:
    async with client(stack, mode) as asked:
        calling = asyncio.create_task(asked.call_tool("wait_long", {}))
        async with asyncio.timeout(20):
            while [one.status for one in await runs(stack)] != ["running"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        (run,) = await runs(stack)
        ended = await stack.runs.wait(run.run_id, 20)
        assert ended is not None
        assert ended.status == "cancelled"


async def test_a_call_with_the_same_key_is_the_same_run(stack: Stack) -> None:
    async with client(stack) as asked:
        meta: Any = {"runfold/idempotency-key": "once"}
        calls = [
            await asked.call_tool("greet", {"who": who}, meta=meta) for who in ("Ada", "Ada", "Bob")
        ]
        ids = [(call.meta or {})["runfold/run-id"] for call in calls]
        assert ids[0] == ids[1]
        assert ids[2] != ids[0]
        wrong: Any = {"runfold/idempotency-key": 7}
        with pytest.raises(MCPError, match="must be text"):
            await asked.call_tool("greet", {"who": "Ada"}, meta=wrong)


async def test_it_is_behind_the_gateways_door(stack: Stack) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        url = f"{stack.gateway}/mcp"
        bare = await http.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert (bare.status_code, bare.json()["code"]) == (401, "auth.required")
        key = {"authorization": f"Bearer {KEY}"}
        other = await http.post(url, headers={**key, "host": "evil.example"}, json={})
        assert (other.status_code, other.json()["code"]) == (421, "host.not_allowed")
        page = await http.post(url, headers={**key, "origin": "https://evil.example"}, json={})
        assert (page.status_code, page.json()["code"]) == (403, "origin.not_allowed")
        accept = {"accept": "application/json, text/event-stream"}
        for body in (b"", b"{", b"[]", b"\xff", b'{"jsonrpc": 7}', b"x" * 5_000_000):
            headers = {**key, **accept, "content-type": "application/json"}
            refused = await http.post(url, headers=headers, content=body)
            assert 400 <= refused.status_code < 500, refused.text
        for method in ("GET", "DELETE", "PUT"):
            refused = await http.request(method, url, headers={**key, **accept})
            assert 400 <= refused.status_code < 500, method


async def test_a_run_goes_on_when_its_gateway_is_drained(stack: Stack) -> None:
    async with client(stack) as asked:
        calling = asyncio.create_task(asked.call_tool("wait_long", {}))
        async with asyncio.timeout(20):
            while [one.status for one in await runs(stack)] != ["running"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        (run,) = await runs(stack)
        await stack.services["gateway"].drain()
        told = await calling
        assert told.is_error
        assert run.run_id in told.content[0].text
        assert "goes on" in told.content[0].text
        view = await stack.runs.get(run.run_id)
        assert view is not None
        assert view.status == "running"


async def test_runfold_calls_runfold(stack: Stack) -> None:
    """Its own client and its own server, as an agent of one deployment calls another."""
    headers = {"authorization": f"Bearer {KEY}"}
    async with node({"self": MCPServer(url=f"{stack.gateway}/mcp", headers=headers)}) as nodes:
        listed = (await nodes.run("self", list_tools=True)).outputs["tools"]
        assert {tool["name"]: tool["repeatable"] for tool in listed}["wait_long"]
        greeted = await nodes.call("self", "greet", who="Ada")
        assert greeted.outputs["output"] == {"greeting": "Hello Ada"}
        wrong = await nodes.call("self", "greet")
        assert wrong.failure is not None
        assert wrong.failure.code == "mcp.tool_error"
        late = await nodes.run("self", "wait_long", timeout=1.5)
        assert late.failure is not None
        assert (late.failure.code, late.failure.retryable) == ("mcp.timeout", True)
        waiting = [run for run in await runs(stack) if run.workflow_id == "waits"]
        ended = await stack.runs.wait(waiting[0].run_id, 20)
        assert ended is not None
        assert ended.status == "cancelled"


async def test_runfold_mcp_speaks_on_standard_input_and_output(
    stack: Stack, tmp_path: Path
) -> None:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "runfold", "mcp", "--server", stack.settings.nats_url],
        env={**os.environ, "RUNFOLD_DATA_DIR": str(tmp_path)},
    )
    async with Client(parameters) as asked:
        tools = {tool.name for tool in (await asked.list_tools()).tools}
        assert tools == {"greet", "ask", "breaks", "wait_long"}
        greeted = await asked.call_tool("greet", {"who": "Ada"})
        assert greeted.structured_content == {"greeting": "Hello Ada"}
        calling = asyncio.create_task(asked.call_tool("wait_long", {}))
        async with asyncio.timeout(20):
            while "running" not in [one.status for one in await runs(stack)]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    # The client has gone in the middle of a call.
    with pytest.raises((MCPError, asyncio.CancelledError)):
        await calling
    waiting = [run for run in await runs(stack) if run.workflow_id == "waits"]
    ended = await stack.runs.wait(waiting[0].run_id, 20)
    assert ended is not None
    assert ended.status == "cancelled"
