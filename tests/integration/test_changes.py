"""The stream of changes over HTTP: what is told of, from which place on, and to whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.contracts import events as e
from runfold.contracts.tasks import DeadLetter
from runfold.graph.loader import canonical_bytes, prepare
from runfold_gateway import changes as changes_module
from tests.support.gateway import Gateway, gateway

ASK = {"id": "ask", "nodes": [{"id": "review", "type": "human", "config": {"message": "Good?"}}]}
FLOW = {"id": "flow", "nodes": [{"id": "n", "type": "noop"}]}
pytestmark = pytest.mark.asyncio(loop_scope="module")
LETTER = DeadLetter(source="runfold.tasks.x.y", reason="why", code="c", body="", size=0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[Gateway]:
    async with gateway(sse_heartbeat=0.05) as made:
        yield made


class Seen:
    """What one client gets."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.id = ""
        self.greeted = False

    async def next(self) -> dict[str, Any]:
        """The data of the next event."""
        event, data = "", ""
        async with asyncio.timeout(10):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.id = value
                elif name == "event":
                    event = value
                elif name == "data":
                    data = value
                elif not line and data:
                    found = json.loads(data)
                    assert found.pop("event") == event
                    return {"event": event, **found}
        raise AssertionError("the stream ended")

    async def silence(self) -> str:
        """The id that a client has after the next comment."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.id = line[4:]
                elif line.startswith(":"):
                    return self.id
        raise AssertionError("the stream ended")


@asynccontextmanager
async def watching(door: Gateway, query: str = "", after: str = "") -> AsyncIterator[Seen]:
    headers = {"Last-Event-ID": after} if after else {}
    async with (
        httpx.AsyncClient(base_url=door.url, timeout=20) as client,
        client.stream("GET", f"/api/changes{query}", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        seen = Seen(response.aiter_lines())
        if not after:
            await seen.silence()
        yield seen


def started(run_id: str, source: dict[str, Any] = FLOW, **more: Any) -> e.RunStarted:
    workflow, _ = prepare(source)
    return e.RunStarted(
        id=f"{run_id}:s",
        run_id=run_id,
        workflow_id=workflow.id,
        definition=msgspec.Raw(canonical_bytes(workflow)),
        **more,
    )


def ended(run_id: str, workflow_id: str = "flow") -> e.RunSucceeded:
    return e.RunSucceeded(id=f"{run_id}:e", run_id=run_id, workflow_id=workflow_id)


async def bury(door: Gateway) -> int:
    """Keep a dead letter; returns its sequence."""
    await door.bus.dead.bury("TASKS", LETTER)
    return (await door.bus.dead.list())[-1].seq


async def test_a_run_is_told_of_when_it_begins_is_held_and_ends(door: Gateway) -> None:
    events, about = door.bus.events, {"run_id": "r", "workflow_id": "flow"}
    async with watching(door) as seen:
        await events.append(started("r", version="3", concurrency_key="k"))
        begun = await seen.next()
        assert isinstance(begun.pop("started_at"), float)
        assert begun == {"event": "run", **about, "version": "3", "status": "queued"} | {
            "ended_at": None
        }
        said = []
        for kind in (e.RunAdmitted, e.RunPaused, e.RunResumed):
            await events.append(kind(id=f"r:{kind.__name__}", **about))
            said.append((await seen.next())["status"])
        assert said == ["running", "paused", "running"]
        await events.append(ended("r"))
        # A second end counts for nothing, as when the log is folded.
        await events.append(e.RunCancelled(id="r:late", **about))
        last = await seen.next()
        assert (last["status"], last["version"]) == ("succeeded", "3")
        assert last["ended_at"] >= last["started_at"]
        seq = await bury(door)
        assert await seen.next() == {"event": "dead", "seq": seq}


async def test_a_review_is_open_until_it_is_answered_or_its_run_ends(door: Gateway) -> None:
    events = door.bus.events
    node = {"workflow_id": "ask", "node_id": "review"}

    async def asked(run_id: str) -> None:
        await events.append(started(run_id, ASK))
        token = f"{run_id}.review"
        waiting = {"waiting_for": "human", "token": token}
        await events.append(e.NodeRunWaiting(id=f"{run_id}:w", run_id=run_id, **node, **waiting))

    await asked("r0")
    async with asyncio.timeout(10):
        # Until the projection lists it, the stream cannot know it from before.
        while not (await door.ask("GET", "/api/reviews")).json["items"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    async with watching(door, "?types=review") as seen:
        await asked("r1")
        about = {"event": "review", "workflow_id": "ask", "node": "review"}
        first = {**about, "review_id": "r1.review", "run_id": "r1"}
        assert await seen.next() == {**first, "status": "open"}
        answer = e.InputReceived(
            id="r1:a", run_id="r1", token="r1.review", action="approved", **node
        )
        await events.append(answer)
        assert await seen.next() == {**first, "status": "closed"}
        await events.append(ended("r0", "ask"))
        before = {**about, "review_id": "r0.review", "run_id": "r0", "status": "closed"}
        assert await seen.next() == before


async def test_a_workflow_is_told_of_by_what_became_of_it(door: Gateway) -> None:
    async with watching(door, "?types=workflow") as seen:
        headers = ("Content-Type: application/json",)
        body = json.dumps(FLOW).encode()
        await door.ask("POST", "/api/workflows?draft=true", *headers, body=body)
        assert await seen.next() == {
            "event": "workflow",
            "workflow_id": "flow",
            "version": None,
            "change": "draft",
        }
        await door.ask("POST", "/api/workflows/flow/publish")
        assert (await seen.next())["change"] == "published"
        await door.ask("POST", "/api/workflows/flow/archive")
        found = await seen.next()
        assert (found["change"], found["version"]) == ("archived", 1)
        await door.ask("DELETE", "/api/workflows/flow")
        assert (await seen.next())["change"] == "deleted"


async def test_who_comes_back_misses_nothing_and_gets_nothing_twice(door: Gateway) -> None:
    async with watching(door) as seen:
        await door.bus.events.append(started("b1"))
        await seen.next()
        place = seen.id
    await door.bus.events.append(ended("b1"))
    await bury(door)
    last = await door.bus.events.append(started("b2"))
    async with watching(door, after=place) as seen:
        found = [await seen.next() for _ in range(3)]
        assert sorted(one.get("run_id", "") for one in found) == ["", "b1", "b2"]
        # A comment says how far it is, also where nothing of it was wanted.
        assert (await seen.silence()).startswith(f"e{last.seq}-")


async def test_who_comes_back_too_late_is_told_to_begin_anew(
    door: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes_module, "KEPT", 8)
    async with watching(door, "?types=dead") as seen:
        place = seen.id
        for _ in range(20):
            await bury(door)
            await seen.next()
        newest = seen.id
    async with watching(door, after=place) as seen:
        assert (await seen.next())["event"] == "reset"
        assert seen.id == newest
        seq = await bury(door)
        assert await seen.next() == {"event": "dead", "seq": seq}
    # Of another deployment: further than anything here.
    async with watching(door, after="e999-w0-d0") as seen:
        assert (await seen.next())["event"] == "reset"
    # Just within what is held.
    async with watching(door, after=newest) as seen:
        assert await seen.next() == {"event": "dead", "seq": seq}


async def test_a_client_that_lags_is_cut_and_holds_up_nobody(
    door: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = changes_module.ChangeBoard(door.bus)
    reading = await board.ready(None)
    slow, quick = (board.join(reading, None, (), as_lines=True) for _ in range(2))
    monkeypatch.setattr(changes_module, "KEPT", 4)
    got = b""
    for _ in range(6):
        await bury(door)
        await quick.wake.wait()
        got += quick.take()
    assert got.count(b'"event":"dead"') == 6
    assert json.loads(slow.take())["code"] == "viewer.too_slow"
    assert slow.ended
    assert not quick.ended
    await board.close()


async def test_lines_of_json_have_their_id(door: Gateway) -> None:
    async with (
        httpx.AsyncClient(base_url=door.url, timeout=20) as client,
        client.stream(
            "GET", "/api/changes", headers={"Accept": "application/x-ndjson"}
        ) as response,
    ):
        assert response.headers["content-type"] == "application/x-ndjson"
        lines = (line async for line in response.aiter_lines() if line)
        seq = await bury(door)
        found = json.loads(await anext(lines))
        assert found.pop("id").endswith(f"-d{seq}")
        assert found == {"event": "dead", "seq": seq}


async def test_what_cannot_be_asked_is_refused(door: Gateway) -> None:
    refused = {
        "types=runs": "filter.invalid",
        "type=run": "request.parameter_unknown",
        "last_event_id=e1-c2": "stream.position",
    }
    for query, code in refused.items():
        assert (await door.ask("GET", f"/api/changes?{query}")).code == code
