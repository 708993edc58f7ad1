"""Making actors again for runs that slept: from the log, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from runfold.bus.ports import Bus
from runfold.client.loading import load_run
from runfold.engine.fold import Folder, Plans
from runfold.errors import ArchiveCorrupt, BusUnavailable

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
                    folder = await load_run(self._bus, run_id, self._plans)
                except BusUnavailable as error:
                    log.warning("run cannot be read yet", run_id=run_id, reason=str(error))
                except ArchiveCorrupt as error:
                    # What is in the archive is over; the partition's other runs go on.
                    log.warning("archived run cannot be read", run_id=run_id, reason=str(error))
                    return None
                except (TypeError, ValueError, LookupError) as error:
                    log.warning("run cannot be folded", run_id=run_id, reason=str(error))
                    return None
                else:
                    # A run in the archive is over, whatever came after it was archived.
                    if folder is None or folder.state.ended or folder.read_seq >= at_least:
                        return folder
                await asyncio.sleep(AGAIN)
        message = f"run {run_id!r} cannot be read up to sequence {at_least}"
        raise BusUnavailable(message)
