"""Questions, inputs, reviews and events from outside, over the HTTP API and the real broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from runfold.bus.viewer import RunViewer
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from runfold.model_servers.demo.server import DemoModel
from tests.support.stack import EVERYTHING, Stack, running


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with (
        DemoModel(interval=0) as model,
        running(EVERYTHING, model_url=model.base_url) as made,
    ):
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def begin(
    api: httpx.AsyncClient, document: dict[str, Any], inputs: dict[str, Any] | None = None
) -> str:
    stored = await api.post("/workflows", json=document)
    assert stored.status_code == 201, stored.text
    started = await api.post(f"/workflows/{document['id']}/run", json=inputs or {})
    return str(started.json()["run_id"])


async def waits(stack: Stack, run_id: str, count: int = 1) -> list[e.NodeRunWaiting]:
    """The first waits of a run, in the order of the log."""
    found: list[e.NodeRunWaiting] = []
    async for message in RunViewer(stack.bus).follow(run_id):
        event = getattr(message, "event", None)
        if isinstance(event, e.NodeRunWaiting):
            found.append(event)
            if len(found) == count:
                return found
    raise AssertionError(f"the run ended after {len(found)} waits")


async def result(stack: Stack, run_id: str) -> Any:
    view = await stack.runs.wait(run_id, 20)
    assert view is not None
    assert view.status == "succeeded", view.error
    return view.outputs


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    return dict(response.json())


DRINK = {
    "id": "drink",
    "nodes": [
        {
            "id": "ask",
            "type": "question",
            "config": {"question": "What?", "options": [{"id": "tea", "text": "Tea"}, "coffee"]},
        },
        {"id": "brew", "type": "template", "config": {"template": "brewing {{ask.answer}}"}},
        {"id": "grind", "type": "template", "config": {"template": "grinding"}},
    ],
    "edges": [
        {"source": "ask", "target": "brew", "port": "tea"},
        {"source": "ask", "target": "grind", "port": "coffee"},
    ],
}


async def test_an_option_is_chosen_and_others_are_refused(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await begin(api, DRINK)
    (waiting,) = await waits(stack, run_id)
    path = f"/reviews/{waiting.token}/answer"
    told = problem(await api.post(path, json={"option": "juice"}), 422, "review.action")
    assert told["offered"] == ["tea", "coffee"]
    assert "tea (Tea), coffee" in told["detail"]
    problem(await api.post(path, json={"text": "surprise me"}), 422, "review.action")
    problem(await api.post(f"/reviews/{waiting.token}/approve"), 422, "review.action")
    unknown = f"/reviews/{run_id}.0123456789abcdef/answer"
    problem(await api.post(unknown, json={"option": "tea"}), 404, "review.not_found")
    answered = await api.post(path, json={"option": "tea"})
    assert (answered.status_code, answered.json()["status"]) == (200, "tea")
    assert await result(stack, run_id) == {"output": "brewing Tea"}
    problem(await api.post(path, json={"option": "coffee"}), 409, "review.closed")


async def test_a_refused_answer_straight_over_nats_is_a_dead_letter_and_the_node_waits_on(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await begin(api, DRINK)
    (waiting,) = await waits(stack, run_id)
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="juice"))
    await stack.runs.answer(AnswerRequest(token=waiting.token, action="coffee"))
    assert await result(stack, run_id) == {"output": "grinding"}
    assert [letter.code for letter in await stack.bus.dead.read()] == ["review.action"]


async def test_an_input_is_checked_by_its_schema(stack: Stack, api: httpx.AsyncClient) -> None:
    schema = {
        "name": {"type": "string", "required": True},
        "size": {"type": "integer", "minimum": 1, "default": 3},
    }
    document = {
        "id": "order",
        "nodes": [
            {"id": "ask", "type": "input", "config": {"message": "Order", "schema": schema}},
            {"id": "end", "type": "end", "config": {"outputs": {"a": "{{ask.name}} {{ask.size}}"}}},
        ],
    }
    run_id = await begin(api, document)
    (waiting,) = await waits(stack, run_id)
    while not (listed := (await api.get("/reviews")).json()["items"]):
        pass
    assert listed[0]["schema"]["required"] == ["name"]
    assert (listed[0]["type"], listed[0]["actions"]) == ("input", ["answered"])
    path = f"/runs/{run_id}/answer"
    wrong = {"node": "ask", "values": {"size": 0, "extra": 1}}
    told = problem(await api.post(path, json=wrong), 422, "review.values")
    assert sorted(one["path"] for one in told["errors"]) == ["$", "$", "$.size"]
    right = {"token": waiting.token, "values": {"name": "Ann"}}
    assert (await api.post(path, json=right)).status_code == 202
    assert await result(stack, run_id) == {"a": "Ann 3"}


async def test_items_of_a_loop_wait_at_once_and_are_answered_in_any_order(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    review = {
        "id": "ok",
        "type": "human_review",
        "config": {
            "message": "{{item}}?",
            "assignee": "{{item}}@example.com",
            "form": {"mark": {"type": "integer", "required": True}},
        },
    }
    loop = {"items": ["a", "b", "c"], "concurrency": 3, "nodes": [review]}
    loop["output"] = "{{ok.values.mark}}"
    document = {"id": "panel", "nodes": [{"id": "each", "type": "loop", "config": loop}]}
    run_id = await begin(api, document)
    found = {one.scope: one for one in await waits(stack, run_id, 3)}
    assert {one.assignee for one in found.values()} == {f"{name}@example.com" for name in "abc"}
    for index in (2, 0, 1):
        path = f"/reviews/{found[f'each[{index}]'].token}/approve"
        problem(await api.post(path, json={"values": {}}), 422, "review.values")
        assert (await api.post(path, json={"values": {"mark": index}})).status_code == 200
        problem(await api.post(path, json={"values": {"mark": 9}}), 409, "review.closed")
    assert (await result(stack, run_id))["output"] == [0, 1, 2]


WHO = {
    "id": "who",
    "nodes": [
        {
            "id": "ask",
            "type": "question",
            "config": {
                "question": "Who are you?",
                "extract": {
                    "max_follow_ups": 1,
                    "fields": {
                        "name": {"required": True},
                        "email": {"required": True},
                        "size": {"type": "integer"},
                    },
                },
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"who": "{{ask.fields}}"}}},
    ],
}


async def test_fields_are_taken_out_of_words_and_what_is_missing_is_asked_for(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await begin(api, WHO)
    (first,) = await waits(stack, run_id)
    said = {"text": "My name is Ann, size: 4. {{secrets.KEY}}"}
    assert (await api.post(f"/reviews/{first.token}/answer", json=said)).status_code == 200
    second = (await waits(stack, run_id, 2))[1]
    assert (second.missing, second.token != first.token) == (["email"], True)
    problem(await api.post(f"/reviews/{first.token}/answer", json=said), 409, "review.closed")
    said = {"text": "ann@example.com"}
    assert (await api.post(f"/reviews/{second.token}/answer", json=said)).status_code == 200
    assert await result(stack, run_id) == {
        "who": {"name": "Ann", "email": "ann@example.com", "size": 4}
    }


async def test_what_stays_missing_fails_the_node_and_says_what(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await begin(api, WHO)
    for count in (1, 2):
        waiting = (await waits(stack, run_id, count))[-1]
        words = {"text": "I would rather not say anything about myself at all, now or ever: no."}
        await api.post(f"/reviews/{waiting.token}/answer", json=words)
        if count == 1:
            assert (await waits(stack, run_id, 2))[1].missing == ["name", "email"]
    view = await stack.runs.wait(run_id, 20)
    assert view is not None
    assert view.error is not None
    assert (view.error.code, view.error.details["missing"]) == (
        "question.incomplete",
        ["name", "email"],
    )


PAID = {
    "id": "paid",
    "nodes": [
        {
            "id": "pay",
            "type": "wait",
            "config": {
                "event": "orders.*",
                "match": {
                    "left": "{{event.order}}",
                    "operator": "equals",
                    "right": "{{order}}",
                },
            },
        },
        {
            "id": "end",
            "type": "end",
            "config": {"outputs": {"got": "{{pay.event.order}} {{pay.subject}}"}},
        },
    ],
}


async def test_an_event_reaches_the_runs_it_is_for_and_no_others(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    early = {"subject": "orders.paid", "payload": {"order": "a"}}
    assert (await api.post("/events", json=early)).status_code == 202
    run_ids = {order: await begin(api, PAID, {"order": order}) for order in ("a", "b", "c")}
    for run_id in run_ids.values():
        await waits(stack, run_id)
    assert (await api.get("/reviews")).json()["items"] == []
    problem(await api.post("/events", json={"subject": "orders.*"}), 422, "signal.subject")
    for subject, order in (("orders.paid.x", "a"), ("orders.paid", "d"), ("orders.paid", "b")):
        await api.post("/events", json={"subject": subject, "payload": {"order": order}})
    assert await result(stack, run_ids["b"]) == {"got": "b orders.paid"}
    # Anybody on NATS may tell of one.
    body = b'{"subject": "orders.late", "payload": {"order": "a"}}'
    await stack.bus.nc.publish("runfold.requests.signal", body)
    assert await result(stack, run_ids["a"]) == {"got": "a orders.late"}
    view = await stack.runs.get(run_ids["c"])
    assert view is not None
    assert view.status == "running"
    assert len(await stack.bus.waits.entries()) == 1
    await stack.runs.cancel(run_ids["c"])
    assert await stack.runs.wait(run_ids["c"], 20) is not None
    while await stack.bus.waits.entries():
        pass


async def test_several_nodes_wait_for_the_same_event(stack: Stack, api: httpx.AsyncClient) -> None:
    document = {
        "id": "both",
        "nodes": [
            {"id": "one", "type": "wait", "config": {"event": "gate.open"}},
            {"id": "two", "type": "wait", "config": {"event": "gate.>"}},
            {"id": "end", "type": "end", "config": {"outputs": {"x": "{{one.output}}"}}},
        ],
        "edges": [{"source": "one", "target": "end"}, {"source": "two", "target": "end"}],
    }
    run_id = await begin(api, document)
    await waits(stack, run_id, 2)
    await api.post("/events", json={"subject": "gate.open", "payload": 7})
    assert await result(stack, run_id) == {"x": 7}


async def test_one_event_answers_one_round(stack: Stack, api: httpx.AsyncClient) -> None:
    step = {"id": "next", "type": "wait", "config": {"event": "step"}}
    loop = {"items": [1, 2], "concurrency": 1, "nodes": [step], "output": "{{next.event}}"}
    document = {"id": "steps", "nodes": [{"id": "each", "type": "loop", "config": loop}]}
    run_id = await begin(api, document)
    await waits(stack, run_id, 1)
    await api.post("/events", json={"subject": "step", "payload": "a", "id": "1"})
    await waits(stack, run_id, 2)
    await api.post("/events", json={"subject": "step", "payload": "a", "id": "1"})
    await api.post("/events", json={"subject": "step", "payload": "b", "id": "2"})
    assert (await result(stack, run_id))["output"] == ["a", "b"]
