"""Executors that carry out a run's first tasks and hold the rest until they are told to go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.ports.queues import TaskFeed, TaskLease


class Holding:
    """Which tasks go on to the executors.

    Args:
        lets_through: How many of a run's tasks are carried out at first.
    """

    def __init__(self, lets_through: Callable[[str], int]) -> None:
        self._lets_through = lets_through
        self._taken: dict[str, int] = {}
        self._held: list[tuple[asyncio.Queue[TaskLease | None], TaskLease]] = []
        self._runs: set[str] = set()
        self._news = asyncio.Event()
        self._released = asyncio.Event()

    async def until_held(self, runs: dict[str, str], within: float) -> None:
        """Wait until none of these runs, by name, can go on before `release`."""
        try:
            async with asyncio.timeout(within):
                while not set(runs.values()) <= self._runs:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            late = [name for name, run_id in runs.items() if run_id not in self._runs]
            message = f"not held within {within:g} s: {', '.join(late)}"
            raise AssertionError(message) from None

    async def until_released(self, run_id: str) -> None:
        """Hold something of a run that is no task."""
        self._hold(run_id)
        await self._released.wait()

    def came(self, lease: TaskLease, onward: asyncio.Queue[TaskLease | None]) -> None:
        """Let a task through, or hold it."""
        run_id = lease.task.run_id
        taken = self._taken[run_id] = self._taken.get(run_id, 0) + 1
        if not self._released.is_set() and taken > self._lets_through(run_id):
            self._held.append((onward, lease))
            self._hold(run_id)
        else:
            onward.put_nowait(lease)

    def release(self) -> None:
        """Let everything through from now on."""
        self._released.set()
        for onward, lease in self._held:
            onward.put_nowait(lease)
        self._held.clear()

    def _hold(self, run_id: str) -> None:
        self._runs.add(run_id)
        self._news.set()


class HoldingBus:
    """A bus whose task queues go by way of a `Holding`."""

    def __init__(self, bus: JetStreamBus, holding: Holding) -> None:
        self._bus = bus
        self._holding = holding

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    @property
    def tasks(self) -> HoldingBus:
        return self

    def consume(self, group: str, *, slots: int) -> TaskFeed:
        return _HoldingFeed(self._bus.tasks.consume(group, slots=slots), self._holding)


class _HoldingFeed:
    def __init__(self, feed: TaskFeed, holding: Holding) -> None:
        self._feed = feed
        self._holding = holding
        self._onward: asyncio.Queue[TaskLease | None] = asyncio.Queue()

    @property
    def ack_wait(self) -> float:
        return self._feed.ack_wait

    async def __aiter__(self) -> AsyncIterator[TaskLease]:
        pumping = asyncio.create_task(self._pump())
        while (lease := await self._onward.get()) is not None:
            yield lease
        await pumping

    def done(self) -> None:
        self._feed.done()

    async def stop(self) -> None:
        await self._feed.stop()

    async def _pump(self) -> None:
        async for lease in self._feed:
            self._holding.came(lease, self._onward)
        self._onward.put_nowait(None)
