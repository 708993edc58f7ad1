"""Callbacks: what addresses are told of a run, signed, and again when they did not take it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from runfold.bus.run_log import RunLog
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.values.signatures import SCHEMES, verify
from runfold_scheduler.outbox.callbacks import due_callbacks
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-http", "projection", "gateway")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Told:
    """A server that is told of runs."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[Request] = asyncio.Queue()
        self.answers: list[int] = []
        """Statuses of the first answers; then 204."""
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.requests.put_nowait(request)
        await responder.body(self.answers.pop(0) if self.answers else 204, {}, b"")

    async def next(self) -> tuple[dict[str, Any], Request]:
        """The next event, once its signature is known to be right."""
        request = await asyncio.wait_for(self.requests.get(), 20)
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        event = msgspec.json.decode(request.body)
        said = verify(SCHEMES["standard"], [SECRET], headers, request.body, now=time.time())
        assert said.id == event["id"]
        return event, request


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    server = Told()
    async with server.http:
        yield server


@pytest.fixture
async def stack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.setenv("RUNFOLD_SECRET_TELL", SECRET)
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


def asking(name: str, **settings: Any) -> dict[str, Any]:
    return {
        "id": name,
        "inputs": {"topic": "string"},
        "nodes": [
            {"id": "ask", "type": "human_review", "config": {"message": "About {{topic}}?"}},
            {"id": "end", "type": "end", "config": {"outputs": {"said": "{{topic}}"}}},
        ],
        "edges": [{"source": "ask", "target": "end", "port": "approved"}],
        "settings": settings,
    }


async def test_an_address_is_told_what_becomes_of_a_run(
    stack: Stack, api: httpx.AsyncClient, told: Told
) -> None:
    url = f"{told.http.origin}/own"
    everything = ["run_started", "node_run_waiting", "run_succeeded"]
    document = asking("asks", callbacks=[{"url": url, "secret": "TELL", "events": everything}])
    assert (await api.post("/workflows", json=document)).status_code == 201
    body = {
        "inputs": {"topic": "tea {{secrets.TELL}}"},
        "labels": {"customer": "7"},
        "callbacks": [{"url": f"{told.http.origin}/mine", "secret": "TELL"}],
    }
    run_id = (await api.post("/workflows/asks/run", json=body)).json()["run_id"]

    first = [(await told.next())[0], (await told.next())[0]]  # in any order
    begun, waits = sorted(first, key=lambda event: str(event["type"]), reverse=True)
    assert begun["type"] == "dev.runfold.run_started"
    assert begun["data"]["inputs"] == body["inputs"]
    assert (begun["subject"], begun["data"]["labels"]) == (run_id, {"customer": "7"})
    assert waits["type"] == "dev.runfold.node_run_waiting"
    assert waits["data"]["message"] == "About tea {{secrets.TELL}}?"
    review = waits["data"]["review_id"]
    assert (await api.post(f"/reviews/{review}/approve")).status_code in (200, 202)

    ends = [await told.next(), await told.next()]
    assert {request.path for _, request in ends} == {"/own", "/mine"}
    for ended, _ in ends:
        assert ended["type"] == "dev.runfold.run_succeeded"
        assert ended["data"]["outputs"] == {"said": "tea {{secrets.TELL}}"}
        assert ended["specversion"] == "1.0"
    assert ends[0][0]["id"] == ends[1][0]["id"]

    tells = await api.get("/runs", params={"label": f"callback:{run_id}"})
    assert {one["workflow_id"] for one in tells.json()["items"]} == {"runfold-callback"}
    assert SECRET not in tells.text


async def test_what_is_not_taken_is_told_again(
    stack: Stack, api: httpx.AsyncClient, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "runfold_scheduler.outbox.callbacks.RETRY",
        {"max_attempts": 3, "delay": 0, "retry_on": ["server"]},
    )
    told.answers = [503, 500]
    document = {
        "id": "fails",
        "nodes": [{"id": "parse", "type": "json_parse", "config": {"input": "no"}}],
        "settings": {"callbacks": [{"url": told.http.origin, "secret": "TELL"}]},
    }
    assert (await api.post("/workflows", json=document)).status_code == 201
    run_id = (await api.post("/workflows/fails/run", json={})).json()["run_id"]
    attempts = [await told.next() for _ in range(3)]
    assert {event["id"] for event, _ in attempts} == {f"{run_id}:run_failed"}
    error = attempts[0][0]["data"]["error"]
    assert (error["code"], error["node"]) == ("json.invalid", "parse")


async def test_the_same_is_asked_for_once(stack: Stack, told: Told) -> None:
    document = {
        "id": "quick",
        "nodes": [{"id": "end", "type": "end", "config": {"output": 1}}],
        "settings": {"callbacks": [{"url": told.http.origin, "secret": "TELL"}]},
    }
    view, _ = await stack.run(document)
    await told.next()
    [again] = due_callbacks((await RunLog(stack.bus).folded(view.run_id)).state)
    await stack.bus.requests.send(again)
    ended = await stack.runs.wait(again.run_id, 20)
    assert ended is not None
    assert ended.status == "succeeded"
    assert told.requests.empty()


WRONG = [
    ({"url": "ftp://here"}, "[0].url"),
    ({"url": "here"}, "[0].url"),
    ({"url": "http://["}, "[0].url"),
    ({"url": "https://here/{{secrets.KEY}}"}, "[0].url"),
    ({"url": "https://here", "secret": "a b"}, "[0].secret"),
]


async def test_callbacks_that_cannot_be_are_refused(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=asking("right"))
    for callback, place in WRONG:
        document = asking("wrong", callbacks=[callback])
        answer = await api.post("/workflows", json=document)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"] == f"settings.callbacks{place}"
        body = {"inputs": {"topic": "x"}, "callbacks": [callback]}
        answer = await api.post("/workflows/right/run", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "run.callbacks_invalid")
        assert place in answer.json()["detail"]


async def test_a_key_with_other_callbacks_is_another_request(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=asking("keyed"))
    key = {"Idempotency-Key": "k"}
    body: dict[str, Any] = {"inputs": {"topic": "x"}}
    first = await api.post("/workflows/keyed/run", json=body, headers=key)
    assert first.status_code == 202
    body["callbacks"] = [{"url": "https://example.com"}]
    other = await api.post("/workflows/keyed/run", json=body, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.reused")
