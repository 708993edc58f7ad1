"""The scheduler as a service: its parts, started and drained together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from runfold.background import all_ended, end, until
from runfold.bus.ports.bus import Bus
from runfold.contracts.subjects import REQUESTS, TIMERS
from runfold.settings import Settings
from runfold_scheduler.ownership.ownership import Ownership
from runfold_scheduler.ownership.partitions import parse_partitions
from runfold_scheduler.requests.intake import Intake
from runfold_scheduler.requests.suspects import Suspects
from runfold_scheduler.subjects.keeper import Subjects
from runfold_scheduler.time.crons import Crons
from runfold_scheduler.time.timers import Alarms


class Scheduler:
    """Owns the runs of its partitions, and carries out clients' requests."""

    name = "scheduler"

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        member_id: str = "",
    ) -> None:
        partitions = parse_partitions(settings.partitions)
        self._ownership = Ownership(bus, partitions, clock, member_id)
        self._intake = Intake(bus, self._suspects(bus, REQUESTS))
        self._crons = Crons(bus)
        self._subjects = Subjects(bus, lambda consumer: self._suspects(bus, consumer))
        self._alarms = Alarms(bus, self._suspects(bus, TIMERS))
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    def _suspects(self, bus: Bus, stream: str) -> Suspects:
        members = self._ownership.membership
        return Suspects(bus.checkpoints, stream, members.id, members.is_alive)

    async def start(self) -> None:
        """Take what is ours of the log, then take requests."""
        owning = asyncio.create_task(self._ownership.own())
        self._tasks.append(owning)
        await until(self._ownership.settled, owning)
        self._tasks.append(asyncio.create_task(self._intake.take()))
        self._tasks.append(asyncio.create_task(self._crons.keep()))
        self._tasks.append(asyncio.create_task(self._alarms.carry()))
        self._tasks.append(asyncio.create_task(self._subjects.keep()))

    async def wait(self) -> None:
        """Return after `drain`; raise what a part failed with."""
        await all_ended(*self._tasks)

    async def drain(self) -> None:
        """Take no more requests, stop following, and let what was sent arrive."""
        await self._intake.stop()
        await self._alarms.stop()
        await end(*self._tasks)
        await self._subjects.stop()
        await self._ownership.release_all()

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        if not self._ownership.membership.holds_lease:
            return "no lease"
        if not self._ownership.caught_up:
            return "catching up with the log"
        return None
