"""Dead letters over the API and the command: looked at, queued again, dropped."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from runfold.bus.jetstream import dead_letters as dead_letters_module
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.dead_letters import JetStreamDeadLetters
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli import dead as command
from runfold.cli.outcome import exit_code_of
from runfold.contracts.codec import encode
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import CancelRequest
from runfold.contracts.tasks import DeadLetter, Task
from runfold.errors import Conflict, InvalidRequest, NotFound
from runfold.settings import Settings
from tests.integration.test_gateway_api import is_problem
from tests.integration.test_gateway_streams import waiting_run
from tests.integration.test_run_control import until
from tests.support.stack import running


def letter(source: str, body: bytes) -> DeadLetter:
    kept = base64.b64encode(body).decode()
    return DeadLetter(source=source, reason="why", code="c", body=kept, size=len(body))


async def test_over_the_api() -> None:
    async with (
        running(("scheduler", "gateway")) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        run_id = await waiting_run(api)
        cancel = encode(CancelRequest(run_id=run_id))
        task = encode(Task(run_id="gone", workflow_id="w", node_id="n", node_type="noop"))
        await stack.bus.dead.bury("REQUESTS", letter("runfold.requests.cancel", cancel))
        await stack.bus.dead.bury("TASKS", letter("runfold.tasks.text.noop", task))
        await stack.bus.dead.bury("EVENTS", letter("runfold.events.01.w.r.x", b"\xff{}"))
        items = (await api.get("/dead")).json()["items"]
        assert [item["source"] for item in items] == [
            "runfold.requests.cancel",
            "runfold.tasks.text.noop",
            "runfold.events.01.w.r.x",
        ]
        assert (await api.get("/dead", params={"limit": 1})).json()["items"] == items[2:]
        one, two, three = (item["seq"] for item in items)
        shown = (await api.get(f"/dead/{one}")).json()
        assert json.loads(shown["body"])["run_id"] == run_id
        assert shown["whole"] is True
        assert (await api.get(f"/dead/{three}")).json()["body"] == "\ufffd{}"
        is_problem(await api.post(f"/dead/{two}/requeue"), 409, "run.gone")
        is_problem(await api.post(f"/dead/{three}/requeue"), 422, "dead.not_queued")
        assert (await api.post(f"/dead/{one}/requeue")).status_code == 202
        ended = await stack.runs.wait(run_id, 10)
        assert ended is not None
        assert ended.status == "cancelled"
        assert (await api.delete(f"/dead/{two}")).status_code == 204
        is_problem(await api.delete(f"/dead/{two}"), 404, "dead.not_found")
        is_problem(await api.get(f"/dead/{one}"), 404, "dead.not_found")
        for none in (0, 2**63, 10**20):
            is_problem(await api.get(f"/dead/{none}"), 404, "dead.not_found")
            is_problem(await api.delete(f"/dead/{none}"), 404, "dead.not_found")
            is_problem(await api.post(f"/dead/{none}/requeue"), 404, "dead.not_found")
        left = (await api.get("/dead")).json()["items"]
        assert [item["seq"] for item in left] == [three]


async def test_a_task_whose_attempt_has_ended_is_not_run_again(tmp_path: Path) -> None:
    async with (
        running(("scheduler", "executor-text", "gateway")) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as api,
    ):
        nodes = [
            {"id": "n", "type": "noop"},
            {"id": "ask", "type": "human", "config": {"message": "?"}},
        ]
        await api.post("/workflows", json={"id": "w", "nodes": nodes})
        run_id = (await api.post("/workflows/w/run", json={})).json()["run_id"]
        await until(stack, run_id, NodeRunWaiting)
        done = encode(Task(run_id=run_id, workflow_id="w", node_id="n", node_type="noop"))
        await stack.bus.dead.bury("TASKS", letter("runfold.tasks.text.noop", done))
        (item,) = (await api.get("/dead")).json()["items"]
        before = await stack.bus.events.read_run(run_id)
        problem = is_problem(await api.post(f"/dead/{item['seq']}/requeue"), 409, "node.settled")
        assert (problem["node"], problem["node_status"]) == ("n", "succeeded")
        with pytest.raises(Conflict) as refused:
            await command.requeued(item["seq"], stack.settings.nats_url, tmp_path, as_json=False)
        assert exit_code_of(refused.value) == 2
        assert await stack.bus.events.read_run(run_id) == before
        assert (await api.get("/dead")).json()["items"] == [item]


async def test_over_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await bus.dead.bury("REQUESTS", letter("runfold.requests.cancel", b'{"run_id":"r"}'))
        await bus.dead.bury("CHUNKS", letter("runfold.chunks.01.w.r", b"{}"))
        at = (server.url, tmp_path)
        assert await command.listed(10, *at, as_json=False) == 0
        assert "runfold.chunks.01.w.r  c" in capsys.readouterr().out
        assert await command.listed(10, *at, as_json=True) == 0
        assert len(json.loads(capsys.readouterr().out)["items"]) == 2
        assert await command.shown(1, *at, as_json=False) == 0
        assert capsys.readouterr().out.endswith('{"run_id":"r"}\n')
        assert await command.shown(1, *at, as_json=True) == 0
        assert json.loads(capsys.readouterr().out)["body"] == '{"run_id":"r"}'
        assert await command.requeued(1, *at, as_json=False) == 0
        assert "requeued" in capsys.readouterr().out
        with pytest.raises(InvalidRequest):
            await command.requeued(2, *at, as_json=False)
        assert await command.dropped(2, *at, as_json=True) == 0
        assert json.loads(capsys.readouterr().out) == {"seq": 2, "status": "dropped"}
        with pytest.raises(NotFound):
            await command.dropped(2, *at, as_json=False)
        assert await bus.dead.list() == []
        await bus.close()


async def test_a_list_holds_no_more_than_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kept:
        """A stored letter that is counted while anybody holds it."""

        held = 0
        most = 0
        time = 0.0
        body = encode(letter("runfold.requests.cancel", b"{}"))

        def __init__(self, seq: int) -> None:
            self.seq = seq
            Kept.held += 1
            Kept.most = max(Kept.most, Kept.held)

        def __del__(self) -> None:
            Kept.held -= 1

    async def many(*_: object) -> AsyncIterator[Kept]:
        for seq in range(1, 1001):
            yield Kept(seq)

    monkeypatch.setattr(dead_letters_module, "read_stored", many)
    dead = JetStreamDeadLetters(*(None,) * 3)  # type: ignore[arg-type]
    assert [kept.seq for kept in await dead.list(limit=5)] == [996, 997, 998, 999, 1000]
    assert Kept.most < 10
