"""The mcp node against servers of other people and of our own, as programs and over HTTP."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from runfold.contracts.events import NodeRunRetry, Recorded
from runfold.executor.conformance import Result, check_node, run_node
from runfold.service.shell import run_services
from runfold.settings import MCPServer, MCPSettings
from runfold_executor_http.mcp_node import NODE
from tests.support.mcp_server import PNG
from tests.support.mcp_servers import (
    HTTPServer,
    comes_true,
    http_server,
    node,
    program,
    stdio_server,
)
from tests.support.stack import running

pytestmark = pytest.mark.slow

TIME = MCPServer(command=sys.executable, args=["-m", "mcp_server_time"])
FETCH = MCPServer(command=sys.executable, args=["-m", "mcp_server_fetch"])


@pytest.fixture(scope="module", params=["newest", "legacy"])
def web(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HTTPServer]:
    """A server over HTTP that lives; once with sessions, as protocols before 2026 have them."""
    options = ("--legacy",) if request.param == "legacy" else ()
    with http_server(tmp_path_factory.mktemp("mcp") / "journal", *options) as server:
        yield server


def code(result: Result) -> str:
    return result.failure.code if result.failure else ""


def test_the_kind_is_as_kinds_are() -> None:
    assert check_node(NODE, Path(__file__).parents[2] / "docs" / "reference" / "nodes") == []


async def test_servers_nobody_here_wrote_answer() -> None:
    async with node({"time": TIME, "fetch": FETCH}) as nodes:
        listed = await nodes.run("time", list_tools=True)
        tools = {tool["name"]: tool for tool in listed.outputs["tools"]}
        assert tools["get_current_time"]["parameters"]["required"] == ["timezone"]
        assert tools["get_current_time"]["repeatable"]
        told = await nodes.call("time", "get_current_time", timezone="Europe/Berlin")
        assert told.outputs["output"]["timezone"] == "Europe/Berlin"
        assert told.outputs["structured"] == told.outputs["output"]
        wrong = await nodes.call("time", "get_current_time", timezone="Nowhere/Land")
        assert wrong.failure is not None
        assert wrong.failure.code == "mcp.tool_error"
        assert "Nowhere/Land" in wrong.failure.message
        assert not wrong.failure.retryable
        missing = await nodes.call("time", "get_current_time")
        assert code(missing) == "mcp.tool_error"
        unknown = await nodes.call("time", "get_the_time")
        assert unknown.failure is not None
        assert unknown.failure.code == "mcp.unknown_tool"
        assert "get_current_time" in unknown.failure.message
        fetch = await nodes.run("fetch", list_tools=True)
        assert [tool["name"] for tool in fetch.outputs["tools"]] == ["fetch"]
        refused = await nodes.call("fetch", "fetch", url="not a url")
        assert code(refused) == "mcp.tool_error"


async def test_two_hundred_calls_at_a_time_share_one_session(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        calls = (nodes.call("web", "slow", seconds=0.2, steps=1) for _ in range(200))
        results = await asyncio.gather(*calls)
        assert [result.outputs.get("output") for result in results] == ["done"] * 200
        assert len(nodes.sessions._by_key) == 1


async def test_results_of_every_kind(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        plain = await nodes.call("web", "echo", text="hello")
        assert plain.outputs["output"] == "hello"
        assert plain.outputs["structured"] == {"result": "hello"}
        shaped = await nodes.call("web", "shaped", city="Bern")
        assert shaped.outputs["output"] == {"city": "Bern", "degrees": [1, 2]}
        picture = (await nodes.call("web", "picture")).outputs
        assert picture["output"] == ""
        (file,) = picture["files"]
        assert (file["media_type"], file["size"], file["kind"]) == ("image/png", len(PNG), "image")
        mixed = (await nodes.call("web", "mixed")).outputs
        assert mixed["output"] == "a text\na memo"
        kinds = [part["type"] for part in mixed["content"]]
        assert kinds == ["text", "audio", "resource", "resource", "resource_link"]
        assert mixed["content"][4]["uri"] == "https://example.com/doc"
        assert [file["name"] for file in mixed["files"]] == ["audio", "q3.bin"]


async def test_progress_comes_as_chunks(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        result = await nodes.call("web", "slow", seconds=0.05, steps=3)
        assert result.text("variable") == "step 1 (1/3)\nstep 2 (2/3)\nstep 3 (3/3)\n"
        assert {chunk.name for chunk in result.chunks[:-1]} == {"progress"}
        assert result.outputs["output"] == "done"


async def test_a_call_that_takes_too_long_is_cancelled_and_its_session_stays(
    web: HTTPServer,
) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        before = await nodes.call("web", "echo", text="before")
        (session,) = nodes.sessions._by_key.values()
        late = await nodes.run("web", "slow", timeout=0.5, arguments={"seconds": 60, "steps": 60})
        assert late.failure is not None
        assert late.failure.code == "mcp.timeout"
        assert not late.failure.retryable
        after = await nodes.call("web", "echo", text="after")
        assert (before.outputs["output"], after.outputs["output"]) == ("before", "after")
        assert list(nodes.sessions._by_key.values()) == [session]
        await comes_true(lambda: "slow was cancelled" in web.journal.read_text())


async def test_a_cancelled_attempt_tells_the_server(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        await nodes.call("web", "echo", text="x")
        begun = web.journal.read_text().count("slow\n")
        calling = asyncio.create_task(nodes.call("web", "slow", seconds=60, steps=60))
        await comes_true(lambda: web.journal.read_text().count("slow\n") > begun)
        cancelled = web.journal.read_text().count("was cancelled")
        calling.cancel()
        assert code(await calling) == "mcp.connection_lost", "nobody knows whether it has run"
        reading = asyncio.create_task(nodes.run("web", list_tools=True))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await comes_true(lambda: web.journal.read_text().count("was cancelled") > cancelled)
        assert (await nodes.call("web", "echo", text="on")).outputs["output"] == "on"


@pytest.mark.parametrize(
    "how", ["program", "newest", pytest.param("legacy", marks=pytest.mark.slow)]
)
async def test_a_server_that_dies_in_a_call(how: str, tmp_path: Path) -> None:
    """The attempt fails at once; only what may be repeated is; the next call has a new session."""
    journal = tmp_path / "journal"
    web = (
        HTTPServer(journal, *(("--legacy",) if how == "legacy" else ()))
        if how != "program"
        else None
    )
    server = stdio_server(journal) if web is None else MCPServer(url=web.url)
    try:
        async with node({"it": server}) as nodes:
            await nodes.run("it", list_tools=True)
            (first,) = nodes.sessions._by_key.values()
            begun = time.monotonic()
            writes = await nodes.call("it", "write_and_die", text="a")
            assert time.monotonic() - begun < 3
            assert writes.failure is not None
            assert writes.failure.code == "mcp.connection_lost"
            assert not writes.failure.retryable
            if web is not None:
                web.kill()
                web.start()
            begun = time.monotonic()
            reads = await nodes.call("it", "read_and_die", text="b")
            assert time.monotonic() - begun < (3 if web else 6)  # a program is started first
            assert reads.failure is not None
            assert (reads.failure.code, reads.failure.retryable) == ("mcp.connection_lost", True)
            if web is not None:
                web.kill()
                web.start()
            again = await nodes.call("it", "read_and_die", text="b")
            assert again.outputs["output"] == "read"
            (last,) = nodes.sessions._by_key.values()
            assert last is not first
            assert journal.read_text().split("\n")[:1] == ["write a"]
            assert journal.read_text().count("write a") == 1
    finally:
        if web is not None:
            web.kill()


@pytest.mark.slow
async def test_a_server_that_was_started_again_is_met_in_a_new_session(tmp_path: Path) -> None:
    with http_server(tmp_path / "journal", "--legacy") as web:
        async with node({"web": MCPServer(url=web.url)}) as nodes:
            await nodes.call("web", "echo", text="one")
            (before,) = nodes.sessions._by_key.values()
            web.kill()
            web.start()
            again = await nodes.call("web", "echo", text="two")
            assert again.outputs["output"] == "two"
            (after,) = nodes.sessions._by_key.values()
            assert after is not before


async def test_a_server_that_cannot_be_called_says_why(tmp_path: Path) -> None:
    floods = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    chatters = 'import sys\nwhile True: print(\'{"jsonrpc":"2.0","method":"x"}\')'
    servers = {
        "absent": MCPServer(command=str(tmp_path / "absent")),
        "junk": program("print('Welcome!')"),
        "talker": program("while True: print('Welcome!')"),
        "floods": program(floods),
        "chatters": program(chatters),
        "leaves": program("raise SystemExit(7)"),
        "silent": program("import time; time.sleep(60)", connect_timeout=0.3),
        "refuses": MCPServer(url="http://127.0.0.1:9/mcp"),
    }
    expected = {
        "absent": ("mcp.not_started", False),
        "junk": ("mcp.protocol", False),
        "talker": ("mcp.protocol", False),
        "floods": ("mcp.too_large", False),
        "chatters": ("mcp.too_large", False),
        "leaves": ("mcp.unavailable", True),
        "silent": ("mcp.unavailable", True),
        "refuses": ("mcp.unavailable", True),
        "undeclared": ("mcp.unknown_server", False),
    }
    async with node(servers, max_message_bytes=100_000) as nodes:
        names = list(expected)
        results = await asyncio.gather(*(nodes.call(name, "echo") for name in names))
        failures = {name: one.failure for name, one in zip(names, results, strict=True)}
        found = {name: one and (one.code, one.retryable) for name, one in failures.items()}
        assert found == expected
        for name, one in failures.items():
            assert one is not None
            assert repr(name) in one.message
        assert "code 7" in str(failures["leaves"])
        assert "Welcome!" in str(failures["junk"])


async def test_results_over_http_are_bounded(web: HTTPServer) -> None:
    await check_bounds(MCPServer(url=web.url))


async def test_results_of_programs_are_bounded(tmp_path: Path) -> None:
    await check_bounds(stdio_server(tmp_path / "journal"))


async def check_bounds(server: MCPServer) -> None:
    async with node({"it": server}, max_message_bytes=200_000) as nodes:
        fits = await nodes.call("it", "big", size=50_000)
        assert len(fits.outputs["output"]) == 50_000
        large = await nodes.call("it", "big", size=400_000)
        assert code(large) == "mcp.too_large"
        assert "RUNFOLD_MCP__MAX_MESSAGE_BYTES" in str(large.failure)
        assert (await nodes.call("it", "echo", text="on")).outputs["output"] == "on"


async def test_private_addresses_are_closed_unless_the_operator_opens_them(
    web: HTTPServer,
) -> None:
    async with node({"web": MCPServer(url=web.url)}, allow_loopback=False) as nodes:
        closed = await nodes.call("web", "echo", text="x")
        assert closed.failure is not None
        assert (closed.failure.code, closed.failure.retryable) == ("http.blocked", False)


async def test_tools_that_are_not_allowed_are_neither_seen_nor_called(web: HTTPServer) -> None:
    server = MCPServer(url=web.url, allow=["echo", "b*"], deny=["big"], repeatable=["ec*"])
    async with node({"web": server}) as nodes:
        listed = (await nodes.run("web", list_tools=True)).outputs["tools"]
        assert [tool["name"] for tool in listed] == ["echo"]
        assert code(await nodes.call("web", "big", size=1)) == "mcp.tool_not_allowed"
        assert code(await nodes.call("web", "slow", seconds=1)) == "mcp.tool_not_allowed"


async def test_a_program_has_a_clean_environment_and_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "s3cret-value")
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-it")
    server = stdio_server(tmp_path / "journal", env={"API_TOKEN": "Bearer {{secrets.TOKEN}}"})
    with structlog.testing.capture_logs() as logs:
        async with node({"it": server}) as nodes:
            seen = (await nodes.call("it", "environment")).outputs["output"]
            # What comes back is without the secret, as everything that leaves an attempt is.
            assert seen["API_TOKEN"] == "Bearer ***"
            assert not [name for name in seen if name.startswith(("RUNFOLD_", "OPENAI"))]
            await nodes.call("it", "complain", text="my token is s3cret-value")
    said = [line["line"] for line in logs if line["event"] == "server says"]
    assert "my token is ***" in said
    assert "s3cret-value" not in str(logs)


async def test_a_program_shows_no_secret_that_a_call_sends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_OTHER", "s3cret-of-a-call")
    server = stdio_server(tmp_path / "journal")
    with structlog.testing.capture_logs() as logs:
        async with node({"it": server}) as nodes:
            await nodes.call("it", "complain", text="I was sent {{secrets.OTHER}}")
    lines = [str(one.get("line")) for one in logs]
    assert "I was sent ***" in lines
    assert "s3cret" not in str(logs)


async def test_a_server_with_another_credential_has_another_session(
    web: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MCPServer(url=web.url, headers={"authorization": "Bearer {{secrets.TOKEN}}"})
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "first-token")
    async with node({"web": server}) as nodes:
        await nodes.call("web", "echo", text="x")
        monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "second-token")
        await nodes.call("web", "echo", text="x")
        assert len(nodes.sessions._by_key) == 2
        monkeypatch.delenv("RUNFOLD_SECRET_TOKEN")
        assert code(await nodes.call("web", "echo", text="x")) == "secret.missing"


async def test_an_idle_session_is_closed_and_its_program_with_all_it_started(
    tmp_path: Path,
) -> None:
    pids = tmp_path / "pids"
    # A wrapper that starts the server and a child of its own, as npx does.
    source = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "from tests.support.mcp_server import server\n"
        "server.run('stdio')\n"
    )
    server = program(source, cwd=str(Path(__file__).parents[2]))
    async with node({"it": server}, idle=0.2) as nodes:
        assert (await nodes.call("it", "echo", text="x")).outputs["output"] == "x"
        await comes_true(lambda: not any(_alive(int(pid)) for pid in pids.read_text().split()))
        assert nodes.sessions._by_key == {}


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        os.kill(pid, 0)
        return True
    return status != "Z"


async def test_a_tool_whose_schema_is_none_is_listed_and_refused(tmp_path: Path) -> None:
    source = (
        "import anyio\n"
        "from mcp.server import Server\n"
        "from mcp.server.stdio import stdio_server\n"
        "from mcp import types\n"
        "async def listed(ctx, params):\n"
        "    bad = {'type': 'object', 'properties': {'a': {'type': 'strng'}}}\n"
        "    good = {'type': 'object', 'properties': {}}\n"
        "    return types.ListToolsResult(tools=[types.Tool(name='bad', input_schema=bad),\n"
        "        types.Tool(name='good', input_schema=good)])\n"
        "async def main():\n"
        "    server = Server('odd', on_list_tools=listed)\n"
        "    async with stdio_server() as (read, write):\n"
        "        await server.run(read, write, server.create_initialization_options())\n"
        "anyio.run(main)\n"
    )
    async with node({"odd": program(source)}) as nodes:
        listed = (await nodes.run("odd", list_tools=True)).outputs["tools"]
        assert [tool["name"] for tool in listed] == ["bad", "good"]
        refused = await nodes.call("odd", "bad", a="x")
        assert refused.failure is not None
        assert refused.failure.code == "mcp.schema_invalid"
        assert "strng" in refused.failure.message


SCRIPT = """
import json, sys, time
def answer(about, result):
    print(json.dumps({"jsonrpc": "2.0", "id": about["id"], "result": result}), flush=True)
page = 0
for line in sys.stdin:
    about = json.loads(line)
    match about["method"]:
        case "initialize":
            told = {"name": "it", "version": "1"}
            answer(about, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                           "serverInfo": told})
        case "server/discover":
            error = {"code": -32601, "message": "no"}
            print(json.dumps({"jsonrpc": "2.0", "id": about["id"], "error": error}), flush=True)
        case "tools/list":
            pattern = {"type": "string", "pattern": "^(a+)+$"}
            shape = {"type": "object", "properties": {"a": pattern}}
            tool = {"name": "it", "inputSchema": {"type": "object"}, "outputSchema": shape}
            page += 1
            more = {"nextCursor": str(page)} if "endless" in sys.argv else {}
            answer(about, {"tools": [tool], **more})
        case "tools/call":
            if "stuck" in sys.argv:
                time.sleep(60)
            answer(about, {"content": [], "structuredContent": {"a": "a" * 40 + "!"}})
"""


def scripted(how: str, **more: Any) -> MCPServer:
    return MCPServer(command=sys.executable, args=["-c", SCRIPT, how], **more)


async def test_a_pattern_in_a_tools_schema_holds_nothing_up() -> None:
    async with node({"it": scripted("")}) as nodes, asyncio.timeout(10):
        result = await nodes.call("it", "it")
        assert code(result) == "mcp.output_invalid"


async def test_a_list_of_tools_without_an_end_is_given_up() -> None:
    async with node({"it": scripted("endless")}) as nodes:
        assert code(await nodes.run("it", list_tools=True)) == "mcp.too_large"


async def test_a_program_that_reads_nothing_holds_no_call_up_and_is_replaced() -> None:
    async with node({"it": scripted("stuck", timeout=0.5)}) as nodes:
        first = await nodes.run("it", list_tools=True)
        assert not first.failure
        started = time.monotonic()
        results = await asyncio.gather(*(nodes.call("it", "it", a="x" * 10**6) for _ in range(3)))
        assert {code(one) for one in results} <= {"mcp.timeout", "mcp.connection_lost"}
        assert time.monotonic() - started < 3
        before = [one for one in nodes.sessions._by_key.values() if one.session.is_usable]
        assert before == []


async def test_what_the_author_fills_in_is_not_listed_and_goes_before(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        asked = {"preset": {"city": "Oslo", "other": 1}}
        listed = (await nodes.run("web", list_tools=True, **asked)).outputs["tools"]
        (shaped,) = [tool for tool in listed if tool["name"] == "shaped"]
        assert "city" not in shaped["parameters"]["properties"]
        assert "city" not in shaped["parameters"].get("required", [])
        came = await nodes.run("web", tool="shaped", arguments={"city": "Rome"}, **asked)
        assert came.outputs["structured"]["city"] == "Oslo"


async def test_what_a_lost_executor_may_have_called_is_not_called_again(web: HTTPServer) -> None:
    async with node({"web": MCPServer(url=web.url)}) as nodes:
        await nodes.call("web", "echo", text="x")
        before = web.journal.read_text()
        again = {"settings": nodes.settings, "resource": nodes.outside, "deliveries": 2}
        slow = {"server": "web", "tool": "slow", "arguments": {"seconds": 0.1, "steps": 1}}
        lost = await run_node(NODE, slow, **again)
        assert lost.failure is not None
        assert (lost.failure.code, lost.failure.retryable) == ("mcp.connection_lost", False)
        assert web.journal.read_text() == before
        echo = {"server": "web", "tool": "echo", "arguments": {"text": "on"}}
        assert (await run_node(NODE, echo, **again)).outputs["output"] == "on"


async def test_the_engine_repeats_a_lost_call_only_where_it_may(tmp_path: Path) -> None:
    """Through the whole system: what the tool's own journal says was done, was done as often."""
    journal = tmp_path / "journal"
    servers = {"it": stdio_server(journal)}

    def flow(tool: str) -> dict[str, Any]:
        config = {"server": "it", "tool": tool, "arguments": {"text": "once"}}
        retry = {"max_attempts": 3, "delay": 0.05}
        call = {"id": "call", "type": "mcp", "config": config, "retry": retry}
        end = {"id": "end", "type": "end", "config": {"outputs": {"said": "{{call.output}}"}}}
        return {"id": tool, "nodes": [call, end]}

    services = ("scheduler", "executor-http")
    async with running(services, mcp=MCPSettings(servers=servers)) as stack:
        written, _ = await stack.run(flow("write_and_die"))
        assert written.status == "failed"
        assert written.error is not None
        assert written.error.code == "mcp.connection_lost"
        read, told = await stack.run(flow("read_and_die"))
        assert (read.status, read.outputs) == ("succeeded", {"said": "read"})
        events = [one.event for one in told if isinstance(one, Recorded)]
        assert sum(isinstance(one, NodeRunRetry) for one in events) == 1
    assert journal.read_text().splitlines() == ["write once", "read once", "read once"]


async def test_a_drain_repeats_no_call_that_may_have_been_carried_out(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    servers = {"it": stdio_server(journal)}
    arguments = {"seconds": 60, "steps": 1}
    config = {"server": "it", "tool": "slow", "arguments": arguments}
    flow = {"id": "slow", "nodes": [{"id": "call", "type": "mcp", "config": config}]}
    async with running(("scheduler",), mcp=MCPSettings(servers=servers), grace=0.1) as stack:
        async with run_services(stack.bus, stack.settings, ("executor-http",)):
            going = asyncio.create_task(stack.run(flow))
            await comes_true(lambda: journal.exists() and "slow" in journal.read_text())
        async with run_services(stack.bus, stack.settings, ("executor-http",)):
            view, _ = await going
    assert (view.status, view.error and view.error.code) == ("failed", "mcp.connection_lost")
    assert journal.read_text().count("slow\n") == 1
