"""Bodies, media types, keys and problems of the HTTP API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.viewer import TooSlow
from runfold.client.runs import RunClient
from runfold.errors import ArchiveCorrupt, BusUnavailable
from runfold.service.shell import run_services
from runfold.settings import Settings
from runfold_archiver.moving import Moving
from runfold_gateway.application import create_application
from runfold_gateway.backend import Backend
from runfold_projection.queries import MAX_ANSWER
from tests.integration.test_gateway_api import ASK, ECHO, is_problem
from tests.integration.test_projection_rebuild import began, ended
from tests.support.stack import Stack, running

DEFAULTED = {
    **ECHO,
    "inputs": {**ECHO["inputs"], "mark": {"type": "string", "default": "!"}},
}
SERVICES = ("scheduler", "executor-text", "projection", "gateway")


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def test_a_key_keeps_its_run_when_another_version_is_published(
    api: httpx.AsyncClient,
) -> None:
    await api.post("/workflows", json=ECHO)
    headers = {"Idempotency-Key": "k"}
    first = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    await api.put("/workflows/echo", json=ECHO)
    again = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    assert again.status_code == 202
    assert again.json()["run_id"] == first.json()["run_id"]


async def test_a_key_belongs_to_its_workflow(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    await api.post("/workflows", json={**ECHO, "id": "other"})
    headers = {"Idempotency-Key": "k"}
    one = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    two = await api.post("/workflows/other/run", json={"text": "y"}, headers=headers)
    assert two.status_code == 202
    assert one.json()["run_id"] != two.json()["run_id"]


async def test_a_key_is_bound_to_its_run_when_nothing_is_noted_of_it_any_more(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    await api.post("/workflows", json=DEFAULTED)
    headers = {"Idempotency-Key": "k"}

    async def run(**body: object) -> httpx.Response:
        for key in await stack.bus.idempotency.entries():
            await stack.bus.idempotency.delete(key)
        path = "/workflows/echo/run"
        return await api.post(path, params={"wait": 10}, json=body, headers=headers)

    first = await run(text="x")
    await api.put("/workflows/echo", json=DEFAULTED)
    for same in ({"text": "x"}, {"text": "x", "mark": "!"}, {"inputs": {"text": "x"}}):
        assert (await run(**same)).json() == first.json()
    assert (await run(inputs={"text": "x"}, version="1")).json() == first.json()
    for other in ({"text": "y"}, {"text": "x", "mark": "?"}):
        is_problem(await run(**other), 422, "idempotency.reused")
    other_version = await run(inputs={"text": "x"}, version="2")
    is_problem(other_version, 422, "idempotency.reused")
    # What was refused is not noted: the key is still the first one's.
    again = await api.post("/workflows/echo/run", json={"text": "x"}, headers=headers)
    assert again.json()["run_id"] == first.json()["run_id"]


async def test_the_same_request_twice_waits_for_the_one_run(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    headers = {"Idempotency-Key": "k"}
    ended = [
        await api.post(
            "/workflows/echo/run", params={"wait": 10}, json={"text": "x"}, headers=headers
        )
        for _ in range(2)
    ]
    assert ended[0].json() == ended[1].json()
    assert ended[0].json()["outputs"] == {"said": "x!"}


async def test_a_run_that_waits_for_a_person_is_202_after_the_wait(
    api: httpx.AsyncClient,
) -> None:
    await api.post("/workflows", json=ASK)
    response = await api.post("/workflows/ask/run", params={"wait": 0.2}, json={})
    assert response.status_code == 202
    assert (await api.get(response.headers["location"].removeprefix("/api"))).status_code == 200


@pytest.mark.parametrize(
    "error", [BusUnavailable("away"), TooSlow("behind"), ArchiveCorrupt("bad"), LookupError("bug")]
)
async def test_a_run_that_cannot_be_waited_for_is_202_all_the_same(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fails(*_: object) -> None:
        raise error

    await api.post("/workflows", json=ECHO)
    with monkeypatch.context() as patch:
        patch.setattr(RunClient, "wait", fails)
        response = await api.post("/workflows/echo/run", params={"wait": 9}, json={"text": "x"})
    assert response.status_code == 202
    run_id = response.json()["run_id"]
    assert response.headers["location"] == f"/api/runs/{run_id}"
    assert (await api.get(f"/runs/{run_id}")).status_code == 200


async def test_a_large_run_whose_record_is_gone_or_damaged_is_listed_without_its_values(
    tmp_path: Path,
) -> None:
    settings = Settings(gateway_port=0, data_dir=tmp_path)
    bus = MemoryBus(settings)
    async with run_services(bus, settings, ("projection", "gateway")) as services:
        runs = ("small", "large", "last")
        for run in runs:
            await began(bus, run)
            outputs = "x" * MAX_ANSWER if run == "large" else run
            await ended(bus, run, outputs)
        async with httpx.AsyncClient(base_url=f"{services['gateway'].url}/api") as api:

            async def listed() -> dict[str, object]:
                found: dict[str, object] = {}
                cursor = ""
                while True:
                    page = await api.get("/runs", params={"cursor": cursor})
                    assert page.status_code == 200, page.text
                    items = page.json()["items"]
                    found |= {item["run_id"]: item["outputs"] for item in items}
                    cursor = page.json()["next_cursor"]
                    if not cursor:
                        return found

            async with asyncio.timeout(10):
                while len(await listed()) < 3:
                    pass
            whole = await listed()
            assert whole["large"] == "x" * MAX_ANSWER
            for run in runs:
                assert await Moving(bus).move(run)
            assert await listed() == whole
            at = next(i for i, one in enumerate(bus.archive.stored) if one.run_id == "large")
            damaged = bus.archive.stored[at].body[:-9]
            bus.archive.stored[at] = replace(bus.archive.stored[at], body=damaged)
            assert await listed() == {**whole, "large": None}
            bus.archive.stored.clear()
            assert await listed() == {**whole, "large": None}


async def test_media_types(api: httpx.AsyncClient) -> None:
    yaml = b"id: y\nnodes: [{id: n, type: noop}]\n"
    for said in ("application/yaml", "text/plain", "application/x-www-form-urlencoded"):
        response = await api.post("/workflows", content=yaml, headers={"Content-Type": said})
        assert response.status_code == 201
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for path in ("/workflows", "/workflows/validate", "/runs/y/fork"):
        problem = is_problem(await api.post(path, content=yaml, headers=headers), 415, "http.415")
        assert problem["title"] == "Unsupported Media Type"


async def test_bodies_that_are_no_inputs(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    for body in (b"[1]", b"{bad", b'"text"', b'{"inputs": [1]}'):
        response = await api.post("/workflows/echo/run", content=body)
        is_problem(response, 422, "run.inputs_invalid")
    unknown = await api.post("/workflows/echo/run", json={"inputs": {"text": "x"}, "version": "9"})
    is_problem(unknown, 404, "workflow.not_found")


async def test_the_wrapped_form_holds_what_else_a_run_is_started_with(
    api: httpx.AsyncClient,
) -> None:
    await api.post("/workflows", json=ECHO)
    body = {
        "inputs": {"text": "x"},
        "version": 1,
        "conversation_id": "c",
        "labels": {"customer": "Ann & Co", "审核/stage": ""},
        "priority": 7,
    }
    path = "/workflows/echo/run"
    run = (await api.post(path, params={"wait": 10}, json=body)).json()
    assert (run["outputs"], run["version"]) == ({"said": "x!"}, "1")
    assert (run["labels"], run["priority"]) == (body["labels"], 7)
    run_id = run["run_id"]
    assert (await api.get(f"/runs/{run_id}")).json()["labels"] == body["labels"]
    listed: list[dict] = []
    while not listed:
        listed = (await api.get("/runs")).json()["items"]
    assert listed[0]["labels"] == body["labels"]
    again = await api.post(f"/runs/{run_id}/retry", json={"node": "say"})
    while (retried := await api.get(f"/runs/{again.json()['run_id']}")).json()[
        "status"
    ] == "queued":
        pass
    assert retried.json()["labels"] == body["labels"]


async def test_the_two_forms_are_not_mixed_up(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)

    async def refused(body: object, *said: str, code: str = "run.inputs_invalid") -> None:
        answer = await api.post("/workflows/echo/run", json=body)
        problem = is_problem(answer, 422, code)
        assert all(part in problem["detail"] for part in said), problem

    text = {"text": "x"}
    await refused({"inputs": text, "user": 1, "text": "y"}, "has text, user", "`inputs`")
    await refused({"inputs": None}, "object")
    await refused({"inputs": [text]}, "object")
    await refused({"inputs": text, "priority": "high"}, "priority")
    await refused({"inputs": text, "priority": 101}, "priority")
    await refused({"inputs": text, "priority": 1.5}, "priority")
    await refused({"inputs": text, "conversation_id": 5}, "conversation_id")
    await refused({"inputs": text, "conversation_id": "c" * 513}, "conversation_id")
    await refused({"inputs": text, "version": [1]}, "version")
    await refused({"inputs": text, "labels": ["a"]}, "labels")
    await refused({"inputs": text, "labels": {"a": 1}}, "labels")
    labels = "run.labels_invalid"
    await refused({"inputs": text, "labels": {"": "x"}}, "name", code=labels)
    await refused({"inputs": text, "labels": {"a b": "x"}}, "'a b'", code=labels)
    await refused({"inputs": text, "labels": {"a": "x" * 257}}, "257", code=labels)
    await refused({"inputs": text, "labels": {"a": "x\n"}}, "control", code=labels)
    many = {f"l{i}": "" for i in range(33)}
    await refused({"inputs": text, "labels": many}, "33", code=labels)
    # Without `inputs` it is the other form, and the error says how to send what was meant.
    await refused({**text, "version": "1"}, "surplus: version", '{"inputs": {…}')


async def test_an_input_called_inputs_needs_the_wrapped_form(api: httpx.AsyncClient) -> None:
    inputs = {"inputs": {"type": "object"}, "version": {"type": "string"}}
    end = {"id": "end", "type": "end", "config": {"outputs": {"a": "{{inputs.a}}{{version}}"}}}
    await api.post("/workflows", json={"id": "odd", "inputs": inputs, "nodes": [end]})
    path = "/workflows/odd/run"
    wrapped = {"inputs": {"inputs": {"a": 1}, "version": "x"}, "version": "1"}
    ended = await api.post(path, params={"wait": 10}, json=wrapped)
    assert ended.json()["outputs"] == {"a": "1x"}
    problem = is_problem(await api.post(path, json={"inputs": {"a": 1}}), 422, "run.inputs_invalid")
    assert '{"inputs": {"inputs": …}}' in problem["detail"]


async def test_a_key_is_bound_to_all_of_its_request(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    headers = {"Idempotency-Key": "k"}
    path = "/workflows/echo/run"
    body = {"inputs": {"text": "x"}, "labels": {"a": "1"}, "conversation_id": "c"}
    first = await api.post(path, json=body, headers=headers)
    again = await api.post(path, json=body, headers=headers)
    assert (first.status_code, again.json()) == (202, first.json())
    for other in ({"labels": {"a": "2"}}, {"conversation_id": "d"}, {"priority": 5}):
        answer = await api.post(path, json={**body, **other}, headers=headers)
        is_problem(answer, 422, "idempotency.reused")
    answer = await api.post(path, json={"text": "x"}, headers=headers)
    is_problem(answer, 422, "idempotency.reused")


async def test_a_body_over_the_limit_is_413(api: httpx.AsyncClient) -> None:
    response = await api.post("/workflows", content=b" " * (17 * 1024 * 1024))
    is_problem(response, 413, "http.413")


async def test_a_workflow_keeps_its_id(api: httpx.AsyncClient) -> None:
    is_problem(await api.put("/workflows/echo", json=ECHO), 404, "workflow.not_found")
    await api.post("/workflows", json=ECHO)
    response = await api.put("/workflows/echo", json={**ECHO, "id": "other"})
    is_problem(response, 422, "workflow.id_mismatch")
    is_problem(await api.post("/workflows/other/publish"), 404, "workflow.not_found")


async def test_the_execution_log_says_when_nodes_began_and_ended(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    ended = await api.post("/workflows/echo/run", params={"wait": 10}, json={"text": "x"})
    log = ended.json()["execution_log"]
    said = [(entry["type"], entry["node_id"]) for entry in log["events"]]
    assert said == [
        *(("node_start", "say"), ("node_end", "say")),
        *(("node_start", "end"), ("node_end", "end")),
    ]
    assert log["events"][0]["node_type"] == "template"
    assert log["events"][1]["status"] == "succeeded"
    stamps = [entry["timestamp"] for entry in log["events"]]
    assert stamps == sorted(stamps)
    assert log["summary"]["total_nodes"] == log["summary"]["success"] == 2


async def test_a_bug_of_ours_is_a_problem_without_its_inside(stack: Stack) -> None:
    backend = Backend(stack.bus, stack.settings)
    backend.workflows = None  # type: ignore[assignment]  # what no request may bring about
    application = create_application(backend)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        problem = is_problem(await client.get("/api/workflows"), 500, "internal")
    assert "NoneType" not in str(problem)
