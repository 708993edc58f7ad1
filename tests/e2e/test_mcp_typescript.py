"""MCP with what others wrote in TypeScript: the reference server, and the official client.

Both are from npm, and so is the client's SDK, which the server brings.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from runfold.client.run_lists import listed_runs
from runfold.contracts import queries as q
from runfold.definitions.store import DefinitionStore
from runfold.graph.loader import prepare
from runfold.settings import MCPServer
from tests.support.mcp_servers import Node, node
from tests.support.stack import CORE, Stack, running

EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"
KEY = "the-key-of-this-test"
CLIENT = """
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, key] = process.argv.slice(2);
const requestInit = { headers: { authorization: `Bearer ${key}` } };
const client = new Client({ name: "typescript", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
const tools = (await client.listTools()).tools.map((tool) => tool.name);
const progress = [];
const onprogress = (one) => progress.push(one.message);
const called = await client.callTool(
  { name: "greet", arguments: { who: "Ada" } }, undefined, { onprogress });
const refused = await client.callTool({ name: "greet", arguments: {} });
const aborting = new AbortController();
setTimeout(() => aborting.abort(), 1500);
let cancelled = "";
try {
  await client.callTool({ name: "waits", arguments: {} }, undefined, { signal: aborting.signal });
} catch (error) {
  cancelled = String(error);
}
await client.listTools();  // what was sent before it has arrived
await client.close();
console.log(JSON.stringify({ tools, progress, called, refused, cancelled }));
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (shutil.which("node") and shutil.which("npm")):
        missing = "node and npm are not installed"
        if os.environ.get("RUNFOLD_REQUIRE_NODE") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    command = ("npm", "install", "--no-audit", "--no-fund", "--silent", EVERYTHING)
    subprocess.run(command, cwd=folder, check=True, timeout=200)
    return folder


@asynccontextmanager
async def over_http(program: str) -> AsyncIterator[MCPServer]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(program, "streamableHttp"),
        env={**os.environ, "PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(30):
            while str(port).encode() not in (line := await process.stderr.readline()):
                assert line, "it has ended"
        yield MCPServer(url=f"http://127.0.0.1:{port}/mcp")
    finally:
        # `node` may be a program that starts the real one.
        os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()


async def ask_everything(nodes: Node, server: str) -> None:
    listed = await nodes.run(server, list_tools=True)
    assert "get-tiny-image" in {tool["name"] for tool in listed.outputs["tools"]}
    echo = await nodes.call(server, "echo", message="hello")
    assert echo.outputs["output"] == "Echo: hello"
    shaped = await nodes.call(server, "get-structured-content", location="New York")
    assert shaped.outputs["output"]["conditions"] == "Cloudy"
    picture = await nodes.call(server, "get-tiny-image")
    assert [file["media_type"] for file in picture.outputs["files"]] == ["image/png"]
    blob = await nodes.call(server, "get-resource-reference", resourceType="Blob", resourceId=1)
    assert [part["type"] for part in blob.outputs["content"]] == ["text", "resource", "text"]
    links = await nodes.call(server, "get-resource-links", count=2)
    assert links.outputs["content"][1]["type"] == "resource_link"
    long = await nodes.call(server, "trigger-long-running-operation", duration=0.4, steps=2)
    assert long.text("variable") == "1/2\n2/2\n"
    wrong = await nodes.call(server, "echo")
    assert wrong.failure is not None
    assert wrong.failure.code == "mcp.tool_error"
    late = await nodes.run(
        server,
        "trigger-long-running-operation",
        timeout=0.5,
        arguments={"duration": 30, "steps": 1},
    )
    assert late.failure is not None
    assert late.failure.code == "mcp.timeout"
    again = await nodes.call(server, "echo", message="again")
    assert again.outputs["output"] == "Echo: again"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_reference_server_is_called(installed: Path) -> None:
    program = str(installed / "node_modules" / ".bin" / "mcp-server-everything")
    async with over_http(program) as server:
        local = MCPServer(command=program, args=["stdio"])
        async with node({"program": local, "address": server}) as nodes:
            await ask_everything(nodes, "program")
            await ask_everything(nodes, "address")


async def publish(stack: Stack) -> None:
    greet: dict[str, Any] = {
        "id": "greet",
        "inputs": {"who": {"type": "string", "required": True}},
        "nodes": [
            {"id": "end", "type": "end", "config": {"outputs": {"greeting": "Hello {{who}}"}}}
        ],
        "settings": {"tool": True},
    }
    waits = {
        "id": "waits",
        "nodes": [{"id": "sleep", "type": "wait", "config": {"duration": "1h"}}],
        "settings": {"tool": True},
    }
    store = DefinitionStore(stack.bus.definitions)
    for document in (greet, waits):
        checked, _ = prepare(document)
        await store.save_draft(checked)
        await store.publish(checked.id)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_official_client_calls_runfold(installed: Path) -> None:
    (installed / "client.js").write_text(CLIENT)
    async with running((*CORE, "projection", "gateway"), api_key=KEY) as stack:
        await publish(stack)
        process = await asyncio.create_subprocess_exec(
            *("node", "client.js", f"{stack.gateway}/mcp", KEY),
            cwd=installed,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, _ = await process.communicate()
        assert process.returncode == 0
        said = json.loads(out)
        assert sorted(said["tools"]) == ["greet", "waits"]
        assert said["called"]["structuredContent"] == {"greeting": "Hello Ada"}
        assert "node end succeeded" in said["progress"]
        assert said["refused"]["isError"]
        assert "missing: who" in said["refused"]["content"][0]["text"]
        assert "AbortError" in said["cancelled"] or "abort" in said["cancelled"].lower()
        found = await listed_runs(stack.bus, stack.runs, q.ListRuns())
        (waiting,) = [one for one in found.items if one.workflow_id == "waits"]
        ended = await stack.runs.wait(waiting.run_id, 20)
        assert ended is not None
        assert ended.status == "cancelled"
