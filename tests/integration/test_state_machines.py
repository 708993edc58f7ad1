"""State machines over the whole system: events through the gateway, times kept by the broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.errors import Conflict, InvalidRequest
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "projection", "gateway")
RECEIPT = {"id": "receipt", "type": "template", "config": {"template": "{{total}} received"}}
KEEP = {"variable": "receipt", "value": "{{receipt.output}}"}
ORDER = {
    "id": "orders",
    "inputs": {"number": {"type": "string", "default": "A7"}},
    "nodes": [
        {
            "id": "order",
            "type": "state_machine",
            "config": {
                "initial": "created",
                "message": "order {{number}}",
                "assignee": "shop",
                "variables": {"total": 0, "receipt": ""},
                "states": {
                    "created": {
                        "on": {
                            "pay": {
                                "target": "paid",
                                "guard": {
                                    "left": "{{event.amount}}",
                                    "operator": ">=",
                                    "right": 10,
                                },
                                "assign": [
                                    {
                                        "variable": "total",
                                        "operation": "+=",
                                        "value": "{{event.amount}}",
                                    }
                                ],
                            },
                            "cancel": "cancelled",
                        }
                    },
                    "paid": {
                        "entry": {
                            "nodes": [
                                RECEIPT,
                                {"id": "keep", "type": "assign", "config": {"assignments": [KEEP]}},
                            ]
                        },
                        "on": {"ship": "shipped", "pay": "paid"},
                    },
                    "shipped": {"final": True},
                    "cancelled": {"final": True},
                },
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"receipt": "{{order.receipt}}"}}},
    ],
    "edges": [{"source": "order", "target": "end", "port": "shipped"}],
}


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def until(stack: Stack, run_id: str, kind: type[e.Event], count: int = 1) -> Any:
    """The event of a kind that comes as the `count`th in a run's log."""
    news = asyncio.Event()
    stop = await stack.bus.live.watch(run_id, lambda _message: news.set())
    try:
        async with asyncio.timeout(10):
            while True:
                news.clear()
                records = await stack.bus.events.read_run(run_id)
                found = [one.event for one in records if isinstance(one.event, kind)]
                if len(found) >= count:
                    return found[count - 1]
                await news.wait()
    finally:
        await stop()


async def started(stack: Stack, api: httpx.AsyncClient) -> str:
    await api.post("/workflows", json=ORDER)
    run_id = (await api.post("/workflows/orders/run", json={})).json()["run_id"]
    await until(stack, run_id, e.StateMachineStarted)
    return str(run_id)


async def send(api: httpx.AsyncClient, run_id: str, action: str, **body: Any) -> httpx.Response:
    body = {"node": "order", "action": action, **body}
    return await api.post(f"/runs/{run_id}/answer", json=body)


async def test_an_order_lives_by_its_events(stack: Stack, api: httpx.AsyncClient) -> None:
    run_id = await started(stack, api)
    waiting: list[dict[str, Any]] = []
    while not waiting:
        waiting = (await api.get("/reviews")).json()["items"]
    (review,) = waiting
    assert (review["run_id"], review["node"], review["message"]) == (run_id, "order", "order A7")
    assert (review["state"], review["events"]) == ("created", ["cancel", "pay"])
    assert (await send(api, run_id, "pay", values={"amount": 20})).status_code == 202
    await until(stack, run_id, e.StateHandlerSucceeded)
    node = (await api.get(f"/runs/{run_id}/state")).json()["nodes"][0]
    assert (node["status"], node["waiting"]["state"]) == ("waiting", "paid")
    assert (await send(api, run_id, "ship")).status_code == 202
    view = await stack.runs.wait(run_id, 10)
    assert view is not None
    assert (view.status, view.outputs) == ("succeeded", {"receipt": "20 received"})
    late = await send(api, run_id, "ship")
    assert (late.status_code, late.json()["code"]) == (409, "review.closed")


async def test_what_the_machine_cannot_take_is_refused_with_what_it_can(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await started(stack, api)
    unknown = await send(api, run_id, "refund")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "machine.unknown_event")
    assert "cancel, pay, ship" in unknown.json()["detail"]
    not_now = await send(api, run_id, "ship")
    assert (not_now.status_code, not_now.json()["code"]) == (409, "machine.not_taken")
    assert not_now.json()["takes"] == ["cancel", "pay"]
    records = await stack.bus.events.read_run(run_id)
    assert not [one for one in records if isinstance(one.event, e.InputReceived)]
    # A guard is asked in the order of the log only.
    assert (await send(api, run_id, "pay", values={"amount": 1})).status_code == 202
    ignored = await until(stack, run_id, e.StateEventIgnored)
    assert (ignored.event, ignored.state, ignored.reason) == ("pay", "created", "guard")


async def test_an_approval_is_no_event_of_it(stack: Stack, api: httpx.AsyncClient) -> None:
    run_id = await started(stack, api)
    begun = await until(stack, run_id, e.StateMachineStarted)
    answer = await api.post(f"/reviews/{begun.token}/approve")
    assert answer.json()["code"] == "machine.unknown_event"


async def test_an_event_that_is_sent_twice_with_its_key_counts_once(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await started(stack, api)
    for _ in range(2):
        await stack.runs.answer(
            AnswerRequest(
                token=(await until(stack, run_id, e.StateMachineStarted)).token,
                action="pay",
                values={"amount": 20},
                key="invoice-1",
            )
        )
    await until(stack, run_id, e.InputReceived, 2)
    await send(api, run_id, "ship")
    view = await stack.runs.wait(run_id, 10)
    assert view is not None
    assert view.outputs == {"receipt": "20 received"}


async def test_a_client_is_told_before_anything_is_sent(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await started(stack, api)
    token = (await until(stack, run_id, e.StateMachineStarted)).token
    with pytest.raises(InvalidRequest, match="no event 'refund'"):
        await stack.runs.settle(AnswerRequest(token=token, action="refund"))
    with pytest.raises(Conflict, match="it takes: cancel, pay"):
        await stack.runs.settle(AnswerRequest(token=token, action="ship"))
    assert await stack.runs.settle(AnswerRequest(token=token, action="cancel"))


async def test_the_time_of_a_state_is_kept_by_the_broker(stack: Stack) -> None:
    states = {
        "open": {"timeout": {"after": "0.2s", "target": "slow"}, "on": {"close": "closed"}},
        "slow": {"timeout": {"after": "0.2s", "target": "late"}, "on": {"close": "closed"}},
        "closed": {"final": True},
        "late": {"final": True},
    }
    node = {"id": "m", "type": "state_machine", "config": {"initial": "open", "states": states}}
    workflow, _ = prepare({"id": "timed", "nodes": [node]})
    run_id = await stack.runs.start(
        RunRequest(workflow_id="timed", definition=msgspec.Raw(canonical_bytes(workflow)))
    )
    view = await stack.runs.wait(run_id, 10)
    assert view is not None
    assert view.outputs == {"output": "late"}


async def test_a_fork_of_a_run_has_a_machine_with_a_token_of_its_own(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    run_id = await started(stack, api)
    await send(api, run_id, "pay", values={"amount": 20})
    await until(stack, run_id, e.StateHandlerSucceeded)
    at = (await stack.bus.events.read_run(run_id))[-1].seq
    fork = (await api.post(f"/runs/{run_id}/fork", json={"at": at})).json()["run_id"]
    begun = await until(stack, fork, e.StateMachineStarted)
    assert begun.token.startswith(fork)
    await until(stack, fork, e.RunForked)
    assert (await send(api, fork, "ship")).status_code == 202
    view = await stack.runs.wait(fork, 10)
    assert view is not None
    assert view.outputs == {"receipt": "20 received"}
    assert (await api.get(f"/runs/{run_id}")).json()["status"] == "running"
