"""Time that passes while nobody is there: sleeping runs, far timers, take-over of both."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from runfold.service.shell import run_services
from runfold.settings import Settings
from runfold_scheduler.outbox import outbox
from runfold_scheduler.runs import owner
from tests.integration.test_run_control import request
from tests.support.stack import CORE, Stack

SLEEPERS = {
    "id": "sleepers",
    "nodes": [
        {"id": "wait", "type": "wait", "config": {"duration": 1.5}},
        {"id": "after", "type": "noop", "config": {"output": "woke"}},
    ],
}
ASKED = {
    "id": "asked",
    "nodes": [
        {"id": "review", "type": "human", "config": {"message": "ok?"}},
        {"id": "after", "type": "noop", "config": {"output": "{{review.action}}"}},
    ],
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything over a tenth of a second is far away, and runs sleep soon."""
    monkeypatch.setattr(outbox, "NEAR", 0.1)
    monkeypatch.setattr(owner, "IDLE", 0.1)
    monkeypatch.setattr(owner, "LOOK_AFTER", 0.05)


def awake(services: Any) -> int:
    owners = services["scheduler"]._ownership._owners
    return sum(len(one.actors) for one in owners)


async def asleep(services: Any) -> None:
    async with asyncio.timeout(10):
        while awake(services):  # noqa: ASYNC110 -- nothing tells of a run that falls asleep
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("impatient")
async def test_runs_that_wait_are_asleep_and_wake_when_it_is_time(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        runs = RunClient(bus)
        async with run_services(bus, settings, CORE) as services:
            started = [await runs.start(request(SLEEPERS)) for _ in range(5)]
            asked = await runs.start(request(ASKED))
            stack = Stack(bus, settings, services)
            waiting = [await _waiting(stack, run_id) for run_id in (*started, asked)]
            await asleep(services)
            views = [await runs.wait(run_id, 15) for run_id in started]
            assert [view.outputs for view in views if view] == [{"output": "woke"}] * 5
            for run_id, event in zip(started, waiting, strict=False):
                fired = await _fired(stack, run_id)
                assert fired.time >= (event.due or 0)
            await asleep(services)
            await runs.answer(AnswerRequest(token=waiting[-1].token, action="approved"))
            view = await runs.wait(asked, 15)
        assert view is not None
        assert view.outputs == {"output": "approved"}
        await bus.close()


@pytest.mark.usefixtures("impatient")
async def test_a_timer_fires_although_everything_was_restarted(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        runs = RunClient(bus)
        async with run_services(bus, settings, CORE) as services:
            run_id = await runs.start(request(SLEEPERS))
            await _waiting(Stack(bus, settings, services), run_id)
            await asleep(services)
        await bus.close()
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        async with run_services(bus, settings, CORE):
            view = await RunClient(bus).wait(run_id, 15)
        assert view is not None
        assert view.outputs == {"output": "woke"}
        records = await bus.events.read_run(run_id)
        assert [r.event.timer for r in records if isinstance(r.event, e.TimerFired)] == ["wait"]
        await bus.close()


async def test_a_run_asleep_can_be_cancelled_after_its_checkpoint_was_wiped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "IDLE", 0.0)
    monkeypatch.setattr(owner, "LOOK_AFTER", 0.05)
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        runs = RunClient(bus)
        async with run_services(bus, settings, CORE) as services:
            run_id = await runs.start(request(ASKED))
            await _waiting(Stack(bus, settings, services), run_id)
            await asleep(services)
        await bus.checkpoints.delete("scheduler")
        async with run_services(bus, settings, CORE):
            await runs.cancel(run_id)
            view = await runs.wait(run_id, 15)
        assert view is not None
        assert view.status == "cancelled"
        await bus.close()


async def _waiting(stack: Stack, run_id: str) -> e.NodeRunWaiting:
    from tests.integration.test_run_control import until

    found = await until(stack, run_id, e.NodeRunWaiting)
    assert isinstance(found, e.NodeRunWaiting)
    return found


async def _fired(stack: Stack, run_id: str) -> e.Recorded:
    records = await stack.bus.events.read_run(run_id)
    assert records[0].time <= time.time()
    return next(record for record in records if isinstance(record.event, e.TimerFired))
