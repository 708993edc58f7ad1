"""Workflows deleted, renamed, labelled, duplicated, archived and compared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts.requests import RunRequest
from runfold.definitions.heads import Head, Heads
from runfold.definitions.schedules import schedules_of, unscheduled
from runfold.definitions.store import DefinitionStore
from runfold.errors import BusUnavailable
from runfold.graph.loader import prepare
from runfold.settings import Settings
from runfold_scheduler.time.crons import Crons
from tests.integration.test_gateway_api import ASK, ECHO, events_of, is_problem
from tests.integration.test_schedules import schedules, ticking
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "projection", "gateway")
HOURLY = {**ticking({"cron": "@hourly"}), "labels": {"team": "billing", "tier": 1}}
CALLER = {
    "id": "caller",
    "nodes": [
        {
            "id": "call",
            "type": "sub_workflow",
            "config": {"workflow": "echo", "inputs": {"text": "x"}},
        }
    ],
}


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def scheduled(stack: Stack, wanted: int) -> None:
    """Return once the broker has so many schedules."""
    changed = asyncio.Event()
    stop = await stack.bus.definitions.watch(lambda _key, _value: changed.set())
    try:
        async with asyncio.timeout(10):
            while await schedules(stack) != wanted:  # noqa: ASYNC110 -- the broker tells nobody
                await asyncio.sleep(0.05)
    finally:
        await stop()


async def test_a_deleted_workflow_is_gone_and_its_runs_go_on(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    """n8n#15791 and corteza#198: what was deleted ran on by its schedule."""
    await api.post("/workflows", json=ASK)
    await api.post("/workflows", json=HOURLY)
    await scheduled(stack, 1)
    run_id = (await api.post("/workflows/ask/run", json={})).json()["run_id"]
    waiting: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not waiting:
            waiting = (await api.get("/reviews")).json()["items"]
    for name in ("ask", "ticking"):
        assert (await api.delete(f"/workflows/{name}")).status_code == 204
        is_problem(await api.delete(f"/workflows/{name}"), 404, "workflow.not_found")
        for path in ("", "?version=1", "/versions/1", "/versions", "/versions/draft", "/diff"):
            is_problem(await api.get(f"/workflows/{name}{path}"), 404, "workflow.not_found")
        is_problem(await api.post(f"/workflows/{name}/run"), 404, "workflow.not_found")
        run = await api.post(f"/workflows/{name}/run", json={"inputs": {}, "version": "1"})
        is_problem(run, 404, "workflow.not_found")
        is_problem(await api.post(f"/workflows/{name}/archive"), 404, "workflow.not_found")
    assert (await api.get("/workflows")).json()["items"] == []
    await scheduled(stack, 0)
    assert await unscheduled(stack.bus) == []
    await api.post(f"/reviews/{waiting[0]['review_id']}/approve", params={"feedback": "yes"})
    await events_of(api, run_id)
    run = (await api.get(f"/runs/{run_id}")).json()
    assert (run["status"], run["outputs"]) == ("succeeded", {"why": "yes"})
    # A request that says the version itself, straight to the schedulers, is refused as well.
    gone = RunRequest(workflow_id="ask", version="1", run_id="late")
    await stack.bus.nc.publish("runfold.requests.run", msgspec.json.encode(gone))
    async with asyncio.timeout(10):
        while not await stack.bus.dead.refusals("late"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_an_id_that_is_used_again_goes_on_with_its_numbers(api: httpx.AsyncClient) -> None:
    """airflow#39758 and #15563: a deleted workflow came back; here only the numbers go on."""
    for _ in range(2):
        await api.post("/workflows", json=ECHO)
    await api.put("/workflows/echo/labels", json={"labels": {"a": "b"}})
    await api.delete("/workflows/echo")
    again = await api.post("/workflows", json={**ECHO, "name": "Another"})
    assert again.json()["version"] == "3"
    items = (await api.get("/workflows/echo/versions")).json()["items"]
    assert [one["version"] for one in items] == [3]
    is_problem(await api.get("/workflows/echo/versions/1"), 404, "workflow.not_found")
    listed = (await api.get("/workflows")).json()["items"]
    assert [(one["name"], one["labels"]) for one in listed] == [("Another", {})]
    run = await api.post("/workflows/echo/run?wait=10", json={"text": "x"})
    assert (run.json()["version"], run.json()["outputs"]) == ("3", {"said": "x!"})


async def test_what_calls_a_workflow_that_is_gone_or_archived_is_told_so(
    api: httpx.AsyncClient,
) -> None:
    await api.post("/workflows", json=ECHO)
    assert (await api.post("/workflows", json=CALLER)).status_code == 201
    assert (await api.post("/workflows/caller/run?wait=10")).json()["status"] == "succeeded"
    await api.post("/workflows/echo/archive")
    problem = is_problem(await api.post("/workflows/caller/run"), 409, "workflow.archived")
    assert problem["path"] == "nodes[0]"
    await api.delete("/workflows/echo")
    problem = is_problem(await api.post("/workflows/caller/run"), 404, "workflow.not_found")
    assert (problem["path"], problem["workflow"]) == ("nodes[0]", "echo")


async def test_an_archived_workflow_does_not_run_until_it_is_unarchived(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    """Netflix/conductor#2008, OpenFn/lightning#3050: what was archived could still be begun."""
    await api.post("/workflows", json=HOURLY)
    await api.post("/workflows", json=ECHO)
    await scheduled(stack, 1)
    for _ in range(2):
        done = await api.post("/workflows/ticking/archive")
        assert (done.status_code, done.json()["archived"]) == (200, True)
    await scheduled(stack, 0)
    assert await unscheduled(stack.bus) == []
    for version in ("", "1", "draft"):
        body = {"inputs": {}, "version": version}
        refused = await api.post("/workflows/ticking/run", json=body)
        is_problem(refused, 409, "workflow.archived")
    assert [one["id"] for one in (await api.get("/workflows")).json()["items"]] == ["echo"]
    archived = (await api.get("/workflows?archived=true")).json()["items"]
    assert [one["id"] for one in archived] == ["ticking"]
    # It can be read and edited all the same, and stays archived.
    assert (await api.put("/workflows/ticking", json=HOURLY)).json()["version"] == "2"
    assert (await api.get("/workflows/ticking")).json()["archived"]
    assert (await api.post("/workflows/ticking/unarchive")).json()["archived"] is False
    await scheduled(stack, 1)
    ran = await api.post("/workflows/ticking/run?wait=10", json={})
    assert ran.json()["status"] == "succeeded"


async def test_names_and_labels_set_beside_the_document_stay(api: httpx.AsyncClient) -> None:
    """n8n#26086 and #25906: a tag was reset when the workflow was published."""
    document = {**ECHO, "name": "Echo", "labels": {"team": "a", "tier": "1"}}
    await api.post("/workflows", json=document)
    await api.post("/workflows", json={**ECHO, "id": "other"})
    await api.put("/workflows/echo/labels", json={"labels": {"team": "b"}})
    await api.post("/workflows/echo/rename", json={"name": "Renamed"})
    await api.put("/workflows/echo", json={**document, "name": "Echo 2"})
    await api.put("/workflows/echo?draft=true", content=b"broken: [")
    shown = (await api.get("/workflows/echo")).json()
    assert (shown["name"], shown["labels"]) == ("Renamed", {"team": "b", "tier": "1"})
    for query, wanted in (
        ("label=team:b", ["echo"]),
        ("label=team:b&label=tier:1", ["echo"]),
        ("label=team:a", []),
        ("label=team:", []),
        ("limit=1", ["echo"]),
        ("limit=1&cursor=echo", ["other"]),
    ):
        page = (await api.get(f"/workflows?{query}")).json()
        assert [one["id"] for one in page["items"]] == wanted
        assert page["next_cursor"] == ("echo" if query == "limit=1" else None)
    await api.post("/workflows/echo/rename", json={"name": ""})
    await api.put("/workflows/echo/labels", json={"labels": {}})
    shown = (await api.get("/workflows/echo")).json()
    assert (shown["name"], shown["labels"]) == ("Echo 2", {"team": "a", "tier": "1"})


async def test_a_copy_has_the_text_but_for_its_id(api: httpx.AsyncClient) -> None:
    """n8n#31849, Tdarr#877, boomerang#167: a copy shared what it should not, or had nothing."""
    text = b"# Ours.\nid: echo # here\nnodes: [{id: n, type: noop}]\n"
    await api.post("/workflows", content=text, headers={"content-type": "application/yaml"})
    await api.put("/workflows/echo/labels", json={"labels": {"team": "b"}})
    made = await api.post("/workflows/echo/duplicate", json={"id": "echo-2"})
    assert (made.status_code, made.json()["version"]) == (201, "draft")
    assert made.headers["location"] == "/api/workflows/echo-2"
    copy = await api.get("/workflows/echo-2?form=source")
    assert copy.content == text.replace(b"id: echo #", b"id: echo-2 #")
    shown = (await api.get("/workflows/echo-2")).json()
    assert (shown["labels"], shown["version"], shown["valid"]) == ({"team": "b"}, "draft", True)
    again = await api.post("/workflows/echo/duplicate", json={"id": "echo-2"})
    is_problem(again, 409, "workflow.exists")
    is_problem(
        await api.post("/workflows/no/duplicate", json={"id": "x"}), 404, "workflow.not_found"
    )
    await api.put("/workflows/echo?draft=true", content=b"id: echo\nnodes: [{id: n, type: nope}]")
    bad = await api.post("/workflows/echo/duplicate", json={"id": "third", "version": "draft"})
    assert (bad.status_code, bad.json()["valid"]) == (201, False)
    await api.put("/workflows/echo?draft=true", content=b"{{{")
    unread = await api.post("/workflows/echo/duplicate", json={"id": "x", "version": "draft"})
    is_problem(unread, 422, "workflow.invalid")
    is_problem(await api.get("/workflows/x"), 404, "workflow.not_found")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("rename", b'{"name": 5}', "request.body_invalid"),
        ("rename", b"", "request.body_invalid"),
        ("rename", b'{"name": "a", "id": "b"}', "request.body_invalid"),
        ("rename", b'{"name": "a\\nb"}', "workflow.name_invalid"),
        ("labels", b'{"labels": {"a b": "c"}}', "workflow.labels_invalid"),
        ("labels", b'{"labels": {"a": 1}}', "request.body_invalid"),
        ("labels", b"[]", "request.body_invalid"),
        ("duplicate", b"{}", "request.body_invalid"),
        ("duplicate", b'{"id": "a b"}', "id.invalid"),
        ("duplicate", b"\xff", "request.body_invalid"),
    ],
)
async def test_bodies_that_do_not_fit_are_refused(
    api: httpx.AsyncClient, path: str, body: bytes, code: str
) -> None:
    await api.post("/workflows", json=ECHO)
    method = "PUT" if path == "labels" else "POST"
    is_problem(await api.request(method, f"/workflows/echo/{path}", content=body), 422, code)
    is_problem(await api.get("/workflows?label=x"), 422, "filter.invalid")
    is_problem(await api.get("/workflows?cursor=%20"), 400, "cursor.invalid")


async def test_two_versions_are_compared_by_what_they_mean(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=ECHO)
    nodes = [ECHO["nodes"][1], {**ECHO["nodes"][0], "config": {"template": "{{text}}?"}}]
    edges = [{"source": "say", "target": "end"}]
    await api.put("/workflows/echo", json={**ECHO, "nodes": nodes, "edges": edges})
    diff = (await api.get("/workflows/echo/diff?from=1&to=2")).json()
    assert (diff["from"], diff["to"], diff["same"]) == ("1", "2", False)
    changes = [{"path": "config.template", "before": "{{text}}!", "after": "{{text}}?"}]
    assert diff["nodes"] == {
        "added": [],
        "removed": [],
        "changed": [{"node": "say", "type": "template", "changes": changes}],
    }
    assert diff["edges"] == {"added": [], "removed": []}
    assert (await api.get("/workflows/echo/diff")).json()["same"]
    is_problem(await api.get("/workflows/echo/diff?from=9"), 404, "workflow.not_found")
    # Of a draft with mistakes what could be read is compared; what cannot be read is refused.
    asking = {"id": "ask", "type": "llm", "name": "Ask", "config": {}}
    draft = {**ECHO, "nodes": [*ECHO["nodes"], asking, {"type": "noop"}]}
    await api.put("/workflows/echo?draft=true", json=draft)
    diff = (await api.get("/workflows/echo/diff?from=1")).json()
    assert (diff["to"], diff["same"]) == ("draft", False)
    (added,) = diff["nodes"]["added"]
    assert (added["node"], added["type"], added["definition"]["name"]) == ("ask", "llm", "Ask")
    assert (diff["nodes"]["removed"], diff["nodes"]["changed"]) == ([], [])
    await api.put("/workflows/echo?draft=true", content=b"broken: [")
    is_problem(await api.get("/workflows/echo/diff"), 422, "workflow.invalid")


async def test_a_delete_that_was_cut_short_is_finished_by_a_scheduler() -> None:
    bus = MemoryBus(Settings())
    store = DefinitionStore(bus.definitions)
    workflow, _ = prepare(HOURLY)
    await store.save_draft(workflow)
    await store.publish("ticking")

    async def dies(*_: object) -> None:
        raise BusUnavailable("died")

    drop = bus.definitions.drop
    bus.definitions.drop = dies  # type: ignore[method-assign]
    await store.delete("ticking")
    bus.definitions.drop = drop  # type: ignore[method-assign]
    assert len(await bus.definitions.entries()) == 3
    bus.crons.schedules["ticking"] = ()
    keeping = asyncio.create_task(Crons(bus).keep())
    async with asyncio.timeout(10):
        while b'"swept":true' not in (await bus.definitions.entries())["ticking"]:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the twin tells nobody
    keeping.cancel()
    await asyncio.wait((keeping,))
    (left,) = (await bus.definitions.entries()).values()
    head = msgspec.json.decode(left, type=Head)
    assert (head.deleted, head.numbered, head.versions) == (True, 1, ())
    assert bus.crons.schedules["ticking"] == ()


async def test_a_scheduler_that_is_late_leaves_no_schedule_of_a_deleted_workflow() -> None:
    bus = MemoryBus(Settings())
    store = DefinitionStore(bus.definitions)
    workflow, _ = prepare(HOURLY)
    await store.save_draft(workflow)
    await store.publish("ticking")
    before = await store.head("ticking")
    late = await schedules_of(store, before)
    await store.delete("ticking")
    found = await store.heads.trace("ticking")
    assert found is not None
    await store.finish_deleting(found[0])
    await bus.crons.replace("ticking", late)
    assert bus.crons.schedules["ticking"]
    keeping = asyncio.create_task(Crons(bus).keep())
    async with asyncio.timeout(10):
        while bus.crons.schedules["ticking"]:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the twin tells nobody
    keeping.cancel()
    await asyncio.wait((keeping,))


@pytest.mark.parametrize(
    "text",
    [
        "id: >-\n  w3\nnodes: [{id: a, type: noop}]\n",
        "name: &n w3\nid: *n\nnodes: [{id: a, type: noop}]\n",
        "id: &i w3\nname: *i\nnodes: [{id: a, type: noop}]\n",
    ],
    ids=["block", "alias", "anchor"],
)
async def test_a_text_whose_id_cannot_be_changed_alone_is_not_copied(
    api: httpx.AsyncClient, text: str
) -> None:
    headers = {"Content-Type": "application/yaml"}
    made = await api.post("/workflows", content=text, headers=headers)
    assert made.status_code == 201, made.text
    assert (await api.post("/workflows/w3/duplicate", json={"id": "w4"})).status_code == 422
    is_problem(await api.get("/workflows/w4"), 404, "workflow.not_found")


async def test_words_about_a_workflow_are_bounded(api: httpx.AsyncClient) -> None:
    """All of them are in one message: without a bound nothing could be changed any more."""
    await api.post("/workflows", json=HOURLY)
    copy = {"id": "copy", "name": "a\x1b[31m"}
    is_problem(
        await api.post("/workflows/ticking/duplicate", json=copy), 422, "workflow.name_invalid"
    )
    path = f"/workflows/ticking/publish?note={'n' * 501}"
    is_problem(await api.post(path), 422, "workflow.note_too_long")
    path = f"/schedules/ticking/pause?reason={'r' * 501}"
    is_problem(await api.post(path), 422, "schedule.reason_too_long")


async def test_a_workflow_of_as_many_versions_as_fit_can_be_deleted(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    """The message that says it is deleted must be no larger than the last one before."""
    await api.post("/workflows", json=HOURLY)
    await api.post("/workflows/ticking/archive")
    head, _ = await Heads(stack.bus.definitions).find("ticking")
    (version,) = head.versions
    full = replace(head, versions=(replace(version, note="n" * 500),) * 1_600)
    room = stack.bus.nc.max_payload - 525 - len(msgspec.json.encode(full))
    full = replace(full, name="n" * room)
    await stack.bus.definitions.put("ticking", msgspec.json.encode(full))
    assert (await api.delete("/workflows/ticking")).status_code == 204
    is_problem(await api.get("/workflows/ticking"), 404, "workflow.not_found")


async def test_all_labels_that_are_asked_for_must_hold(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=HOURLY)
    assert len((await api.get("/workflows?label=team:billing&label=tier:1")).json()["items"]) == 1
    assert (await api.get("/workflows?label=team:other&label=team:billing")).json()["items"] == []


async def test_a_schedule_of_an_archived_workflow_begins_no_run(api: httpx.AsyncClient) -> None:
    await api.post("/workflows", json=HOURLY)
    (schedule,) = (await api.get("/schedules?workflow_id=ticking")).json()["items"]
    await api.post("/workflows/ticking/archive")
    asked = await api.post(f"/schedules/ticking/{schedule['id']}/run")
    is_problem(asked, 409, "workflow.archived")
