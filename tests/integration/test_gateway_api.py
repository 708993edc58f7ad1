"""The HTTP API over the whole system, as a client uses it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest

from runfold.contracts.requests import RunRequest
from tests.support.openai_server import OpenAIServer
from tests.support.stack import EVERYTHING, Stack, running

ECHO = {
    "id": "echo",
    "inputs": {"text": {"type": "string", "required": True}},
    "nodes": [
        {"id": "say", "type": "template", "config": {"template": "{{text}}!"}},
        {"id": "end", "type": "end", "config": {"outputs": {"said": "{{say.output}}"}}},
    ],
}
ASK = {
    "id": "ask",
    "nodes": [
        {"id": "review", "type": "human", "config": {"message": "Good?"}},
        {"id": "end", "type": "end", "config": {"outputs": {"why": "{{review.feedback}}"}}},
    ],
}
TALK = {
    "id": "talk",
    "inputs": {},
    "nodes": [
        {"id": "a", "type": "llm", "config": {"prompt": "first"}},
        {"id": "b", "type": "llm", "config": {"prompt": "second"}},
        {"id": "tell", "type": "answer", "config": {"answer": "A: {{a.output}} B: {{b.output}}."}},
    ],
    "edges": [{"source": "a", "target": "tell"}, {"source": "b", "target": "tell"}],
}


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def stack(model: OpenAIServer) -> AsyncIterator[Stack]:
    async with running(EVERYTHING, model_url=model.base_url, sse_heartbeat=0.2) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


def is_problem(response: httpx.Response, status: int, code: str) -> dict:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(code)
    return problem


async def events_of(
    api: httpx.AsyncClient, run_id: str, after: str = "", on_open: Callable[[], None] | None = None
) -> list[tuple]:
    """`(event, id, data)` of a run's stream; `on_open` is called once it is open."""
    headers = {"Last-Event-ID": after} if after else {}
    frames = []
    async with api.stream("GET", f"/runs/{run_id}/stream", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        if on_open is not None:
            on_open()
        fields: dict[str, str] = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if not line and "event" in fields:
                data = json.loads(fields["data"])
                frames.append((fields["event"], fields.get("id", ""), data))
                fields = {}
            elif line and name:
                fields[name] = value
    return frames


async def test_the_table_of_the_api(api: httpx.AsyncClient) -> None:
    created = await api.post("/workflows", json=ECHO)
    assert created.status_code == 201
    assert (created.json()["id"], created.json()["version"]) == ("echo", "1")
    got = await api.get("/workflows/echo")
    assert got.json()["definition"]["nodes"][0]["id"] == "say"
    updated = await api.put("/workflows/echo", json=ECHO)
    assert updated.json()["version"] == "2"
    started = await api.post("/workflows/echo/run", json={"text": "hi"})
    assert started.status_code == 202
    run_id = started.json()["run_id"]
    assert started.headers["location"] == f"/api/runs/{run_id}"
    frames = await events_of(api, run_id)
    assert frames[0][0] == "run_started"
    assert [frame[0] for frame in frames[-2:]] == ["run_succeeded", "end"]
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["status"] == "succeeded"
    assert run["outputs"] == {"said": "hi!"}
    assert run["node_results"]["say"]["output"] == "hi!"
    assert run["execution_log"]["summary"]["failed"] == 0


async def test_waiting_for_the_result(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    body = {"inputs": {"text": "hi"}, "version": "1"}
    ended = await api.post("/workflows/echo/run", params={"wait": 10}, json=body)
    assert ended.status_code == 200
    assert ended.json()["outputs"] == {"said": "hi!"}


async def test_a_run_is_never_unknown_once_accepted(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    for _ in range(20):
        run_id = (await api.post("/workflows/echo/run", json={"text": "x"})).json()["run_id"]
        assert (await api.get(f"/runs/{run_id}")).status_code == 200


async def test_yaml_drafts_versions_and_publishing(api: httpx.AsyncClient) -> None:
    body = b"id: y\nnodes: [{id: n, type: noop}]\n"
    saved = await api.post("/workflows", params={"draft": True}, content=body)
    assert saved.json()["version"] == "draft"
    assert (await api.get("/workflows/y/versions")).json() == {
        "items": [],
        "next_cursor": None,
    }
    assert (await api.post("/workflows/y/publish")).json()["version"] == "1"
    assert (await api.get("/workflows/y/versions/1")).json()["version"] == "1"
    listed = (await api.get("/workflows")).json()["items"]
    assert [(item["id"], item["version"]) for item in listed] == [("y", 1)]
    for version in ("9", "1.1", "%2A", "%3E", "1%202", "%C3%BC", "1%0A", "9" * 5000):
        is_problem(await api.get(f"/workflows/y/versions/{version}"), 404, "workflow.not_found")


async def test_an_invalid_workflow_is_refused_with_every_finding(api: httpx.AsyncClient) -> None:
    bad = {
        "id": "bad",
        "inputs": {},
        "nodes": [{"id": "a", "type": "nope"}, {"id": "b", "type": "template", "config": {}}],
        "edges": [{"source": "a", "target": "c"}],
    }
    problem = is_problem(await api.post("/workflows", json=bad), 422, "workflow.invalid")
    codes = {finding["code"] for finding in problem["errors"]}
    assert {"node.unknown_type", "config.missing", "edge.dangling"} <= codes
    is_problem(await api.get("/workflows/bad"), 404, "workflow.not_found")
    checked = (await api.post("/workflows/validate", json=bad)).json()
    assert checked["valid"] is False
    unreadable = await api.post("/workflows", content=b"{not: [json")
    is_problem(unreadable, 422, "workflow.invalid")


async def test_wrong_inputs_are_named(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    response = await api.post("/workflows/echo/run", json={"txt": "x"})
    problem = is_problem(response, 422, "run.inputs_invalid")
    assert (problem["missing"], problem["surplus"]) == (["text"], ["txt"])
    response = await api.post("/workflows/echo/run", json={"text": 3})
    assert "must be string" in is_problem(response, 422, "run.inputs_invalid")["detail"]


async def test_what_is_unknown_is_404(api: httpx.AsyncClient) -> None:
    is_problem(await api.post("/workflows/none/run", json={}), 404, "workflow.not_found")
    is_problem(await api.get("/runs/none"), 404, "run.not_found")
    is_problem(await api.get("/runs/none/stream"), 404, "run.not_found")
    is_problem(await api.get("/runs/none/events"), 404, "run.not_found")
    is_problem(await api.post("/runs/none/cancel"), 404, "run.not_found")
    is_problem(await api.post("/reviews/none.x/approve"), 404, "review.not_found")
    is_problem(await api.get("/nothing"), 404, "http.404")
    is_problem(await api.delete("/workflows"), 405, "http.405")


async def test_one_key_is_one_run(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    headers = {"Idempotency-Key": "order-7"}
    first = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    again = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    assert first.json()["run_id"] == again.json()["run_id"]
    await events_of(api, first.json()["run_id"])
    events = (await api.get(f"/runs/{first.json()['run_id']}/events")).text.splitlines()
    assert sum(json.loads(line)["type"] == "run_started" for line in events) == 1
    other = await api.post("/workflows/echo/run", json={"text": "y"}, headers=headers)
    is_problem(other, 422, "idempotency.reused")


async def test_a_review_is_closed_once(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ASK)
    run_id = (await api.post("/workflows/ask/run", json={})).json()["run_id"]
    waiting: list[dict] = []
    async with api.stream("GET", f"/runs/{run_id}/stream") as response:
        async for line in response.aiter_lines():
            if line.startswith("data:") and '"node_run_waiting"' in line:
                break
    while not waiting:
        waiting = (await api.get("/reviews")).json()["items"]
    review = waiting[0]
    assert (review["run_id"], review["message"]) == (run_id, "Good?")
    closed = await api.post(f"/reviews/{review['review_id']}/approve", params={"feedback": "nice"})
    assert closed.json() == {"review_id": review["review_id"], "status": "approved"}
    await events_of(api, run_id)
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["outputs"] == {"why": "nice"}
    late = await api.post(f"/reviews/{review['review_id']}/reject")
    is_problem(late, 409, "review.closed")
    is_problem(await api.post(f"/runs/{run_id}/cancel"), 409, "run.ended")


async def test_cancel_ends_a_run(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ASK)
    run_id = (await api.post("/workflows/ask/run", json={})).json()["run_id"]
    assert (await api.post(f"/runs/{run_id}/cancel")).status_code == 202
    frames = await events_of(api, run_id)
    assert frames[-1][2]["status"] == "cancelled"


async def test_lists_are_paged_and_filtered(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    started = [
        (await api.post("/workflows/echo/run", json={"text": str(i)})).json()["run_id"]
        for i in range(5)
    ]
    await api.post("/workflows/echo/run", params={"wait": 10}, json={"text": "last"})
    for run_id in started:
        await events_of(api, run_id)
    seen: list[str] = []
    cursor = ""
    while True:
        params = {"limit": 2, "cursor": cursor, "workflow_id": "echo"}
        page = (await api.get("/runs", params=params)).json()
        seen += [item["run_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 6
    assert set(started) <= set(seen)
    assert (await api.get("/runs", params={"status": "failed"})).json()["items"] == []
    for none_of_ours in ("x", "-1", "9" * 23, "²"):
        response = await api.get("/runs", params={"cursor": none_of_ours})
        is_problem(response, 400, "cursor.invalid")
    is_problem(await api.get("/reviews", params={"cursor": "²~x"}), 400, "cursor.invalid")


async def test_answers_stream_in_the_order_of_their_template(
    api: httpx.AsyncClient, model: OpenAIServer
) -> None:
    import asyncio

    gate = asyncio.Event()
    slow = model.reply(["one ", "two"], when="first", gate=gate, gate_after=1)
    quick = model.reply(["three"], when="second")
    await api.post("/workflows", json=TALK)
    run_id = (await api.post("/workflows/talk/run", json={})).json()["run_id"]
    following = asyncio.ensure_future(events_of(api, run_id))
    await slow.reached.wait()
    await quick.reached.wait()
    gate.set()
    frames = await following
    pieces = [data for event, _, data in frames if event == "answer_chunk"]
    assert not any(piece.get("replace") for piece in pieces)
    assert "".join(piece["text"] for piece in pieces) == "A: one two B: three."
    assert [piece["index"] for piece in pieces] == list(range(len(pieces)))
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["outputs"] == {"answer": "A: one two B: three."}


async def test_a_client_that_comes_back_misses_nothing_and_gets_nothing_twice(
    api: httpx.AsyncClient, model: OpenAIServer
) -> None:
    model.reply(["one ", "two"], when="first")
    model.reply(["three"], when="second")
    await api.post("/workflows", json=TALK)
    run_id = (await api.post("/workflows/talk/run", json={})).json()["run_id"]
    whole = await events_of(api, run_id)
    for cut in range(len(whole) - 1):
        rest = await events_of(api, run_id, after=whole[cut][1])
        assert rest == whole[cut + 1 :]
    problem = await api.get(f"/runs/{run_id}/stream", headers={"Last-Event-ID": "seven"})
    is_problem(problem, 422, "stream.position")


async def test_a_request_straight_to_nats_does_the_same(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    await api.post("/workflows", json=ECHO)
    body = msgspec.json.encode(
        RunRequest(workflow_id="echo", inputs={"text": "hi"}, run_id="from-nats")
    )
    await stack.bus.nc.publish("runfold.requests.run", body)
    ended = await stack.runs.wait("from-nats", 10)
    assert ended is not None
    assert ended.outputs == {"said": "hi!"}
    assert (await api.get("/runs/from-nats")).json()["outputs"] == {"said": "hi!"}


async def test_the_openapi_page_knows_every_route(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.gateway) as client:
        page = (await client.get("/schema/openapi.json")).json()
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
    operations = {
        operation["operationId"] for path in page["paths"].values() for operation in path.values()
    }
    assert operations >= {
        *("createWorkflow", "getWorkflow", "updateWorkflow", "runWorkflow", "validateWorkflow"),
        *("publishWorkflow", "listVersions", "getRun", "listRuns", "streamRun", "getRunEvents"),
        *("listTemplates", "getTemplate", "createFromTemplate"),
        *("cancelRun", "answerRun", "approveReview", "rejectReview", "listReviews"),
    }
