"""Variables that outlive runs, and constants of the deployment, through a real scheduler."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.definitions.store import DefinitionStore
from runfold.engine.views.runs import RunView
from runfold.graph.loader import prepare
from tests.support.stack import Stack, running

REMEMBER: dict[str, Any] = {
    "id": "remember",
    "inputs": {"said": {"type": "string", "required": True}},
    "conversation": {"heard": [], "turns": 0},
    "nodes": [
        {
            "id": "keep",
            "type": "assign",
            "config": {
                "assignments": [
                    {"variable": "conversation.heard", "operation": "append", "value": "{{said}}"},
                    {"variable": "conversation.turns", "operation": "+=", "value": 1},
                ]
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"heard": "{{conversation.heard}}"}}},
    ],
}


async def publish(here: Stack, document: dict[str, Any]) -> None:
    store = DefinitionStore(here.bus.definitions)
    await store.save_draft(prepare(document)[0])
    await store.publish(document["id"])


async def said(here: Stack, text: str, conversation_id: str, workflow: str = "remember") -> RunView:
    request = RunRequest(
        workflow_id=workflow, inputs={"said": text}, conversation_id=conversation_id
    )
    run_id = await here.runs.start(request)
    view = await here.runs.wait(run_id, 20)
    assert view is not None
    return view


async def waiting(here: Stack, run_id: str) -> str:
    async for batch in here.bus.events.follow():
        for record in batch:
            event = getattr(record, "event", None)
            if isinstance(event, NodeRunWaiting) and event.run_id == run_id:
                return event.token
    raise AssertionError


async def test_a_conversation_goes_on_from_run_to_run() -> None:
    async with running() as here:
        await publish(here, REMEMBER)
        assert (await said(here, "a", "one")).outputs == {"heard": ["a"]}
        assert (await said(here, "b", "one")).outputs == {"heard": ["a", "b"]}
        assert (await said(here, "x", "two")).outputs == {"heard": ["x"]}
        assert (await said(here, "y", "")).outputs == {"heard": ["y"]}
        assert (await said(here, "c", "one")).outputs == {"heard": ["a", "b", "c"]}


async def test_what_a_waiting_run_wrote_is_seen_and_the_newest_value_counts() -> None:
    ask = {"id": "ask", "type": "human_review", "config": {"message": "Well?"}}
    slow = {**REMEMBER, "id": "slow", "nodes": [REMEMBER["nodes"][0], ask, REMEMBER["nodes"][1]]}
    async with running() as here:
        await publish(here, REMEMBER)
        await publish(here, slow)
        run_id = await here.runs.start(
            RunRequest(workflow_id="slow", inputs={"said": "first"}, conversation_id="c")
        )
        token = await waiting(here, run_id)
        assert (await said(here, "second", "c")).outputs == {"heard": ["first", "second"]}
        await here.runs.answer(AnswerRequest(token=token, action="approved"))
        ended = await here.runs.wait(run_id, 20)
        assert ended is not None
        assert ended.outputs == {"heard": ["first"]}
        assert (await said(here, "third", "c")).outputs == {"heard": ["first", "second", "third"]}


async def test_runs_side_by_side_lose_no_change() -> None:
    """Each assigns before and after the other, one ends first, and a third begins meanwhile."""
    again = {**REMEMBER["nodes"][0], "id": "again"}
    ask = {"id": "ask", "type": "human_review", "config": {"message": "Well?"}}
    slow = {**REMEMBER, "id": "slow", "nodes": [REMEMBER["nodes"][0], ask, again]}
    async with running() as here:
        await publish(here, REMEMBER)
        await publish(here, slow)
        waits = []
        for name in ("a", "b"):
            request = RunRequest(workflow_id="slow", inputs={"said": name}, conversation_id="c")
            run_id = await here.runs.start(request)
            waits.append((run_id, await waiting(here, run_id)))
        assert (await said(here, "c", "c")).outputs == {"heard": ["a", "b", "c"]}
        for run_id, token in reversed(waits):
            await here.runs.answer(AnswerRequest(token=token, action="approved"))
            assert await here.runs.wait(run_id, 20) is not None
        assert (await said(here, "d", "c")).outputs == {"heard": ["a", "b", "c", "b", "a", "d"]}


async def test_runs_that_are_asked_for_at_once_all_begin_and_count_once() -> None:
    async with running() as here:
        await publish(here, REMEMBER)
        texts = sorted(f"{n:02}" for n in range(24))
        views = await asyncio.gather(*(said(here, text, "c") for text in texts))
        assert [view.status for view in views] == ["succeeded"] * 24
        # Clients that lost the answer ask again with their key.
        keyed = RunRequest(
            workflow_id="remember",
            inputs={"said": "keyed"},
            conversation_id="c",
            idempotency_key="k",
        )
        run_id = await here.runs.start(keyed)
        assert await here.runs.wait(run_id, 20) is not None
        heard = (await said(here, "last", "c")).outputs["heard"]
        assert sorted(heard) == sorted([*texts, "keyed", "last"])
        assert await here.runs.start(keyed) == run_id
        assert (await said(here, "z", "c")).outputs == {"heard": [*heard, "z"]}
        assert await here.bus.dead.read() == []


async def test_the_environment_is_recorded_when_a_run_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNFOLD_VAR_region", "us")
    document = {
        "id": "where",
        "environment": {"region": "eu", "currency": "EUR"},
        "inputs": {},
        "nodes": [
            {"id": "far", "type": "template", "config": {"template": "{{env.region}}"}},
            {
                "id": "end",
                "type": "end",
                "config": {"outputs": {"far": "{{far.output}}", "near": "{{env.currency}}"}},
            },
        ],
    }
    async with running() as here:
        view, _ = await here.run(document)
        assert view.outputs == {"far": "us", "near": "EUR"}
        started = (await here.bus.events.read_run(view.run_id))[0].event
        assert started.environment == {"region": "us", "currency": "EUR"}
