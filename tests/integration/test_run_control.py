"""Pause, resume, retry, fork and concurrency keys over the whole system, as clients use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.cli.outcome import exit_code_of
from runfold.cli.replay import replay
from runfold.cli.source import parse_inputs
from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.engine.views.runs import RunView
from runfold.errors import Conflict, InvalidRequest, NotFound
from runfold.graph.definition import Workflow
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-code", "gateway")
ASK = {
    "id": "ask",
    "inputs": {"name": {"type": "string", "default": "you"}},
    "nodes": [
        {"id": "before", "type": "template", "config": {"template": "for {{name}}"}},
        {"id": "review", "type": "human", "config": {"message": "ok?"}},
        {"id": "after", "type": "template", "config": {"template": "{{before.output}}, {{name}}"}},
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


def request(document: dict[str, Any], **fields: Any) -> RunRequest:
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    return RunRequest(workflow_id=workflow.id, definition=definition, **fields)


async def until(stack: Stack, run_id: str, kind: type[e.Event], at: str = "") -> e.AnyEvent:
    """The first event of a kind in a run's log, at a node if one is named."""
    async with asyncio.timeout(10):
        found = asyncio.Event()
        stop = await stack.bus.live.watch(run_id, lambda _message: found.set())
        try:
            while True:
                found.clear()
                for record in await stack.bus.events.read_run(run_id):
                    there = not at or getattr(record.event, "node_id", "") == at
                    if isinstance(record.event, kind) and there:
                        return record.event
                await found.wait()
        finally:
            await stop()


async def ended(stack: Stack, run_id: str) -> RunView:
    view = await stack.runs.wait(run_id, 15)
    assert view is not None
    return view


async def test_a_paused_run_begins_nothing_until_it_is_resumed(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await stack.runs.start(request(ASK))
    waiting = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(waiting, e.NodeRunWaiting)
    assert (await api.post(f"/runs/{run_id}/pause?reason=audit")).status_code == 202
    await until(stack, run_id, e.RunPaused)
    again = await api.post(f"/runs/{run_id}/pause")
    assert (again.status_code, again.json()["code"]) == (409, "run.not_running")
    assert "paused" in again.json()["detail"]
    shown = (await api.get(f"/runs/{run_id}")).json()
    assert (shown["status"], shown["pause_reason"]) == ("paused", "audit")
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="approved"))
    await until(stack, run_id, e.InputReceived)
    assert (await api.post(f"/runs/{run_id}/resume")).status_code == 202
    view = await ended(stack, run_id)
    assert view.status == "succeeded"
    kinds = [type(r.event).__name__ for r in await stack.bus.events.read_run(run_id)]
    resumed = kinds.index("RunResumed")
    assert "NodeRunStarted" not in kinds[kinds.index("RunPaused") : resumed]
    answer = await api.post(f"/runs/{run_id}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "run.not_paused")
    assert "succeeded" in answer.json()["detail"]


async def test_a_paused_run_can_be_cancelled(stack: Stack) -> None:
    run_id = await stack.runs.start(request(ASK))
    await until(stack, run_id, e.NodeRunWaiting)
    await stack.runs.pause(run_id)
    await until(stack, run_id, e.RunPaused)
    await stack.runs.cancel(run_id, "enough")
    assert (await ended(stack, run_id)).status == "cancelled"


BROKEN = {
    "id": "broken",
    "inputs": {"divisor": {"type": "number", "default": 0}},
    "nodes": [
        {"id": "once", "type": "noop", "config": {"output": "kept"}},
        {
            "id": "split",
            "type": "code",
            "config": {"code": "result = 6 / context['divisor']"},
        },
        {"id": "end", "type": "end", "config": {"outputs": {"v": "{{split.output}}"}}},
    ],
}


async def test_a_failed_run_is_retried_from_where_it_failed_or_forked_with_other_inputs(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await stack.runs.start(request(BROKEN))
    assert (await ended(stack, run_id)).status == "failed"
    answer = await api.post(f"/runs/{run_id}/retry", json={})
    assert answer.status_code == 202
    retried = await ended(stack, answer.json()["run_id"])
    assert (retried.status, retried.error_node) == ("failed", "split")
    assert retried.origin is not None
    assert (retried.origin.run_id, retried.origin.kind) == (run_id, "retry")
    records = await stack.bus.events.read_run(retried.run_id)
    begun = [r.event.node_id for r in records if isinstance(r.event, e.NodeRunStarted)]
    assert begun == ["once", "split"]
    assert next(r.event.id for r in records if isinstance(r.event, e.NodeRunStarted)).startswith(
        f"{retried.run_id}:taken_over"
    )

    records = await stack.bus.events.read_run(run_id)
    at = next(
        r.seq
        for r in records
        if isinstance(r.event, e.NodeRunSucceeded) and r.event.node_id == "once"
    )
    answer = await api.post(f"/runs/{run_id}/fork", json={"at": at, "inputs": {"divisor": 2}})
    assert answer.status_code == 202
    fork = await ended(stack, answer.json()["run_id"])
    assert (fork.status, fork.outputs) == ("succeeded", {"v": 3})
    assert fork.inputs == {"divisor": 2}

    def typed(workflow: Workflow) -> dict[str, Any]:
        assert workflow.id == BROKEN["id"]
        return parse_inputs(workflow, ["divisor=3"], "")

    forked = await ended(stack, await stack.runs.fork(run_id, at, inputs=typed))
    assert (forked.status, forked.inputs) == ("succeeded", {"divisor": 3})


async def test_what_cannot_be_retried_or_forked_is_refused_by_state(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await stack.runs.start(request(ASK))
    await until(stack, run_id, e.NodeRunWaiting)
    answer = await api.post(f"/runs/{run_id}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "run.not_ended")
    assert "running" in answer.json()["detail"]
    answer = await api.post(f"/runs/{run_id}/fork", json={"at": 0})
    assert (answer.status_code, answer.json()["code"]) == (422, "fork.no_such_event")
    with pytest.raises(InvalidRequest):
        await stack.runs.fork(run_id, 0)
    with pytest.raises(NotFound):
        await stack.runs.retry("nobody")
    await stack.runs.cancel(run_id)
    await ended(stack, run_id)
    with pytest.raises(NotFound, match="never came to node 'nowhere'"):
        await stack.runs.retry(run_id, from_node="nowhere")
    good = await stack.runs.start(request({"id": "g", "nodes": [{"id": "n", "type": "noop"}]}))
    await ended(stack, good)
    with pytest.raises(Conflict, match="succeeded"):
        await stack.runs.retry(good)
    assert (await api.post("/runs/nobody/pause")).status_code == 404


async def test_a_state_at_any_sequence(stack: Stack, api: httpx.AsyncClient) -> None:
    run_id = await stack.runs.start(request(BROKEN))
    await ended(stack, run_id)
    records = await stack.bus.events.read_run(run_id)
    first = (await api.get(f"/runs/{run_id}/state?at={records[0].seq}")).json()
    assert (first["status"], first["node_results"]["once"]["status"]) == ("running", "pending")
    last = (await api.get(f"/runs/{run_id}/state")).json()
    assert last["status"] == "failed"
    assert (await api.get(f"/runs/{run_id}/state?at=0")).status_code == 422
    later = await stack.runs.start(request(BROKEN))
    await ended(stack, later)
    before = await api.get(f"/runs/{later}/state?at={records[-1].seq}")
    assert (before.status_code, before.json()["code"]) == (404, "run.not_found")


def limited(when_full: str, limit: int = 1) -> dict[str, Any]:
    key = {"key": "{{who}}", "limit": limit, "when_full": when_full}
    return {
        "id": f"limited_{when_full}",
        "inputs": {"who": {"type": "string", "default": "a"}},
        "settings": {"concurrency": key},
        "nodes": [{"id": "hold", "type": "human", "config": {"message": "go?"}}],
    }


async def answer(stack: Stack, run_id: str) -> None:
    waiting = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(waiting, e.NodeRunWaiting)
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="approved"))


async def test_runs_of_one_key_queue_and_others_do_not(stack: Stack) -> None:
    document = limited("queue")
    first = await stack.runs.start(request(document))
    await until(stack, first, e.NodeRunWaiting)
    second = await stack.runs.start(request(document))
    await until(stack, second, e.RunStarted)
    other = await stack.runs.start(request(document, inputs={"who": "b"}))
    await until(stack, other, e.NodeRunWaiting)
    view = await stack.runs.get(second)
    assert view is not None
    assert view.status == "queued"
    await answer(stack, first)
    await ended(stack, first)
    await answer(stack, second)
    assert (await ended(stack, second)).status == "succeeded"
    await answer(stack, other)
    await ended(stack, other)


async def test_a_queued_run_can_be_cancelled_and_leaves_the_line(stack: Stack) -> None:
    document = limited("queue")
    first = await stack.runs.start(request(document))
    await until(stack, first, e.NodeRunWaiting)
    second = await stack.runs.start(request(document))
    await until(stack, second, e.RunStarted)
    await stack.runs.cancel(second)
    assert (await ended(stack, second)).status == "cancelled"
    third = await stack.runs.start(request(document))
    await answer(stack, first)
    await answer(stack, third)
    assert (await ended(stack, third)).status == "succeeded"


async def test_a_full_key_rejects_or_displaces(stack: Stack) -> None:
    first = await stack.runs.start(request(limited("reject")))
    await until(stack, first, e.NodeRunWaiting)
    refused = await ended(stack, await stack.runs.start(request(limited("reject"))))
    assert (refused.status, refused.error and refused.error.code) == ("failed", "run.concurrency")
    first = await stack.runs.start(request(limited("cancel_oldest")))
    await until(stack, first, e.NodeRunWaiting)
    second = await stack.runs.start(request(limited("cancel_oldest")))
    await until(stack, second, e.NodeRunWaiting)
    assert (await ended(stack, first)).status == "cancelled"
    await answer(stack, second)
    assert (await ended(stack, second)).status == "succeeded"


async def test_a_retry_may_run_the_newest_version(stack: Stack, api: httpx.AsyncClient) -> None:
    body = {**BROKEN, "id": "mended"}
    await api.post("/workflows", json=body)
    started = (await api.post("/workflows/mended/run", json={})).json()
    assert (await ended(stack, started["run_id"])).status == "failed"
    nodes = [dict(node) for node in BROKEN["nodes"]]
    nodes[1] = {"id": "split", "type": "noop", "config": {"output": 7}}
    await api.put("/workflows/mended", json={**body, "nodes": nodes})
    found = await api.post(f"/runs/{started['run_id']}/retry", json={"version": "newest"})
    view = await ended(stack, found.json()["run_id"])
    assert (view.status, view.version, view.outputs) == ("succeeded", "2", {"v": 7})
    none = await api.post(f"/runs/{started['run_id']}/retry", json={"version": "9"})
    assert none.status_code == 404


async def test_a_retry_binds_its_inputs_to_the_version_it_runs(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    body = {**BROKEN, "id": "grown"}
    await api.post("/workflows", json=body)
    run_id = (await api.post("/workflows/grown/run", json={})).json()["run_id"]
    assert (await ended(stack, run_id)).status == "failed"
    inputs = {**BROKEN["inputs"], "added": {"type": "number", "default": 3}}
    nodes = [dict(node) for node in BROKEN["nodes"]]
    nodes[1] = {"id": "split", "type": "noop", "config": {"output": "{{added}}"}}
    await api.put("/workflows/grown", json={**body, "inputs": inputs, "nodes": nodes})
    found = await api.post(f"/runs/{run_id}/retry", json={"version": "newest"})
    view = await ended(stack, found.json()["run_id"])
    assert (view.status, view.inputs) == ("succeeded", {"divisor": 0, "added": 3})
    inputs["asked_for"] = {"type": "string", "required": True}
    await api.put("/workflows/grown", json={**body, "inputs": inputs, "nodes": nodes})
    refused = await api.post(f"/runs/{run_id}/retry", json={"version": "newest"})
    assert (refused.status_code, refused.json()["code"]) == (422, "run.inputs_invalid")
    assert refused.json()["missing"] == ["asked_for"]


async def test_a_run_without_a_beginning_is_said_to_be_damaged(
    stack: Stack, api: httpx.AsyncClient, tmp_path: Path
) -> None:
    newer = b'{"type":"run_started","id":"s","run_id":"r","workflow_id":"w","definition":{},'
    subject = subjects.event("w", "r", "run_started")
    await stack.bus.nc.jetstream().publish(subject, newer + b'"inputs":[1]}')
    late = e.RunCancelled(id="c", run_id="r", workflow_id="w")
    at = (await stack.bus.events.append(late)).seq
    first = (await stack.bus.events.read_run("r"))[
        0
    ].seq  # or the scheduler's pause, if it is quick
    paths = ("cancel", "pause", "resume", "retry")
    answers = [await api.get("/runs/r/state"), await api.get(f"/runs/r/state?at={at}")]
    answers += [await api.post(f"/runs/r/{path}") for path in paths]
    answers.append(await api.post("/runs/r/fork", json={"at": at}))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (409, "run.log_damaged")
        assert (answer.json()["run_id"], answer.json()["seq"]) == ("r", first)
    with pytest.raises(Conflict, match=f"'r'.*sequence {first}") as refused:
        await replay("r", 0, stack.settings.nats_url, tmp_path, as_json=False)
    assert exit_code_of(refused.value) == 2
