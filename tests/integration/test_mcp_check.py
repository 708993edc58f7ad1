"""`runfold check` and `doctor` about MCP servers and missing extras."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.check import check
from runfold.cli.doctor import doctor
from runfold.connections.credentials import AuthorizationCode
from runfold.connections.sealing import new_key, sealer_of
from runfold.connections.store import ConnectionStore
from runfold.graph import extras
from runfold.graph.loader import load_workflow
from runfold.settings import MCPServer, MCPSettings, Settings
from runfold_executor_http.mcp_client.survey import survey
from tests.support.mcp_servers import program

pytestmark = pytest.mark.slow

TIME = {"command": sys.executable, "args": ["-m", "mcp_server_time"]}


def workflow(*configs: dict[str, Any]) -> dict[str, Any]:
    nodes = [{"id": f"n{at}", "type": "mcp", "config": one} for at, one in enumerate(configs)]
    return {"id": "clock", "inputs": {"zone": {"type": "string"}}, "nodes": nodes}


@pytest.fixture
def without_mcp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(extras.MODULES, "mcp", ("a_module_that_is_not_there",))
    extras.missing.cache_clear()
    yield
    extras.missing.cache_clear()


def test_check_asks_the_servers_that_nodes_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = {"time": TIME, "junk": {"command": sys.executable, "args": ["-c", "print('hi')"]}}
    monkeypatch.setenv("RUNFOLD_MCP__SERVERS", json.dumps(servers))
    now = {"server": "time", "tool": "get_current_time"}
    inner = {"id": "in", "type": "mcp", "config": {**now, "tool": "get_time"}}
    document = workflow(
        {**now, "arguments": {"timezone": "{{zone}}"}},
        {**now, "arguments": {"timezone": 7}},
        now,
        {"server": "tme", "list_tools": True},
        {"server": "junk", "tool": "x"},
    )
    document["nodes"].append(
        {"id": "each", "type": "iteration", "config": {"items": [1], "nodes": [inner]}}
    )
    tools = [
        {"type": "mcp", "config": {"server": "time"}},
        {"type": "mcp", "name": "odd", "config": {"server": "time", "tool": "get_date"}},
    ]
    document["nodes"].append(
        {"id": "agent", "type": "agent", "config": {"prompt": "{{zone}}", "tools": tools}}
    )
    path = tmp_path / "clock.yaml"
    path.write_text(yaml.safe_dump(document))
    with structlog.testing.capture_logs():
        assert check(str(path), as_json=True) == 2
    answer = json.loads(capsys.readouterr().out)
    assert {tool["name"] for tool in answer["mcp_servers"]["time"]["tools"]} == {
        "get_current_time",
        "convert_time",
    }
    found = {
        (one.get("node", ""), one["code"], one["level"])
        for one in answer["findings"]
        if one["level"] != "info"
    }
    assert found == {
        ("n1", "mcp.arguments", "error"),
        ("n2", "mcp.arguments", "error"),
        ("n3", "mcp.unknown_server", "error"),
        ("n4", "mcp.not_asked", "warning"),
        ("each/in", "mcp.unknown_tool", "error"),
        ("agent", "mcp.unknown_tool", "error"),
    }
    assert all(one["line"] for one in answer["findings"] if one["level"] != "info")
    with structlog.testing.capture_logs():
        assert check(str(path), as_json=False) == 2
    assert "tool    time.get_current_time(timezone: string)" in capsys.readouterr().err


def test_check_only_warns_where_no_server_is_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clock.json"
    path.write_text(json.dumps(workflow({"server": "time", "tool": "x"})))
    assert check(str(path), as_json=True) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["code"], finding["level"]) == ("mcp.unknown_server", "warning")


async def test_a_survey_ends_in_time_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfold_executor_http.mcp_client.survey.WITHIN", 0.3)
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "s3cret-value")
    servers = {
        "silent": program("import time; time.sleep(60)"),
        "tells": program("import os; print(os.environ['T'])", env={"T": "{{secrets.TOKEN}}"}),
    }
    async with asyncio.timeout(10):
        found = await survey(Settings(mcp=MCPSettings(servers=servers)), servers)
    assert "0.3 s" in found["silent"].problem
    assert "s3cret-value" not in str(found)


@pytest.mark.usefixtures("without_mcp")
def test_a_missing_extra_is_named_by_the_checks() -> None:
    loaded = load_workflow(workflow({"server": "time", "tool": "x"}))
    (finding,) = loaded.findings
    assert (finding.code, finding.level, finding.node) == ("extra.missing", "warning", "n0")
    assert finding.hint == "pip install 'runfold[mcp]'"


@pytest.mark.usefixtures("without_mcp")
async def test_a_missing_extra_is_named_by_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await doctor("", tmp_path, as_json=True)
    looks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert looks["mcp"]["ok"]
    assert "pip install 'runfold[mcp]'" in looks["mcp"]["fix"]
    monkeypatch.setenv("RUNFOLD_MCP__SERVERS", json.dumps({"time": TIME}))
    assert await doctor("", tmp_path, as_json=True) == 1
    looks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert not looks["mcp"]["ok"]


async def test_doctor_asks_the_declared_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = {"time": TIME, "absent": {"command": str(tmp_path / "absent")}}
    monkeypatch.setenv("RUNFOLD_MCP__SERVERS", json.dumps(servers))
    assert await doctor("", tmp_path, as_json=True) == 1
    looks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert looks["mcp time"]["found"] == "2 tools"
    assert "cannot be started" in looks["mcp absent"]["fix"]


def test_an_executor_without_the_extra_runs_its_other_nodes() -> None:
    """In a process in which the SDK cannot be imported."""
    source = """
import asyncio, sys
sys.modules["mcp"] = None
from runfold.bus.memory.bus import MemoryBus
from runfold.executor.conformance import run_node
from runfold.executor.resources import Resources
from runfold.settings import MCPServer, MCPSettings, Settings
from runfold_executor_http.nodes import NODES

async def main():
    settings = Settings(mcp=MCPSettings(servers={"time": MCPServer(command="true")}))
    resources = Resources(NODES, settings, MemoryBus(settings))
    resources.open()
    for node in NODES:
        resource = await resources.of(node)
        if node.kind.type == "mcp":
            config = {"server": "time", "tool": "x"}
        elif node.kind.type == "http_request":
            config = {"url": "http://127.0.0.1:9/"}
        else:
            continue
        result = await run_node(node, config, settings=settings, resource=resource or 0)
        print(result.failure.code, result.failure.message)
    await resources.close()

asyncio.run(main())
"""
    done = subprocess.run(
        (sys.executable, "-c", source), capture_output=True, text=True, check=False, timeout=60
    )
    assert "http.blocked" in done.stdout, done.stderr
    assert "extra.missing node 'mcp' of type 'mcp' needs the extra 'mcp'" in done.stdout
    assert "pip install 'runfold[mcp]'" in done.stdout


def test_servers_are_declared_one_way() -> None:
    for wrong in ({}, {"command": "x", "url": "http://x"}, {"url": "ftp://x"}, {"cmd": "x"}):
        with pytest.raises(ValueError, match=r"command|url|cmd"):
            MCPServer(**wrong)


async def test_what_is_wrong_with_a_servers_connection_is_said_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tickets = {"url": "https://tickets.example.com/mcp", "connection": "tickets"}
    key = new_key()
    monkeypatch.setenv("RUNFOLD_MCP__SERVERS", json.dumps({"tickets": tickets}))
    monkeypatch.setenv("RUNFOLD_CONNECTIONS_KEY", key)
    await doctor("", tmp_path, as_json=True)
    looks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert looks["mcp tickets"]["ok"]
    assert "no server is up" in looks["mcp tickets"]["found"]
    settings = Settings(connections_key=key, replicas=1)
    async with EmbeddedNats(tmp_path / "nats") as server:
        settings = settings.model_copy(update={"nats_url": server.url})
        monkeypatch.setenv("RUNFOLD_NATS_URL", server.url)
        bus = await connect(settings, role="owner")
        await ConnectionStore(bus.connections, lambda: sealer_of(settings)).put(
            "tickets",
            AuthorizationCode(
                hosts=["tickets.example.com"],
                authorization_url="https://login.example.com/authorize",
                token_url="https://login.example.com/token",
                client_id="me",
            ),
        )
        await bus.close()
        assert await doctor(server.url, tmp_path, as_json=True) == 1
        looks = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
        assert "`runfold connections authorize tickets`" in looks["mcp tickets"]["fix"]
        path = tmp_path / "tickets.yaml"
        path.write_text(yaml.safe_dump(workflow({"server": "tickets", "list_tools": True})))
        assert await asyncio.to_thread(check, str(path), as_json=True) == 0
        findings = json.loads(capsys.readouterr().out)["findings"]
        (found,) = [one for one in findings if one["code"] == "mcp.not_asked"]
        assert found["level"] == "warning"
        assert "`runfold connections authorize tickets`" in found["message"]
