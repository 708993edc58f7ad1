"""Row 5 for nodes that read along: whoever dies, what comes out is what the source came to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runfold.contracts import events as e
from tests.support.faults import Faulty, faulty
from tests.support.openai_server import OpenAIServer

SERVICES = {"scheduler": "scheduler", "llm": "executor-llm", "text": "executor-text"}
FLOW = {
    "id": "flow",
    "nodes": [
        {"id": "write", "type": "llm", "config": {"prompt": "letter"}},
        {
            "id": "clean",
            "type": "text_filter",
            "config": {"input": "{{write.output}}", "replace": {"darn": "d***"}, "window": 4},
        },
        {"id": "tell", "type": "answer", "config": {"answer": "{{clean.output}}"}},
    ],
}


@asynccontextmanager
async def writing(path: Path, model: OpenAIServer) -> AsyncIterator[Faulty]:
    settings = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "test"}
    async with faulty(path, SERVICES, **settings) as here:
        yield here


async def heard_of(here: Faulty, run_id: str, node_id: str) -> None:
    """Return once a node has said something."""
    news = asyncio.Event()
    stop = await here.bus.live.watch(run_id, lambda _: news.set())
    try:
        async with asyncio.timeout(20):
            while all(one.chunk.node_id != node_id for one in await here.bus.chunks.read(run_id)):
                await news.wait()
                news.clear()
    finally:
        await stop()


async def ended_well(here: Faulty, run_id: str, said: str) -> None:
    view = await here.ended(run_id)
    assert (view.status, view.outputs) == ("succeeded", {"answer": said}), view.error
    ended: list[Any] = [
        record.event
        for record in await here.bus.events.read_run(run_id)
        if isinstance(record.event, e.NodeRunSucceeded | e.NodeRunFailed)
    ]
    assert [(event.node_id, event.attempt) for event in ended] == [
        ("write", 1),
        ("clean", 1),
        ("tell", 1),
    ]


async def test_the_reading_executor_is_killed(tmp_path: Path) -> None:
    async with OpenAIServer() as model, writing(tmp_path, model) as here:
        gate = asyncio.Event()
        model.reply(["A darn ", "good cat", "."], gate=gate, gate_after=2)
        (run_id,) = await here.start(FLOW)
        await heard_of(here, run_id, "clean")
        await here.cluster.restart("text")
        gate.set()
        await ended_well(here, run_id, "A d*** good cat.")


async def test_the_writing_executor_is_killed(tmp_path: Path) -> None:
    async with OpenAIServer() as model, writing(tmp_path, model) as here:
        model.reply(["A darn ", "good ", "dog"], gate=asyncio.Event(), gate_after=3, times=1)
        model.reply(["A darn ", "bad ", "cat"])
        (run_id,) = await here.start(FLOW)
        await heard_of(here, run_id, "clean")
        await here.cluster.restart("llm")
        await ended_well(here, run_id, "A d*** bad cat")


async def test_the_scheduler_is_killed(tmp_path: Path) -> None:
    async with OpenAIServer() as model, writing(tmp_path, model) as here:
        gate = asyncio.Event()
        model.reply(["A darn ", "good cat", "."], gate=gate, gate_after=2)
        (run_id,) = await here.start(FLOW)
        await heard_of(here, run_id, "clean")
        await here.cluster.restart("scheduler")
        gate.set()
        await ended_well(here, run_id, "A d*** good cat.")


async def test_nats_is_killed(tmp_path: Path) -> None:
    async with OpenAIServer() as model, writing(tmp_path, model) as here:
        gate = asyncio.Event()
        model.reply(["A darn ", "good cat", "."], gate=gate, gate_after=2)
        (run_id,) = await here.start(FLOW)
        await heard_of(here, run_id, "clean")
        await here.cluster.kill_nats()
        gate.set()
        await here.cluster.nats.start()
        await ended_well(here, run_id, "A d*** good cat.")
