"""Limits as the API shows them while executors really hold and wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.contracts.protection import Protection, RateLimit
from runfold.contracts.tasks import Task
from runfold.service.shell import run_services
from tests.support.executor_runs import GROUP, ended, probe, served, working

USER = "ann@example.org"
MARKS = "pay \u202e001$ <script>alert(1)</script> " + "k" * 100_000


class Here(NamedTuple):
    """A gateway, and executors of the probes that take seven tasks at a time."""

    bus: JetStreamBus
    api: httpx.AsyncClient

    async def push(self, number: int, node: str, protection: Protection, **config: Any) -> None:
        task: Task = probe(node, run_id=f"run-{node}-{number}", **config)
        task = msgspec.structs.replace(task, protection=protection, inputs={"user": USER})
        await self.bus.tasks.push(GROUP, task)

    async def shown(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """How everything stands, once something holds."""
        async with asyncio.timeout(20):
            while True:
                answer = await self.api.get("/api/operations")
                assert answer.status_code == 200, answer.text
                found: dict[str, Any] = answer.json()
                if holds(found):
                    return found
                await asyncio.sleep(0.05)  # nobody tells of it


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    given = {"gateway_port": 0, "data_dir": tmp_path, "group_limit": 7, "grace": 0.0}
    async with (
        served(tmp_path, **given) as (bus, settings),
        run_services(bus, settings, ("gateway",)) as services,
        working(bus, settings),
        httpx.AsyncClient(base_url=str(services["gateway"].url), timeout=20) as api,
    ):
        yield Here(bus, api)


async def test_attempts_at_a_time_and_tasks_of_a_group(here: Here) -> None:
    for number in range(4):
        await here.push(number, "slow", Protection(concurrency=2), do="hang")
    found = await here.shown(lambda one: bool(one["slots"]) and one["slots"][0]["waiting"] == 2)
    (slots,) = found["slots"]
    assert len(slots.pop("id")) == 40
    assert slots == {"workflow_id": "flow", "node": "slow", "limit": 2, "holding": 2, "waiting": 2}
    # Those in line are given back again and again, and wait all the while.
    written: asyncio.Queue[str] = asyncio.Queue()
    stop = await here.bus.protection.watch(lambda key, _value: written.put_nowait(key))
    for _ in range(8):
        async with asyncio.timeout(20):
            await written.get()
        again = await here.shown(lambda _: True)
        assert [(one["holding"], one["waiting"]) for one in again["slots"]] == [(2, 2)]
    await stop()
    (group,) = [one for one in found["groups"] if one["group"] == GROUP]
    assert (group["limit"], group["in_flight"]) == (7, 4)


async def test_turns_that_are_taken_and_turns_that_wait(here: Here) -> None:
    limit = RateLimit(2, per=1200, burst=1, key=f"of {{{{user}}}} {MARKS}")
    for number in range(3):
        await here.push(number, "call", Protection(rate_limit=limit))
    now = await here.bus.events.now()
    found = await here.shown(
        lambda one: bool(one["rate_limits"]) and one["rate_limits"][0]["next_at"] > now + 1700
    )
    await ended(here.bus)
    (turns,) = found["rate_limits"]
    assert len(turns.pop("id")) == 40
    ahead = turns.pop("next_at") - await here.bus.events.now()
    assert 1700 < ahead <= 1800
    assert turns == {
        "workflow_id": "flow",
        "node": "call",
        "key": f"of {{{{user}}}} {MARKS}"[:100],
        "algorithm": "token_bucket",
        "rate": 2.0,
        "per": 1200.0,
        "capacity": 1,
        "used": 1,
        "waiting": 2,
    }
    for value in (await here.bus.protection.entries()).values():
        assert USER.encode() not in value, "what a key came to is nobody's to read"
        assert len(value) < 1000


async def test_what_cannot_be_read_or_is_idle_is_left_out(here: Here) -> None:
    whole = b'{"workflow_id":"w","node":"n","rate":1.0,"per":1.0,"most":1}'
    for key, value in {
        "limit.damaged": b"{",
        "limit.nameless": b'{"due":9999999999.0}',
        "limit.odd": b'{"due":"soon","owner":%b}' % whole,
        "limit.idle": b'{"due":1.0,"owner":%b}' % whole,
        "limit.still": b'{"due":9999999999.0,"owner":%b}' % whole.replace(b"1.0", b"0.0"),
        "limit.deep": b"[" * 100_000,
        "slots.damaged": b"\xff",
        "slots.nameless": b'{"holding":{"a":9999999999.0}}',
        "slots.left": b'{"holding":{"a":1.0},"limit":1,"node":"n","workflow_id":"w"}',
    }.items():
        await here.bus.protection.put(key, value)
    found = await here.shown(lambda _: True)
    assert (found["slots"], found["rate_limits"], found["limits"]) == ([], [], [])


async def test_of_very_many_those_are_looked_at_that_were_used_last(here: Here) -> None:
    owner = b'{"workflow_id":"w","node":"n","rate":1.0,"per":1.0,"most":1,"key":"{{user}}"}'
    busy = b'{"due":9999999999.0,"owner":%b}' % owner
    idle = b'{"due":1.0,"owner":%b}' % owner
    await here.bus.protection.put("limit.first", busy)
    many = [f"limit.u{number}" for number in range(3_000)]
    await asyncio.gather(*(here.bus.protection.put(one, idle) for one in many))
    await here.bus.protection.put("limit.last", busy)
    found = await here.shown(lambda _: True)
    assert [one["id"] for one in found["rate_limits"]] == ["last"]
