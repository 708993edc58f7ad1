"""Removing bytes that nothing needs any more: files and payloads of runs that are gone.

An object goes when it is old and nothing names it, twice in a row: what names it may be on its way
from one stream to another. It goes only as it was seen, so one that is stored again or touched
meanwhile stays, however many archivers look. What is broken off is finished by the next look.
"""

from __future__ import annotations

import asyncio

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.leftovers import Stale
from runfold.errors import RunfoldError

log = structlog.get_logger("archiver")

LOOKS = 4
"""Looks within the time for which bytes are kept that nothing names."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 6 * 3600.0
"""Seconds between looks."""


class Leftovers:
    """Looks for leftovers, again and again.

    Args:
        bus: The streams and stores.
        expiry: Seconds for which bytes are kept that nothing names.
    """

    def __init__(self, bus: Bus, expiry: float) -> None:
        self._bus = bus
        self._expiry = expiry
        self._archived: dict[str, int] = {}
        """Digest → sequence of the newest record in the archive that names it."""
        self._read_to = 0
        """Sequence in the archive up to which records were looked at."""
        self._unnamed: set[Stale] = set()
        """What nothing named at the last look."""

    async def go(self) -> None:
        """Look, for ever."""
        pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, self._expiry / LOOKS))
        while True:
            try:
                await self.look()
            except RunfoldError as error:
                log.warning("leftovers not looked for", reason=str(error))
            except Exception:
                # The walk through the log must not end by this; what is wrong is wrong next time.
                log.exception("leftovers not looked for")
            await asyncio.sleep(pause)

    async def look(self) -> int:
        """Remove what nothing named at this look and the one before; returns how many objects.

        Raises:
            BusUnavailable: The broker is away.
        """
        leftovers = self._bus.leftovers
        before = await self._bus.events.now() - self._expiry
        removed = await leftovers.finish(before)
        stale = await leftovers.stale(before)
        unnamed = await self._named_by_nothing(stale) if stale else set[Stale]()
        for one in sorted(unnamed & self._unnamed, key=lambda one: one.digest):
            if await leftovers.drop(one):
                removed += 1
        self._unnamed = unnamed
        if removed:
            log.info("bytes removed that nothing names", objects=removed)
        return removed

    async def _named_by_nothing(self, stale: list[Stale]) -> set[Stale]:
        begins = await self._bus.leftovers.archive_begins()
        digests = frozenset(
            one.digest for one in stale if self._archived.get(one.digest, -1) < begins
        )
        if digests:
            digests -= await self._bus.leftovers.named(digests)
            # After the log: a run that was moved meanwhile is in the archive by now.
            await self._read_archive(begins)
            digests -= self._archived.keys()
        return {one for one in stale if one.digest in digests}

    async def _read_archive(self, begins: int) -> None:
        """Note what further records name, and forget what only records named that are gone."""
        async for naming in self._bus.leftovers.archived(after=self._read_to):
            self._read_to = naming.seq
            for digest in naming.digests:
                self._archived[digest] = naming.seq
        for digest in [name for name, seq in self._archived.items() if seq < begins]:
            del self._archived[digest]
