"""Making actors again for runs that slept: from the log, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from runfold.bus.ports import Bus
from runfold.engine.fold import Folder, Plans
from runfold.errors import BusUnavailable

log = structlog.get_logger("scheduler")

AT_ONCE = 32
"""Runs read from the log at a time."""
TRIES = 600
AGAIN = 0.05
"""Seconds until a copy of the log that was behind is read again."""


class Waking:
    """Folds runs from the log.

    Args:
        bus: The log.
        plans: Compiled plans, shared with whoever goes on with the run.
    """

    def __init__(self, bus: Bus, plans: Plans) -> None:
        self._bus = bus
        self._plans = plans
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def folded(self, wanted: Mapping[str, int]) -> dict[str, Folder | None]:
        """Runs as the log has them; None for one it does not have.

        Args:
            wanted: Run → a sequence of its log that must be in what is read: a copy of the log may
                be behind.
        """
        found = await asyncio.gather(*(self._one(run, seq) for run, seq in wanted.items()))
        return dict(zip(wanted, found, strict=True))

    async def _one(self, run_id: str, at_least: int) -> Folder | None:
        async with self._gate:
            for _ in range(TRIES):
                try:
                    folder = Folder.fold(await self._bus.events.read_run(run_id), self._plans)
                except BusUnavailable as error:
                    log.warning("run cannot be read yet", run_id=run_id, reason=str(error))
                else:
                    if folder is None or folder.read_seq >= at_least:
                        return folder
                await asyncio.sleep(AGAIN)
        message = f"run {run_id!r} cannot be read up to sequence {at_least}"
        raise BusUnavailable(message)
