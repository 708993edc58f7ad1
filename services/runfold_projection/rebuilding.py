"""What the log no longer has, from the archive: for a new read model, or one that was away long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from runfold.bus.ports.logs import Archive
from runfold.errors import BusUnavailable
from runfold_projection.folding import Folding
from runfold_projection.store import ReadModel, RunRows

log = structlog.get_logger("projection")

BATCH = 100
"""Records written together."""
TOLD_EVERY = 5.0
"""Seconds between words about how far we are."""
AGAIN = 0.5
"""Seconds until the archive is asked again."""


class Progress:
    """Says how far a rebuild is, now and then.

    Args:
        source: What it reads.
        clock: Seconds.
    """

    def __init__(self, source: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._begun = self._told = clock()
        self.done = 0

    def add(self, count: int, of: int) -> None:
        """So many more are done, of so many in all."""
        self.done += count
        if self._clock() - self._told >= TOLD_EVERY:
            self.tell("rebuilding", of=of)

    def tell(self, what: str, **more: int) -> None:
        """Say it now."""
        self._told = self._clock()
        rate = self.done / max(self._told - self._begun, 1e-6)
        log.info(what, source=self._source, done=self.done, rate=round(rate, 1), **more)


class Rebuilding:
    """Folds the archive's records into the read model, each once.

    Args:
        archive: Where runs are that left the log.
        model: Holds how far we are.
        folding: Makes rows of records.
    """

    def __init__(self, archive: Archive, model: ReadModel, folding: Folding) -> None:
        self._archive = archive
        self._model = model
        self._folding = folding

    async def catch_up(self) -> None:
        """Fold the records that were stored since the last time, however often NATS goes away."""
        while True:
            try:
                await self._fold_new()
            except BusUnavailable as error:
                log.warning("archive cannot be read", reason=str(error))
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _fold_new(self) -> None:
        after = await self._model.archive_position()
        newest = (await self._archive.extent()).last_seq
        if newest <= after:
            return
        progress = Progress("archive")
        rows: list[RunRows] = []
        count, missed = 0, 0
        async for record in self._archive.records(after=after):
            row = await self._folding.archived(record)
            if row is not None:
                rows.append(row)
                missed += 1
            after = record.seq
            count += 1
            progress.add(1, newest)
            if count % BATCH == 0:
                await asyncio.shield(self._model.write_archived(after, rows))
                rows = []
        if count:
            await asyncio.shield(self._model.write_archived(after, rows))
        if missed:
            progress.tell("rebuilt")
