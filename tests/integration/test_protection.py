"""Protections over a real server, shared by several executors with a connection of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.contracts.events import NodeRunFailed, NodeRunStarted, NodeRunSucceeded, Recorded
from runfold.contracts.protection import Breaker, Cache, Protection, RateLimit
from runfold.contracts.tasks import Task
from runfold.executor.protection import limits
from runfold.executor.protection.board import Boards
from runfold.executor.protection.clock import LogClock
from runfold.settings import Settings
from tests.support.executor_runs import GROUP, ended, last_of, probe, served, working

CLOSE = 1e-4


@asynccontextmanager
async def replicas(count: int, settings: Settings) -> AsyncIterator[list[JetStreamBus]]:
    """Executors of the probes, each with its own connection."""
    async with AsyncExitStack() as stack:
        buses = []
        for _ in range(count):
            bus = await connect(settings)
            stack.push_async_callback(bus.close)
            buses.append(bus)
        for bus in buses:
            await stack.enter_async_context(working(bus, settings))
        yield buses


def guarded(number: int, protection: Protection, **config: Any) -> Task:
    """A task of the same node in a run of its own."""
    task = probe("n", run_id=f"run-{number}", **config)
    return msgspec.structs.replace(task, protection=protection)


def started(log: list[Recorded]) -> list[float]:
    return sorted(one.time for one in log if isinstance(one.event, NodeRunStarted))


async def test_four_replicas_together_keep_a_shared_rate(tmp_path: Path) -> None:
    limit = RateLimit(500, burst=10)
    async with served(tmp_path) as (_, settings), AsyncExitStack() as stack:
        turns: list[float] = []

        async def replica() -> None:
            bus = await connect(settings)
            stack.push_async_callback(bus.close)
            clock = LogClock(bus.events.now)
            board = Boards(bus.protection, clock).on("limit.x", limits.empty(limit))

            async def caller() -> None:
                for _ in range(20):
                    turn: limits.Turn = await board.change(
                        lambda state, now: limits.take_turn(limit, state, now, 60)
                    )
                    turns.append(turn.at)
                    # Each asks again when it has had its turn, as a node's next attempt does.
                    await asyncio.sleep(max(0.0, turn.at - await clock.now()))

            await asyncio.gather(*(caller() for _ in range(16)))

        await asyncio.gather(*(replica() for _ in range(4)))

    turns.sort()
    assert len(turns) == 4 * 16 * 20
    for first in range(len(turns)):
        for last in range(first, len(turns)):
            assert last - first + 1 <= 10 + (turns[last] - turns[first]) * 500 + 1 + CLOSE


async def test_four_executors_begin_no_more_than_the_rate_allows(tmp_path: Path) -> None:
    protection = Protection(rate_limit=RateLimit(40, burst=4))
    async with served(tmp_path, max_deliver=1) as (bus, settings), replicas(4, settings):
        tasks = [guarded(number, protection, value=number) for number in range(150)]
        await asyncio.gather(*(bus.tasks.push(GROUP, task) for task in tasks))
        log = await ended(bus, 150)

    # Long waits were given back, and none of them was taken for poison.
    assert all(isinstance(one.event, NodeRunStarted | NodeRunSucceeded) for one in log)
    times = started(log)
    assert len(times) == 150
    assert len(times) <= (4 + (times[-1] - times[0]) * 40) * 1.05 + 1


async def test_a_limit_that_may_not_wait_fails_with_when_to_try_again(tmp_path: Path) -> None:
    protection = Protection(rate_limit=RateLimit(1, per=60, wait=0))
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, guarded(1, protection))
        await ended(bus)
        await bus.tasks.push(GROUP, guarded(2, protection))
        failed = await last_of(bus, 2)

    assert isinstance(failed, NodeRunFailed)
    assert (failed.error.code, failed.error.kind) == ("rate_limit.exceeded", "rate_limit")
    assert failed.error.retryable
    assert failed.error.retry_after is not None
    assert 50 < failed.error.retry_after <= 60


async def test_callers_with_other_keys_have_other_limits(tmp_path: Path) -> None:
    protection = Protection(rate_limit=RateLimit(1, per=60, wait=0, key="{{user}}"))
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        for number, user in enumerate(("ann", "bob", "ann")):
            task = guarded(number, protection)
            await bus.tasks.push(GROUP, msgspec.structs.replace(task, inputs={"user": user}))
            await ended(bus, number + 1)
        log = await ended(bus, 3)

    failed = [one.event.run_id for one in log if isinstance(one.event, NodeRunFailed)]
    assert failed == ["run-2"]


async def test_a_breaker_opens_for_all_replicas_and_closes_again(tmp_path: Path) -> None:
    policy = Breaker(failures=3, open_for=1.0)
    async with served(tmp_path) as (bus, settings), replicas(3, settings):
        for number in range(3):
            task = guarded(number, Protection(breaker=policy), do="fail", value="down")
            await bus.tasks.push(GROUP, task)
            await ended(bus, number + 1)
        for number in range(3, 9):
            await bus.tasks.push(GROUP, guarded(number, Protection(breaker=policy), value=1))
        refused = (await ended(bus, 9))[-1].event
        with_fallback = Protection(breaker=msgspec.structs.replace(policy, fallback={"rates": []}))
        await bus.tasks.push(GROUP, guarded(9, with_fallback, value=1))
        fallen_back = await last_of(bus, 10)

        assert isinstance(refused, NodeRunFailed)
        assert (refused.error.code, refused.error.retryable) == ("breaker.open", True)
        assert refused.error.retry_after is not None
        assert isinstance(fallen_back, NodeRunSucceeded)
        assert fallen_back.served_by == "fallback"
        assert fallen_back.outputs == {
            "rates": [],
            "output": {"rates": []},
            "fallback": True,
        }
        # Tried again when it says so, the other side answers, and all are let through.
        number, settled = 10, 10
        while True:
            await bus.tasks.push(GROUP, guarded(number, Protection(breaker=policy), value=1))
            settled += 1
            came = await last_of(bus, settled)
            if isinstance(came, NodeRunSucceeded):
                break
            number += 1
            await asyncio.sleep(came.error.retry_after)
        for _ in range(5):
            number += 1
            settled += 1
            await bus.tasks.push(GROUP, guarded(number, Protection(breaker=policy), value=1))
        log = await ended(bus, settled)
    assert all(isinstance(one.event, NodeRunSucceeded | NodeRunStarted) for one in log[-10:])


async def test_an_input_error_says_nothing_about_the_other_side(tmp_path: Path) -> None:
    protection = Protection(breaker=Breaker(failures=1))
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, guarded(1, protection, nonsense=1))
        assert isinstance(await last_of(bus), NodeRunFailed)
        await bus.tasks.push(GROUP, guarded(2, protection, value=1))
        assert isinstance(await last_of(bus, 2), NodeRunSucceeded)


async def test_a_cached_result_serves_all_replicas(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    protection = Protection(cache=Cache(60))
    async with served(tmp_path, claim_threshold=1000) as (bus, settings), replicas(2, settings):
        for number in range(6):
            await bus.tasks.push(GROUP, guarded(number, protection, do="big", times=5000))
            await ended(bus, number + 1)
        await bus.tasks.push(GROUP, guarded(6, protection, value=str(mark)))
        log = await ended(bus, 7)

    done = [one.event for one in log if isinstance(one.event, NodeRunSucceeded)]
    assert [event.served_by for event in done] == ["", *["cache"] * 5, ""]
    assert len({str(event.outputs) for event in done[:6]}) == 1
    assert done[6].outputs["output"] == str(mark)


async def test_the_same_idempotency_key_is_executed_once(tmp_path: Path) -> None:
    protection = Protection(idempotency_key="{{order}}")

    def order(number: int, which: str, **config: Any) -> Task:
        return msgspec.structs.replace(
            guarded(number, protection, **config), inputs={"order": which}
        )

    async with served(tmp_path) as (bus, settings), replicas(3, settings):
        await bus.tasks.push(GROUP, order(0, "a", do="fail", value="no"))
        assert isinstance(await last_of(bus), NodeRunFailed)
        tasks = [order(number, "a", do="sleep", value=1.4) for number in range(1, 7)]
        await asyncio.gather(*(bus.tasks.push(GROUP, task) for task in tasks))
        await bus.tasks.push(GROUP, order(7, "b", value="other"))
        log = await ended(bus, 8)

    done = [one.event for one in log if isinstance(one.event, NodeRunSucceeded)]
    served_by = sorted(event.served_by for event in done)
    assert served_by == ["", "", *["idempotency"] * 5]
    of_a = [event.outputs for event in done if event.run_id != "run-7"]
    assert all(outputs == of_a[0] for outputs in of_a)


async def test_no_more_attempts_at_a_time_than_there_are_slots(tmp_path: Path) -> None:
    protection = Protection(concurrency=3)
    async with served(tmp_path, max_deliver=1) as (bus, settings), replicas(4, settings):
        tasks = [guarded(number, protection, do="sleep", value=0.25) for number in range(24)]
        await asyncio.gather(*(bus.tasks.push(GROUP, task) for task in tasks))
        log = await ended(bus, 24)

    assert all(isinstance(one.event, NodeRunStarted | NodeRunSucceeded) for one in log)
    inside = most = 0
    for one in log:
        inside += 1 if isinstance(one.event, NodeRunStarted) else -1
        most = max(most, inside)
    assert most == 3


async def test_a_timeout_counts_from_when_the_attempt_begins(tmp_path: Path) -> None:
    # The second and third wait for longer than their timeout, and are given back meanwhile.
    protection = Protection(rate_limit=RateLimit(1, per=1.5))
    async with served(tmp_path, max_deliver=1) as (bus, settings), working(bus, settings):
        for number in range(3):
            await bus.tasks.push(GROUP, guarded(number, protection, value=1, timeout=0.5))
        log = await ended(bus, 3)

    assert all(isinstance(one.event, NodeRunStarted | NodeRunSucceeded) for one in log)
