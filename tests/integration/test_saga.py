"""Compensation over the whole system: what begins it, what it does, and what may be done to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from runfold.engine.views.runs import RunView
from runfold.errors import Conflict
from tests.integration.test_run_control import ended, request, until
from tests.support.stack import Stack, running

ROOT = Path(__file__).parents[2]
SERVICES = ("scheduler", "executor-text", "executor-code", "projection", "gateway")


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


def noop(node_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "noop", "config": {"output": node_id}, **fields}


def fails(node_id: str, **fields: Any) -> dict[str, Any]:
    code = {"code": "result = 1\nraise ValueError('no luck')"}
    return {"id": node_id, "type": "code", "config": code, **fields}


def flow(*nodes: dict[str, Any], undo: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return {"id": "flow", "nodes": [*nodes, *undo], **fields}


def undone(view: RunView) -> list[tuple[str, str]]:
    return [(entry.address, entry.status) for entry in view.compensation]


ASKING = flow(
    noop("first", compensate="undo_first"),
    {"id": "review", "type": "human", "config": {"message": "ok?"}},
    noop("last"),
    undo=[
        {
            "id": "undo_first",
            "type": "template",
            "config": {"template": "{{first.output}}: {{error.message}}"},
        }
    ],
)
UNDONE_BY_HAND = flow(
    noop("first", compensate="undo_first"),
    fails("second"),
    undo=[{"id": "undo_first", "type": "human", "config": {"message": "undo {{first.output}}"}}],
)


async def test_the_guides_order_is_undone_newest_first(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    text = (ROOT / "docs" / "guides" / "compensate.md").read_text()
    (document,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    view, told = await stack.run(document, {"order": "A7", "amount": 30})
    assert view.status == "compensated"
    assert view.error is not None
    assert "nothing left in stock" in view.error.message
    assert view.error_node == "ship"
    assert undone(view) == [("charge", "compensated"), ("reserve", "compensated")]
    outputs = {node.node_id: node.outputs for node in view.nodes}
    assert outputs["refund"]["output"].startswith("refund for charged 30: ")
    assert "nothing left in stock" in outputs["refund"]["output"]
    assert outputs["release"]["output"] == "released what was reserved A7"
    kinds = [e.event_type(one.event) for one in told if isinstance(one, e.Recorded)]
    assert kinds[-1] == "run_compensated"
    assert kinds.count("run_compensating") == 1
    shown = (await api.get(f"/runs/{view.run_id}")).json()
    assert shown["status"] == "compensated"
    assert [entry["by"] for entry in shown["compensation"]] == ["refund", "release"]
    statuses = {node["address"]: node["status"] for node in shown["nodes"]}
    assert statuses["ship"] == "failed"
    assert (statuses["refund"], statuses["release"]) == ("succeeded", "succeeded")
    listed = (await api.get("/runs?status=compensated")).json()["items"]
    assert [item["run_id"] for item in listed] == [view.run_id]


async def test_the_example_ships_or_refunds(stack: Stack) -> None:
    example = (ROOT / "examples" / "order_saga.yaml").read_bytes()
    view, _ = await stack.run(example, {"order": "A7"})
    assert (view.status, view.outputs) == ("succeeded", {"parcel": "P-A7"})
    assert view.compensation == ()
    view, _ = await stack.run(example, {"order": "B8", "in_stock": False})
    assert undone(view) == [("charge", "compensated"), ("reserve", "compensated")]
    refund = next(node for node in view.nodes if node.node_id == "refund")
    assert refund.outputs["output"].startswith("refunded 30 of T-B8 because ")


async def test_a_cancelled_run_is_undone_and_nothing_goes_forward(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await stack.runs.start(request(ASKING))
    waiting = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(waiting, e.NodeRunWaiting)
    assert (await api.post(f"/runs/{run_id}/cancel?reason=changed")).status_code == 202
    view = await ended(stack, run_id)
    assert (view.status, view.error) == ("compensated", None)
    statuses = {node.node_id: node.status for node in view.nodes}
    assert statuses == {"first": "succeeded", "review": "cancelled", "undo_first": "succeeded"}
    said = next(node.outputs["output"] for node in view.nodes if node.node_id == "undo_first")
    assert said == "first: the run was cancelled: changed"
    again = await api.post(f"/runs/{run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "run.ended")


async def test_what_waits_for_a_person_is_closed_once_the_run_gives_up(stack: Stack) -> None:
    ask = {"type": "human", "config": {"message": "ok?"}}
    document = flow(
        noop("first", compensate="undo"),
        {"id": "review", **ask},
        undo=[{"id": "undo", **ask}],
    )
    run_id = await stack.runs.start(request(document))
    forward = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(forward, e.NodeRunWaiting)
    await stack.runs.cancel(run_id)
    await until(stack, run_id, e.RunCompensating)
    with pytest.raises(Conflict, match="takes no answer by this token any more"):
        await stack.runs.settle(AnswerRequest(token=forward.token, action="approved"))
    backward = await until(stack, run_id, e.NodeRunWaiting, at="undo")
    assert isinstance(backward, e.NodeRunWaiting)
    rejected = AnswerRequest(token=backward.token, action="rejected", feedback="too late")
    assert await stack.runs.settle(rejected)
    view = await ended(stack, run_id)
    assert (view.status, undone(view)) == ("compensation_failed", [("first", "failed")])


async def test_with_nothing_completed_a_run_ends_as_any_other(stack: Stack) -> None:
    document = flow(fails("first", compensate="undo"), undo=[noop("undo")])
    view, _ = await stack.run(document)
    assert (view.status, view.error_node, view.compensation) == ("failed", "first", ())
    assert view.error is not None
    assert view.error.code == "code.error"
    waits = flow(
        {"id": "review", "type": "human", "config": {"message": "ok?"}},
        noop("first", compensate="undo"),
        undo=[noop("undo")],
    )
    run_id = await stack.runs.start(request(waits))
    await until(stack, run_id, e.NodeRunWaiting)
    await stack.runs.cancel(run_id, "enough")
    assert (await ended(stack, run_id)).status == "cancelled"


async def test_what_cannot_be_undone_is_named_and_the_rest_is_undone(stack: Stack) -> None:
    document = flow(
        noop("one", compensate="undo_one"),
        noop("two", compensate="undo_two"),
        fails("three"),
        undo=[noop("undo_one"), fails("undo_two")],
    )
    view, told = await stack.run(document)
    assert view.status == "compensation_failed"
    assert view.error_node == "three"
    assert undone(view) == [("two", "failed"), ("one", "compensated")]
    last = told[-1].event
    assert isinstance(last, e.RunCompensationFailed)
    assert last.error.details["nodes"] == ["two"]
    assert (last.undone, last.error.code) == (1, "run.compensation_failed")


async def test_a_node_may_give_the_run_up(stack: Stack) -> None:
    document = flow(
        noop("score", config={"output": 9}),
        noop("book", compensate="unbook"),
        {"id": "stop", "type": "compensate", "config": {"reason": "score {{score.output}}"}},
        undo=[{"id": "unbook", "type": "template", "config": {"template": "{{error.message}}"}}],
    )
    view, _ = await stack.run(document)
    assert (view.status, view.error_node) == ("compensated", "stop")
    assert undone(view) == [("book", "compensated")]
    said = next(node.outputs["output"] for node in view.nodes if node.node_id == "unbook")
    assert said == "node 'stop' gave the run up: score 9"


async def test_a_deadline_begins_it(stack: Stack) -> None:
    view, _ = await stack.run({**ASKING, "settings": {"timeout": 1}})
    assert (view.status, view.error and view.error.code) == ("compensated", "run.deadline")
    assert undone(view) == [("first", "compensated")]


async def test_items_of_loops_are_undone_each_in_its_own_scope(stack: Stack) -> None:
    body = [noop("book", config={"output": "{{item}}"}, compensate="unbook")]
    body.append(
        {
            "id": "unbook",
            "type": "template",
            "config": {"template": "not {{book.output}} {{index}}"},
        }
    )
    loop = {"id": "each", "type": "loop", "config": {"items": ["a", "b", "c"], "nodes": body}}
    view, _ = await stack.run(flow(loop, fails("then"), undo=[]))
    assert undone(view) == [(f"each[{index}]/book", "compensated") for index in (2, 1, 0)]
    said = {node.address: node.outputs.get("output") for node in view.nodes}
    assert said["each[1]/unbook"] == "not b 1"
    as_one = {**loop, "compensate": "unbook_all"}
    undo = {"id": "unbook_all", "type": "template", "config": {"template": "{{each.count}} back"}}
    view, _ = await stack.run(flow(as_one, fails("then"), undo=[undo]))
    assert undone(view) == [("each", "compensated")]


async def test_a_person_may_have_to_undo_and_the_run_can_be_held_meanwhile(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await stack.runs.start(request(UNDONE_BY_HAND))
    waiting = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(waiting, e.NodeRunWaiting)
    assert waiting.message == "undo first"
    assert (await api.get(f"/runs/{run_id}")).json()["status"] == "compensating"
    await stack.runs.pause(run_id, "audit")
    await until(stack, run_id, e.RunPaused)
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="approved"))
    await until(stack, run_id, e.InputReceived)
    await stack.runs.resume(run_id)
    view = await ended(stack, run_id)
    assert (view.status, undone(view)) == ("compensated", [("first", "compensated")])


async def test_a_held_saga_can_be_left_as_it_is(stack: Stack) -> None:
    run_id = await stack.runs.start(request(UNDONE_BY_HAND))
    await until(stack, run_id, e.NodeRunWaiting)
    await stack.runs.cancel(run_id, "not this")
    await stack.runs.pause(run_id)
    await until(stack, run_id, e.RunPaused)
    await stack.runs.cancel(run_id, "leave it")
    view = await ended(stack, run_id)
    assert (view.status, undone(view)) == ("cancelled", [("first", "cancelled")])


async def test_what_was_undone_is_not_retried_but_may_be_forked(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    document = flow(noop("one", compensate="undo_one"), fails("two"), undo=[noop("undo_one")])
    view, told = await stack.run(document)
    answer = await api.post(f"/runs/{view.run_id}/retry", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "run.compensated")
    answer = await api.post(f"/runs/{view.run_id}/retry", json={"node": "one"})
    assert answer.status_code == 409
    succeeded = next(one for one in told if isinstance(one.event, e.NodeRunSucceeded))
    forked = await stack.runs.fork(view.run_id, succeeded.seq)
    ended_too = await ended(stack, forked)
    # What it took over is the other run's to undo.
    assert (ended_too.status, ended_too.compensation) == ("failed", ())


async def test_a_displaced_run_is_undone(stack: Stack) -> None:
    limit = {"concurrency": {"key": "", "limit": 1, "when_full": "cancel_oldest"}}
    document = {**ASKING, "settings": limit}
    first = await stack.runs.start(request(document))
    await until(stack, first, e.NodeRunWaiting)
    second = await stack.runs.start(request(document))
    view = await ended(stack, first)
    assert (view.status, undone(view)) == ("compensated", [("first", "compensated")])
    waiting = await until(stack, second, e.NodeRunWaiting)
    assert isinstance(waiting, e.NodeRunWaiting)
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="approved"))
    assert (await ended(stack, second)).status == "succeeded"


async def test_a_queued_run_that_is_cancelled_just_ends(stack: Stack) -> None:
    limit = {"concurrency": {"key": "", "limit": 1, "when_full": "queue"}}
    document = {**ASKING, "settings": limit}
    first = await stack.runs.start(request(document))
    await until(stack, first, e.NodeRunWaiting)
    second = await stack.runs.start(request(document))
    await until(stack, second, e.RunStarted)
    await stack.runs.cancel(second)
    assert (await ended(stack, second)).status == "cancelled"
    await stack.runs.cancel(first)
    assert (await ended(stack, first)).status == "compensated"
    third = await stack.runs.start(request(document))
    await until(stack, third, e.NodeRunWaiting)
