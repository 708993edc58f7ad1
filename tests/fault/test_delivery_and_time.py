"""Rows 10, 17 and 18: everything twice and out of order, wrong clocks, ten thousand timers."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts import events as e
from runfold.contracts.subjects import TIMERS
from runfold.settings import Settings
from runfold_scheduler.requests.suspects import Suspects
from runfold_scheduler.time.timers import Alarms
from tests.integration.test_run_control import request
from tests.support.stack import CORE, running

DIAMOND: dict[str, Any] = {
    "id": "diamond",
    "nodes": [
        {"id": "a", "type": "noop", "config": {"output": 1}},
        {"id": "b", "type": "template", "config": {"template": "{{a.output}}b"}},
        {"id": "c", "type": "template", "config": {"template": "{{a.output}}c"}},
        {"id": "d", "type": "template", "config": {"template": "{{b.output}}{{c.output}}"}},
        {
            "id": "each",
            "type": "loop",
            "config": {
                "items": [1, 2, 3, 4],
                "concurrency": 2,
                "nodes": [{"id": "say", "type": "template", "config": {"template": "{{item}}!"}}],
            },
        },
        {
            "id": "end",
            "type": "end",
            "config": {"outputs": {"d": "{{d.output}}", "e": "{{each.output}}"}},
        },
    ],
    "edges": [
        {"source": "a", "target": "b"},
        {"source": "a", "target": "c"},
        {"source": "b", "target": "d"},
        {"source": "c", "target": "d"},
        {"source": "a", "target": "each"},
        {"source": "d", "target": "end"},
        {"source": "each", "target": "end"},
    ],
}


async def test_every_message_is_stored_twice_the_second_time_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each event, task and chunk once more under another id, behind what came after it."""
    send = Publisher.send
    again: set[asyncio.Task[None]] = set()

    def doubled(self: Publisher, subject: str, body: bytes, **fields: Any) -> Any:
        sent = send(self, subject, body, **fields)
        if fields.get("msg_id") and not fields.get("expect_new"):

            async def once_more() -> None:
                await sent
                await asyncio.sleep(0.003 * (len(again) % 5))
                await send(self, subject, body, msg_id=f"{fields['msg_id']}~twice")

            task = asyncio.ensure_future(once_more())
            again.add(task)
            task.add_done_callback(again.discard)
        return sent

    async with running() as stack:
        plain, _ = await stack.run(DIAMOND)
        monkeypatch.setattr(Publisher, "send", doubled)
        monkeypatch.setattr(Publisher, "send_unanswered", doubled)
        view, _ = await stack.run(DIAMOND)
        while again:
            await asyncio.wait(set(again))
        records = await stack.bus.events.read_run(view.run_id)
        folded = await stack.runs.get(view.run_id)
    assert folded == view
    assert view.outputs == plain.outputs == {"d": "1b1c", "e": ["1!", "2!", "3!", "4!"]}
    assert [(n.address, n.status, n.outputs) for n in view.nodes] == [
        (n.address, n.status, n.outputs) for n in plain.nodes
    ]
    ids = [record.event.id for record in records]
    assert len(ids) > 1.9 * len(set(ids))


@pytest.mark.parametrize("skew", [-180.0, 180.0])
async def test_a_scheduler_whose_clock_is_minutes_off_wakes_runs_on_time(
    monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + skew)
    wait = {"id": "w", "nodes": [{"id": "wait", "type": "wait", "config": {"duration": 1}}]}
    async with running(CORE) as stack:
        run_id = await stack.runs.start(request(wait))
        view = await stack.runs.wait(run_id, 20)
        assert view is not None
        assert view.status == "succeeded"
        records = await stack.bus.events.read_run(run_id)
    due = next(r.event.due for r in records if isinstance(r.event, e.NodeRunWaiting))
    fired = next(r for r in records if isinstance(r.event, e.TimerFired))
    assert due is not None
    assert fired.time >= due
    assert fired.time - records[0].time < abs(skew) / 2


@pytest.mark.slow
async def test_ten_thousand_timers_due_at_once_all_fire(tmp_path: Path) -> None:
    count = 10_000
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        due = time.time() + 12.0
        fired = [
            e.TimerFired(
                id=f"r{i}:t", run_id=f"r{i}", workflow_id="w", node_id="n", timer="wait", due=due
            )
            for i in range(count)
        ]
        alarms = Alarms(bus, Suspects(bus.checkpoints, TIMERS, "me", lambda _: True))
        carrying = asyncio.create_task(alarms.carry())
        await asyncio.gather(*(bus.events.schedule(event, due) for event in fired))
        assert time.time() < due, "the schedules took too long to be stored for this to mean much"
        came: dict[str, float] = {}
        async with asyncio.timeout(30):
            async for batch in bus.events.follow():
                for record in batch:
                    assert isinstance(record, e.Recorded)
                    came[record.event.run_id] = record.time
                if len(came) == count:
                    break
        await alarms.stop()
        await carrying
        await bus.close()
    assert min(came.values()) >= due
    print(f"last of {count} timers {max(came.values()) - due:.3f} s after it was due")
