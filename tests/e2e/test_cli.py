"""The `runfold` command as a user types it, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import signal
import sys
from pathlib import Path

import pytest

from tests.support.dev_process import Dev, environment_of

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "content_pipeline.yaml")
FAN_IN = str(ROOT / "examples" / "parallel_fan_in.yaml")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_of(tmp_path)


async def runfold(
    environment: dict[str, str], *arguments: str, stdin: bytes = b""
) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    out, err = await process.communicate(stdin)
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_readmes_first_line(environment: dict[str, str]) -> None:
    code, out, err = await runfold(
        environment,
        *("run", EXAMPLE, "--input", "topic=tea", "--demo-model", "--answer", "review=approved"),
    )
    assert code == 0, err
    assert "[demo model]" in out
    assert "succeeded" in out
    assert "demo model" in err


async def test_json_is_one_document_and_replay_folds_the_same(environment: dict[str, str]) -> None:
    code, out, err = await runfold(
        environment, "run", FAN_IN, "-i", "topic=tea", "--demo-model", "--json"
    )
    assert code == 0, err
    document = json.loads(out)
    assert set(document) == {
        *("run_id", "status", "outputs", "error", "compensation", "usage", "nodes")
    }
    assert document["status"] == "succeeded"
    run_id = document["run_id"]
    code, out, err = await runfold(environment, "replay", run_id, "--json")
    assert code == 0, err
    replayed = json.loads(out)
    assert replayed["nodes"] == document["nodes"]
    assert replayed["outputs"] == document["outputs"]
    code, out, _ = await runfold(environment, "events", run_id)
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert events[0]["type"] == "run_started"
    assert events[-1]["type"] == "run_succeeded"
    half = events[len(events) // 2]["seq"]
    code, out, _ = await runfold(environment, "replay", run_id, "--at", str(half), "--json")
    assert json.loads(out)["status"] == "running"
    code, out, _ = await runfold(environment, "replay", run_id)
    assert "run_succeeded" in out


async def test_an_argument_that_is_not_utf_8_exits_2(environment: dict[str, str]) -> None:
    arguments = (sys.executable, "-m", "runfold", "run", FAN_IN, "-i", b"topic=caf\xe9")
    process = await asyncio.create_subprocess_exec(
        *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert err.decode() == "error: input topic is not UTF-8: byte 10 has no meaning in it\n"


@pytest.mark.parametrize("command", [("doctor",), ("check", FAN_IN), ("dev",)])
async def test_settings_that_cannot_be_read_exit_2(
    environment: dict[str, str], command: tuple[str, ...]
) -> None:
    code, out, err = await runfold({**environment, "RUNFOLD_LLM__PRICES": "{bad"}, *command)
    assert (code, out) == (2, "")
    assert err.startswith("error: wrong settings: RUNFOLD_LLM__PRICES: not JSON")


async def test_a_failed_run_exits_1(environment: dict[str, str]) -> None:
    broken = {
        "id": "broken",
        "nodes": [{"id": "c", "type": "code", "config": {"code": "result = 1 / 0"}}],
    }
    code, out, _ = await runfold(environment, "run", "-", stdin=json.dumps(broken).encode())
    assert code == 1
    assert "code.error" in out
    assert "ZeroDivisionError" in out


async def test_a_rejected_review_takes_its_branch(environment: dict[str, str]) -> None:
    code, out, _ = await runfold(
        environment,
        *("run", EXAMPLE, "-i", "topic=tea", "--demo-model", "--json"),
        *("--answer", "review=rejected:too short"),
    )
    assert code == 0
    assert json.loads(out)["outputs"]["refusal"] == "not published: too short"


async def test_invalid_workflows_exit_2_with_every_finding(environment: dict[str, str]) -> None:
    document = {
        "id": "bad",
        "inputs": {},
        "nodes": [
            {"id": "a", "type": "lmm", "config": {}},
            {"id": "b", "type": "template", "config": {"template": "{{nobody.x}}", "tempo": 1}},
        ],
        "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}],
    }
    body = json.dumps(document).encode()
    code, _, err = await runfold(environment, "run", "-", stdin=body)
    assert code == 2
    for expected in ("node.unknown_type", "graph.cycle", "config.unknown_key", "reference.unknown"):
        assert expected in err
    code, out, _ = await runfold(environment, "check", "-", "--json", stdin=body)
    assert code == 2
    assert json.loads(out)["valid"] is False


async def test_missing_and_surplus_inputs_exit_2_and_are_named(environment: dict[str, str]) -> None:
    code, _, err = await runfold(environment, "run", EXAMPLE, "-i", "tpic=x", "--demo-model")
    assert code == 2
    assert "missing: topic" in err
    assert "surplus: tpic" in err


async def test_without_a_model_it_says_what_to_set(environment: dict[str, str]) -> None:
    code, _, err = await runfold(environment, "run", EXAMPLE, "-i", "topic=tea")
    assert code == 2
    assert "OPENAI_API_KEY" in err
    assert "--demo-model" in err


@pytest.mark.parametrize("command", [("run", FAN_IN, "-i", "topic=x"), ("replay", "nobody")])
async def test_an_unreachable_server_exits_3(environment: dict[str, str], command: tuple) -> None:
    code, _, err = await runfold(environment, *command, "--server", "nats://127.0.0.1:1")
    assert code == 3
    assert "cannot reach NATS at nats://127.0.0.1:1" in err
    assert "Traceback" not in err


async def test_an_unknown_run_exits_2(environment: dict[str, str]) -> None:
    code, _, err = await runfold(environment, "replay", "nobody")
    assert code == 2
    assert "no run 'nobody'" in err


async def test_a_data_dir_that_cannot_be_written_exits_3(
    environment: dict[str, str], tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    code, _, err = await runfold(
        environment, "run", FAN_IN, "-i", "topic=x", "--demo-model", "--data-dir", str(in_the_way)
    )
    assert code == 3
    assert "not writable" in err
    assert "--data-dir" in err


async def test_a_person_who_cannot_be_asked_is_said_so(environment: dict[str, str]) -> None:
    document = {"id": "ask", "nodes": [{"id": "ok", "type": "human", "config": {"message": "ok?"}}]}
    code, _, err = await runfold(environment, "run", "-", stdin=json.dumps(document).encode())
    assert code == 2
    assert "--answer ok=approved" in err


async def test_a_run_goes_on_without_an_answer_that_it_can_do_without(
    environment: dict[str, str],
) -> None:
    human = {"type": "human", "config": {"message": "ok?"}}
    race = {
        "id": "race",
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "person", **human},
            {"id": "machine", "type": "wait", "config": {"duration": 0.5}},
            {"id": "first", "type": "join", "config": {"mode": "any", "cancel_losers": True}},
            {
                "id": "limited",
                "type": "parallel",
                "config": {
                    "branch_timeout": 0.5,
                    "continue_on_error": True,
                    "branches": {"ask": {"nodes": [{"id": "asked", **human}]}},
                },
            },
            {"id": "end", "type": "end", "config": {"outputs": {"won": "{{first.arrived}}"}}},
        ],
        "edges": [
            {"source": "start", "target": "person"},
            {"source": "start", "target": "machine"},
            {"source": "person", "target": "first"},
            {"source": "machine", "target": "first"},
            {"source": "first", "target": "limited"},
            {"source": "limited", "target": "end"},
        ],
    }
    code, out, err = await runfold(environment, "run", "-", stdin=json.dumps(race).encode())
    assert code == 0, err
    assert 'won: ["machine"]' in out


async def test_a_request_that_is_refused_ends_the_command(environment: dict[str, str]) -> None:
    calls = {"id": "sub", "type": "sub_workflow", "config": {"workflow": "nowhere"}}
    body = json.dumps({"id": "caller", "nodes": [calls]}).encode()
    async with asyncio.timeout(60):
        code, _, err = await runfold(environment, "run", "-", stdin=body)
    assert code == 2
    assert "nowhere" in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("error: ")


async def test_the_tree_of_an_interrupted_run_says_that_it_was_cancelled(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("id: long\nnodes:\n  - {id: pause, type: wait, config: {duration: 1h}}\n")
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "run", str(file)),
        stdout=slave,
        stderr=slave,
        env={**environment, "COLUMNS": "200"},
    )
    os.close(slave)
    shown = b""
    while b"waits for 60 min" not in shown:
        shown += await asyncio.to_thread(os.read, master, 65_536)
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 130
    with contextlib.suppress(OSError):  # the terminal's end
        while True:
            shown += await asyncio.to_thread(os.read, master, 65_536)
    os.close(master)
    _, _, last = shown.decode().rpartition("long")
    assert last.splitlines()[0].endswith(" cancelled"), shown
    assert "waits" not in last


async def test_an_interrupted_run_is_undone_before_the_command_ends(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "booking.yaml"
    file.write_text(
        """
id: booking
nodes:
  - {id: book, type: noop, compensate: unbook}
  - {id: pause, type: wait, config: {duration: 60s}}
  - {id: unbook, type: template, config: {template: "{{error.message}}"}}
"""
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "run", str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    while b"pause" not in await process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert process.returncode == 130, err
    assert "compensating: the run was cancelled: interrupted" in out.decode()
    assert "✔  unbook" in out.decode()


@pytest.mark.slow
async def test_dev_serves_others_and_keeps_its_data(environment: dict[str, str]) -> None:
    async with Dev(environment, "--demo-model") as dev:
        code, out, err = await runfold(environment, "run", FAN_IN, "-i", "topic=tea", "--json")
        assert code == 0, err
        run_id = json.loads(out)["run_id"]
        counts = {
            "id": "counts",
            "inputs": {"order": "integer"},
            "nodes": [{"id": "end", "type": "end", "config": {"outputs": {"n": "{{order}}"}}}],
        }
        body = json.dumps(counts).encode()
        code, out, _ = await runfold(environment, "run", "-", "-i", "order=7", "--json", stdin=body)
        _, out, _ = await runfold(environment, "events", first := json.loads(out)["run_id"])
        begun = str(json.loads(out.splitlines()[0])["seq"])
        code, out, err = await runfold(
            environment, "fork", first, "--at", begun, "--input", "order=8", "--json"
        )
        assert code == 0, err
        _, out, _ = await runfold(environment, "events", json.loads(out)["run_id"], "--follow")
        assert json.loads(out.splitlines()[-1])["outputs"] == {"n": 8}
        code, _, err = await runfold(environment, "doctor", "--json")
        assert code == 0, err
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(dev.url("gateway").rpartition(":")[2])
        )
        writer.write(
            f"GET /api/runs/{run_id} HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        seen = json.loads(body)
        code, out, _ = await runfold(environment, "replay", run_id, "--json")
        replayed = json.loads(out)
        assert {name: seen[name] for name in replayed} == replayed
    assert dev.process.returncode == 143
    code, out, _ = await runfold(environment, "replay", run_id, "--json")
    assert json.loads(out) == replayed


async def test_dev_says_when_its_port_is_taken(environment: dict[str, str]) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    code, _, err = await runfold(environment, "dev", "--port", str(port), "--gateway-port", "0")
    assert (code, "Traceback" in err) == (3, False)
    assert f"port {port} is in use" in err
    code, _, err = await runfold(environment, "dev", "--port", "0", "--gateway-port", str(port))
    assert code == 3
    assert "--gateway-port" in err
    server.close()


async def test_dev_says_when_nats_dies(environment: dict[str, str], tmp_path: Path) -> None:
    async with Dev(environment) as dev:
        ports = next((tmp_path / "data").glob("nats-server_*.ports"))
        os.kill(int(ports.stem.rpartition("_")[2]), signal.SIGKILL)
        await dev.process.wait()
    assert dev.process.returncode == 3
    assert b"nats-server ended" in dev.err
    assert b"Traceback" not in dev.err


def command_line(pid: int) -> bytes:
    """Empty for a process that ended, though its parent may still have to look at it."""
    file = Path(f"/proc/{pid}/cmdline")
    return file.read_bytes() if file.exists() else b""


async def test_a_command_that_is_terminated_leaves_no_server_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    waits = tmp_path / "waits.yaml"
    waits.write_text("id: w\nnodes:\n  - {id: long, type: wait, config: {duration: 1h}}\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "run", str(waits)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )

    def servers() -> list[Path]:
        return list((tmp_path / "data").glob("nats-server_*.ports"))

    async with asyncio.timeout(30):
        while not servers():  # noqa: ASYNC110 -- nothing tells that a file is there
            await asyncio.sleep(0.05)
    server = int(servers()[0].stem.rpartition("_")[2])
    process.terminate()
    await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 143
    assert not command_line(server)
