"""An agent with a request, an MCP server and a workflow as tools; each of its services is killed.

No tool is called again once its result is in the log: the tools themselves note every call.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.processes import Process, service
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.engine.views.runs import RunView
from runfold.errors import ConfigurationError
from runfold.ids import address_of, child_scope
from runfold.model_servers.demo.server import DemoModel
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import Settings
from tests.support.faults import request

pytestmark = pytest.mark.slow

SERVICES = ("scheduler", "executor-llm", "executor-http", "executor-text")
RUN_TOOL = {"run": {"type": "string"}, "number": {"type": "integer"}}
STEPS = ("taken=kill@2", "running=kill@2", "result_stored=kill@1")
"""Where an executor dies: each of its lives takes up one task more than the one before."""
DEATHS = {
    "scheduler": [f"scheduler.{at}" for at in ("deciding=kill@9", "sent=kill@14", "acked=kill@6")],
    "executor-llm": [f"executor.{at}" for at in STEPS * 2],
    "executor-http": [f"executor.{at}" for at in STEPS * 2],
    "executor-text": [f"executor.{at}" for at in STEPS[1:]],
}


def document() -> dict[str, Any]:
    """The agent. What its model calls, round after round, is an input."""
    parameters = {"type": "object", "properties": RUN_TOOL}
    tools = [
        {
            "type": "http_request",
            "name": "fetch",
            "parameters": parameters,
            "config": {"url": "{{base}}/fetch", "params": "{{args}}"},
            "retry": {"max_attempts": 3, "delay": "100ms"},
        },
        {"type": "mcp", "config": {"server": "notes"}},
        {"type": "sub_workflow", "config": {"workflow": "greeting"}},
    ]
    config = {
        "prompt": "Call.",
        "model": "demo",
        "extra": {"runfold_demo": {"calls": "{{calls}}"}},
        "tools": tools,
    }
    retry = {"max_attempts": 3, "delay": "100ms"}
    greeting = {
        "inputs": {"number": "integer"},
        "nodes": [{"id": "say", "type": "template", "config": {"template": "hi {{number}}"}}],
    }
    nodes = [{"id": "helper", "type": "agent", "config": config, "retry": retry}]
    workflows = {"greeting": greeting}
    return {
        "id": "agents",
        "inputs": {"base": "string", "calls": "array"},
        "nodes": nodes,
        "workflows": workflows,
    }


def calls_of(run: str) -> list[list[dict[str, Any]]]:
    def call(name: str, number: int) -> dict[str, Any]:
        about = {"number": number} if name == "greeting" else {"run": run, "number": number}
        return {"name": name, "arguments": about}

    return [
        [call("fetch", 1), call("note", 2), call("greeting", 3)],
        [call("note", 4), call("fetch", 5)],
    ]


class Tools:
    """The HTTP tool, and what is noted of all calls."""

    def __init__(self, notes: Path) -> None:
        self._file = notes
        self.fetched: list[tuple[str, int, float]] = []
        self.server = LoopbackServer(self._handle)

    async def _handle(self, request: Request, responder: Responder) -> None:
        import time
        from urllib.parse import parse_qs

        query = parse_qs(request.target.partition("?")[2])
        self.fetched.append((query["run"][0], int(query["number"][0]), time.time()))
        await responder.json(200, {"fetched": int(query["number"][0])})

    def began(self) -> list[tuple[str, int, float]]:
        """Each call of a tool: which run's, its number, when it began."""
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        noted = [tuple(json.loads(line)) for line in lines]
        return [*self.fetched, *noted]


@asynccontextmanager
async def system(directory: Path) -> AsyncIterator[tuple[JetStreamBus, str, dict[str, str], Tools]]:
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(DemoModel(interval=0))
        tools = Tools(directory / "notes")
        await stack.enter_async_context(tools.server)
        nats = await stack.enter_async_context(EmbeddedNats(directory / "nats"))
        bus = await connect(Settings(nats_url=nats.url, data_dir=directory))
        stack.push_async_callback(bus.close)
        declared = {
            "command": sys.executable,
            "args": ["-m", "tests.support.noting_mcp_server"],
            "cwd": str(Path(__file__).parents[2]),
            "env": {"NOTES": str(directory / "notes")},
        }
        environment = {
            "RUNFOLD_ACK_WAIT": "2",
            "RUNFOLD_MAX_DELIVER": "50",
            "RUNFOLD_DATA_DIR": str(directory),
            "RUNFOLD_HTTP__ALLOW_LOOPBACK": "1",
            "RUNFOLD_MCP__SERVERS": json.dumps({"notes": declared}),
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_API_KEY": "demo",
        }
        yield bus, nats.url, environment, tools


@pytest.mark.parametrize("victim", SERVICES)
async def test_no_finished_call_is_made_again(tmp_path: Path, victim: str) -> None:
    async with system(tmp_path) as (bus, url, environment, tools), AsyncExitStack() as stack:
        client, died = RunClient(bus), 0
        for name in SERVICES:
            if name != victim:
                await stack.enter_async_context(service(name, url, **environment))

        begun: list[Process] = []
        over = asyncio.Event()

        async def lives() -> None:
            nonlocal died
            for point in DEATHS[victim]:
                if over.is_set():
                    return
                begun.append(service(victim, url, RUNFOLD_FAILPOINTS=point, **environment))
                with suppress(ConfigurationError):  # it may die before it says that it is ready
                    await begun[-1].start()
                await begun[-1].ended()
                died += 1
            if not over.is_set():
                begun.append(service(victim, url, **environment))
                await begun[-1].start()

        living = asyncio.create_task(lives())
        stack.push_async_callback(_ended, living, over, begun)
        names = [f"run{number}" for number in range(4)]
        inputs = {"base": tools.server.origin}
        runs = {
            name: await client.start(
                request(document(), inputs={**inputs, "calls": calls_of(name)})
            )
            for name in names
        }
        for name, run_id in runs.items():
            view = await client.wait(run_id, 90)
            assert view is not None
            assert view.status == "succeeded", view.error
            records = await bus.events.read_run(run_id)
            _check(view, records, [one for one in tools.began() if one[0] == name])
        assert died >= 2


async def _ended(living: asyncio.Task[None], over: asyncio.Event, begun: list[Process]) -> None:
    """Let the last life begin to its end: one that is cut off in its birth would be left over."""
    over.set()
    while not living.done():
        for one in tuple(begun):
            await one.kill()
        await asyncio.wait((living,), timeout=0.1)
    for one in begun:
        await one.kill()


def _check(view: RunView, records: list[e.Recorded], began: list[tuple[str, int, float]]) -> None:
    """Each call has one result that counts, and none began after that was in the log."""
    started = [one.event for one in records if isinstance(one.event, e.ToolCallStarted)]
    by_call = {(one.round, one.call): one for one in started}
    assert len(by_call) == 5
    ended = [one.event for one in records if isinstance(one.event, e.ToolCallSucceeded)]
    assert {(one.round, one.call) for one in ended} == set(by_call)
    finished = {
        address_of(one.event.scope, one.event.node_id): one.time
        for one in reversed(records)
        if isinstance(one.event, e.NodeRunSucceeded)
    }
    (helper,) = [node for node in view.nodes if node.address == "helper"]
    assert [one["output"] for one in helper.outputs["tool_calls"]] == [
        *('{"fetched":1}', "4", "hi 3", "8", '{"fetched":5}')
    ]
    assert {number for _, number, _ in began} == {1, 2, 4, 5}
    for _, number, time in began:
        call = next(one for one in started if one.arguments["number"] == number)
        scope = child_scope("helper", call.index, call.source)
        assert time < finished[f"{scope}/call"], (number, time)
