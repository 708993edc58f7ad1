"""The archiver as a service: one walk through the log, and looks for what is left over."""

from __future__ import annotations

import asyncio

from runfold.background import all_ended, end
from runfold.bus.ports.bus import Bus
from runfold.settings import Settings
from runfold_archiver.leftovers import Leftovers
from runfold_archiver.walk import Walk


class Archiver:
    """Moves runs that ended long enough ago to the archive, and removes bytes nothing needs."""

    name = "archiver"

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._walk = Walk(bus, settings.retention)
        self._leftovers = Leftovers(bus, settings.file_expiry)
        self._working: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Go on where the last one was."""
        await self._walk.begin()
        self._working = [
            asyncio.create_task(self._walk.go()),
            asyncio.create_task(self._leftovers.go()),
        ]

    async def wait(self) -> None:
        """Return after `drain`; raise what the walk failed with."""
        if self._working:
            await all_ended(*self._working)

    async def drain(self) -> None:
        """Stop, and remember where we are."""
        if self._working:
            await end(*self._working)
            if self._bus.connected:
                await self._walk.note()

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        return None
