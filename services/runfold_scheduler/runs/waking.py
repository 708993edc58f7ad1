"""Making actors again for runs that slept: from the log, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.engine.history.fold import Folder
from runfold.errors import ArchiveCorrupt, BusUnavailable, RunfoldError

log = structlog.get_logger("scheduler")

AT_ONCE = 32
"""Runs read from the log at a time."""
TRIES = 600
AGAIN = 0.05
"""Seconds until a copy of the log that was behind is read again."""


class Unusable(NamedTuple):
    """A run that cannot be folded by this scheduler."""

    workflow_id: str
    reason: str


class Waking:
    """Folds runs from the log.

    Args:
        bus: The log, and the archive.
        runs: Loads them.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._runs = runs
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def folded(self, wanted: Mapping[str, int]) -> dict[str, Folder | Unusable | None]:
        """Runs as the log has them; None for one it does not have.

        Args:
            wanted: Run → a sequence of its log that must be in what is read: a copy of the log may
                be behind.
        """
        found = await asyncio.gather(*(self._one(run, seq) for run, seq in wanted.items()))
        return dict(zip(wanted, found, strict=True))

    async def archived(self, run_ids: Sequence[str]) -> list[str]:
        """Those of some runs that the archive has."""
        found = await asyncio.gather(*(self._is_archived(run_id) for run_id in run_ids))
        return [run_id for run_id, is_archived in zip(run_ids, found, strict=True) if is_archived]

    async def _is_archived(self, run_id: str) -> bool:
        async with self._gate:
            while True:
                try:
                    return await self._bus.archive.find(run_id) is not None
                except BusUnavailable as error:
                    log.warning("archive cannot be read yet", run_id=run_id, reason=str(error))
                await asyncio.sleep(AGAIN)

    async def _one(self, run_id: str, at_least: int) -> Folder | Unusable | None:
        async with self._gate:
            for _ in range(TRIES):
                try:
                    found = await self._loaded(run_id)
                except BusUnavailable as error:
                    log.warning("run cannot be read yet", run_id=run_id, reason=str(error))
                else:
                    if not isinstance(found, Folder):
                        return found
                    # A run in the archive is over; what came later does not count.
                    if found.state.ended or found.read_seq >= at_least:
                        return found
                await asyncio.sleep(AGAIN)
        message = f"run {run_id!r} cannot be read up to sequence {at_least}"
        raise BusUnavailable(message)

    async def _loaded(self, run_id: str) -> Folder | Unusable | None:
        try:
            return await self._runs.find(run_id)
        except BusUnavailable:
            raise
        except ArchiveCorrupt as error:
            # What is in the archive is over; the partition's other runs go on.
            log.warning("archived run cannot be read", run_id=run_id, reason=str(error))
            return None
        except Exception as error:  # noqa: BLE001 -- a log may hold anything: other runs go on
            return await self._unusable(run_id, error)

    async def _unusable(self, run_id: str, error: Exception) -> Unusable | None:
        try:
            first = await self._bus.events.first_event(run_id)
        except BusUnavailable:
            raise
        except RunfoldError as failed:
            # Such as an id that no run can have, in a checkpoint that another program wrote.
            log.warning("run cannot be looked up", run_id=run_id, reason=str(failed))
            return None
        if first is None:
            return None
        return Unusable(first.event.workflow_id, f"{type(error).__name__}: {error}")
