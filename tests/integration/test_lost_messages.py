"""Messages that get lost between the server and a process that goes on: none stays lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client import follower as follower_module
from runfold.bus.jetstream.client import pull as pull_module
from runfold.bus.jetstream.client.connection import Message
from runfold.bus.jetstream.client.follower import Follower
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.settings import Settings

BURST = 5
PATIENCE = 20
"""Seconds after which what should come is taken for lost: far longer than it takes."""


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[JetStreamBus]:
    async with EmbeddedNats(tmp_path) as server:
        made = await connect(Settings(nats_url=server.url))
        yield made
        await made.close()


def fact(number: int) -> e.NodeRunSucceeded:
    return e.NodeRunSucceeded(id=f"r:{number}", run_id="r", workflow_id="w", node_id=f"n{number}")


def task(number: int) -> Task:
    return Task(run_id=f"r{number}", workflow_id="w", node_id="n", node_type="noop")


@pytest.mark.parametrize("lost", [1, 3, BURST], ids=["first", "inner", "last"])
async def test_what_is_lost_of_a_burst_is_followed_all_the_same(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    monkeypatch.setattr(follower_module, "HEARTBEAT", 0.1)
    arrive = Follower._on_message
    dropped: list[bytes] = []

    def drop_one(follower: Follower, msg: Message) -> None:
        if not dropped and f'"r:{lost}"'.encode() in msg.data:
            dropped.append(msg.data)
            return
        arrive(follower, msg)

    monkeypatch.setattr(Follower, "_on_message", drop_one)
    seen: list[str] = []
    async with asyncio.timeout(PATIENCE), aclosing(bus.events.follow()) as batches:  # type: ignore[type-var]
        assert await anext(batches) == []
        await asyncio.gather(*(bus.events.append(fact(number)) for number in range(1, BURST + 1)))
        while len(seen) < BURST:
            seen += [record.event.id for record in await anext(batches)]  # type: ignore[union-attr]
    assert seen == [f"r:{number}" for number in range(1, BURST + 1)]
    assert len(dropped) == 1


class Requests:
    """Counts the requests of pull consumers, and loses the first of them if it is to."""

    def __init__(self, bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
        self.sent = 0
        self._lost = lost
        self._publish = bus.nc.publish
        monkeypatch.setattr(bus.nc, "publish", self._counted)

    async def _counted(self, subject: str, *rest: Any, **more: Any) -> None:
        if ".CONSUMER.MSG.NEXT." in subject:
            self.sent += 1
            if self.sent <= self._lost:
                return
        await self._publish(subject, *rest, **more)


async def taken(bus: JetStreamBus, count: int) -> list[str]:
    """The runs of the next tasks."""
    feed = bus.tasks.consume("g", slots=4)
    found: list[str] = []
    async with asyncio.timeout(PATIENCE):
        async for lease in feed:
            found.append(lease.task.run_id)
            await lease.ack()
            feed.done()
            if len(found) == count:
                await feed.stop()
    return found


async def test_a_pull_request_that_was_lost_is_made_again(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_module, "BEAT", 0.1)
    monkeypatch.setattr(pull_module, "SILENT", 0.3)
    requests = Requests(bus, monkeypatch, lost=1)
    await bus.tasks.push("g", task(1))
    assert await taken(bus, 1) == ["r1"]
    assert requests.sent >= 2


async def test_a_pull_request_that_is_open_is_not_made_again(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_module, "BEAT", 0.1)
    looks = 0
    forget_lost = pull_module.PullFlow._forget_lost
    looked = asyncio.Event()

    def look(flow: pull_module.PullFlow) -> None:
        nonlocal looks
        looks += 1
        forget_lost(flow)
        if looks == 3:
            looked.set()

    monkeypatch.setattr(pull_module.PullFlow, "_forget_lost", look)
    requests = Requests(bus, monkeypatch, lost=0)
    taking = asyncio.create_task(taken(bus, 1))
    await asyncio.wait_for(looked.wait(), PATIENCE)
    assert requests.sent == 1
    await bus.tasks.push("g", task(1))
    assert await taking == ["r1"]
