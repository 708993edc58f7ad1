"""The scheduler as a service: its parts, started and drained together."""

from __future__ import annotations

import asyncio

from runfold.bus.ports import Bus
from runfold.settings import Settings
from runfold_scheduler.checkpoint import Checkpoint
from runfold_scheduler.commands import Commands
from runfold_scheduler.intake import Intake
from runfold_scheduler.owner import Owner
from runfold_scheduler.partitions import parse_partitions

CHECKPOINT_EVERY = 5.0
"""Seconds between checkpoints."""


def build(bus: Bus, settings: Settings) -> Scheduler:
    """The scheduler service on a bus."""
    return Scheduler(bus, settings)


class Scheduler:
    """Owns the runs of its partitions, and carries out clients' requests."""

    name = "scheduler"

    def __init__(self, bus: Bus, settings: Settings) -> None:
        partitions = parse_partitions(settings.partitions)
        self._owner = Owner(bus, partitions)
        self._intake = Intake(bus, Commands(bus))
        self._checkpoint = Checkpoint(bus.checkpoints, partitions)
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Catch up with the log, then take requests."""
        after = await self._checkpoint.read()
        after = min(after, await self._bus.events.last_seq())
        following = asyncio.create_task(self._owner.follow(after))
        self._tasks.append(following)
        caught_up = asyncio.create_task(self._owner.caught_up.wait())
        await asyncio.wait((following, caught_up), return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            caught_up.cancel()
            following.result()
        self._tasks.append(asyncio.create_task(self._intake.take()))
        self._tasks.append(asyncio.create_task(self._keep_checkpoint()))

    async def wait(self) -> None:
        """Return after `drain`; raise what a part failed with."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def drain(self) -> None:
        """Take no more requests, stop following, and let what was sent arrive."""
        await self._intake.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._owner.flush()
        await self._checkpoint.write(self._owner.safe_start())

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        if not self._owner.caught_up.is_set():
            return "catching up with the log"
        return None

    async def _keep_checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            await self._checkpoint.write(self._owner.safe_start())
