"""Streams from node to node and on to viewers, over real executors and the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from runfold.contracts.events import NodeRunStarted, NodeRunSucceeded, Recorded, RecordedChunk
from runfold.executor import incoming
from tests.integration.test_gateway_api import events_of
from tests.support.openai_server import OpenAIServer
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-llm", "projection", "gateway")
RETRY = {"max_attempts": 2, "delay": 0}


def llm(node_id: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "llm", "config": {"prompt": prompt}, **more}


def cleaned(**more: Any) -> list[dict[str, Any]]:
    """A model, a filter behind it, and an answer that tells what comes out."""
    config = {"input": "{{write.output}}", "replace": {"darn(ed)?": "d***"}, "window": 6}
    return [
        llm("write", "letter", **more),
        {"id": "clean", "type": "text_filter", "config": config},
        {"id": "tell", "type": "answer", "config": {"answer": "<{{clean.output}}>"}},
    ]


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def stack(model: OpenAIServer) -> AsyncIterator[Stack]:
    async with running(SERVICES, model_url=model.base_url) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def begun(api: httpx.AsyncClient, **document: Any) -> str:
    created = await api.post("/workflows", json={"id": "flow", "inputs": {}, **document})
    assert created.status_code == 201, created.text
    return str((await api.post("/workflows/flow/run", json={})).json()["run_id"])


def by_stream(frames: list[tuple]) -> tuple[list[tuple], list[tuple]]:
    """What came of the log, and pieces of text: each has an order, and both together none."""
    told = [(kind, data) for kind, _, data in frames]
    texts = [one for one in told if one[0] in ("stream_chunk", "answer_chunk")]
    return [one for one in told if one not in texts], texts


def pieces(frames: list[tuple], kind: str = "text") -> list[dict[str, Any]]:
    return [
        data
        for event, _, data in frames
        if event == "answer_chunk" and data.get("kind", "text") == kind
    ]


def text(found: list[dict[str, Any]]) -> str:
    assert not any(piece.get("replace") for piece in found)
    return "".join(piece["text"] for piece in found)


async def test_a_filter_says_what_it_reads_before_its_source_has_ended(
    api: httpx.AsyncClient, model: OpenAIServer, stack: Stack
) -> None:
    gate = asyncio.Event()
    model.reply(["That da", "rn", "ed cat ", "is back", "."], gate=gate, gate_after=4)
    run_id = await begun(api, nodes=cleaned())
    said: dict[int, str] = {}  # by sequence: what is stored while we begin to watch comes twice

    def heard(message: Any) -> None:
        if isinstance(message, RecordedChunk) and message.chunk.node_id == "clean":
            said[message.seq] = message.chunk.text
            if "".join(said[seq] for seq in sorted(said)).startswith("That d*** cat"):
                gate.set()

    stop = await stack.bus.live.watch(run_id, heard)
    for stored in await stack.bus.chunks.read(run_id):
        heard(stored)
    async with asyncio.timeout(15):
        await gate.wait()  # the model goes on only because the filter has spoken
    await stop()
    frames = await events_of(api, run_id)
    assert text(pieces(frames)) == "<That d*** cat is back.>"
    assert [data["node_id"] for event, _, data in frames if event == "node_run_succeeded"] == [
        "write",
        "clean",
        "tell",
    ]
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["outputs"] == {"answer": "<That d*** cat is back.>"}
    assert run["node_results"]["clean"]["output"] == "That d*** cat is back."
    for cut in range(len(frames) - 1):
        again = await events_of(api, run_id, after=frames[cut][1])
        assert by_stream(again) == by_stream(frames[cut + 1 :])


async def test_a_source_that_is_tried_again_is_read_again(
    model: OpenAIServer, stack: Stack
) -> None:
    model.reply(["A darn", "ed half "], fault="cut", times=1)
    model.reply(["A darn ", "whole"])
    view, told = await stack.run({"id": "flow", "nodes": cleaned(retry=RETRY)})
    assert (view.status, view.outputs) == ("succeeded", {"answer": "<A d*** whole>"})
    attempts = {
        (message.event.node_id, message.event.attempt)
        for message in told
        if isinstance(message, Recorded) and isinstance(message.event, NodeRunSucceeded)
    }
    assert attempts == {("write", 2), ("clean", 2), ("tell", 1)}


async def test_what_a_failed_source_is_replaced_by_is_filtered_as_a_whole(
    model: OpenAIServer, stack: Stack
) -> None:
    model.reply(["A darned half "], fault="cut")
    instead = {"strategy": "default_value", "value": "darn it"}
    view, _ = await stack.run({"id": "flow", "nodes": cleaned(on_error=instead)})
    assert view.status == "partial_succeeded"
    assert view.outputs == {"answer": "<d*** it>"}


async def test_a_failed_source_leaves_nothing_of_what_was_read(
    model: OpenAIServer, stack: Stack
) -> None:
    model.reply(["A darned half "], fault="cut")
    view, told = await stack.run({"id": "flow", "nodes": cleaned()})
    assert view.status == "failed"
    succeeded = [one for one in told if isinstance(getattr(one, "event", None), NodeRunSucceeded)]
    assert succeeded == []


async def test_who_hears_nothing_for_long_makes_room_and_comes_back(
    model: OpenAIServer, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "PATIENCE", 0.2)
    gate = asyncio.Event()
    model.reply(["Well, darn"], gate=gate, gate_after=0)
    taken: set[str] = set()

    async def waits() -> None:
        async for batch in stack.bus.events.follow():
            for record in batch:
                event = getattr(record, "event", None)
                if isinstance(event, NodeRunStarted) and event.node_id == "clean":
                    taken.add(event.id)
                    if len(taken) == 2:
                        gate.set()
                        return

    waiting = asyncio.create_task(waits())
    view, _ = await stack.run({"id": "flow", "nodes": cleaned()})
    await waiting
    assert view.outputs == {"answer": "<Well, d***>"}


async def test_thoughts_are_told_apart_and_first(
    api: httpx.AsyncClient, model: OpenAIServer
) -> None:
    model.reply(["so ", "be it"], reasoning=["to be", " or not"])
    end = {"id": "end", "type": "end", "config": {"output": "He said: {{write.output}}."}}
    run_id = await begun(api, nodes=[llm("write", "x"), end])
    frames = await events_of(api, run_id)
    assert text(pieces(frames)) == "He said: so be it."
    assert text(pieces(frames, "reasoning")) == "to be or not"
    said = [data for event, _, data in frames if event == "answer_chunk"]
    assert [piece["index"] for piece in said] == list(range(len(said)))
    kinds = [piece.get("kind", "text") for piece in said if piece["text"] != "He said: "]
    assert kinds == sorted(kinds), "reasoning, then text"
    run = (await api.get(f"/runs/{run_id}")).json()
    assert run["outputs"] == {"output": "He said: so be it."}


async def test_answers_inside_composites_reach_viewers_item_by_item(
    api: httpx.AsyncClient, model: OpenAIServer
) -> None:
    gate = asyncio.Event()
    model.reply(["first ", "slowly"], when="one", gate=gate, gate_after=1)
    quick = model.reply(["second"], when="two")
    body = [
        llm("write", "{{item}}"),
        {"id": "say", "type": "answer", "config": {"answer": "{{index}}: {{write.output}}; "}},
    ]
    each = {"items": ["one", "two"], "concurrency": 2, "nodes": body}
    run_id = await begun(
        api,
        nodes=[
            {"id": "each", "type": "iteration", "config": each},
            {"id": "bye", "type": "answer", "config": {"answer": "bye"}},
        ],
    )
    following = asyncio.ensure_future(events_of(api, run_id))
    await quick.reached.wait()
    gate.set()
    frames = await following
    found = pieces(frames)
    assert text(found) == "0: first slowly; 1: second; bye"
    scopes = [piece.get("scope", "") for piece in found]
    assert list(dict.fromkeys(scopes)) == ["each[0]", "each[1]", ""]
    for cut in range(0, len(frames) - 1, 3):
        again = await events_of(api, run_id, after=frames[cut][1])
        assert by_stream(again) == by_stream(frames[cut + 1 :])
