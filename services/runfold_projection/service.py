"""The projection as a service: following the log, writing in batches, answering queries."""

from __future__ import annotations

import asyncio

from runfold.background import all_ended, end, until
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Undeliverable
from runfold.bus.run_log import RunLog
from runfold.contracts.events import Recorded
from runfold.failpoints import failpoint
from runfold.settings import Settings
from runfold_projection.conversations import ConversationModel
from runfold_projection.folding import Folding
from runfold_projection.queries import Queries
from runfold_projection.reader import Reader
from runfold_projection.rebuilding import Progress, Rebuilding
from runfold_projection.store import ReadModel

DATABASE = "projection.sqlite"
LOOK_EVERY = 60.0
"""Seconds until the archive is looked at again for what left the log unseen."""


class Projection:
    """Folds the log into the read model; replicas each hold a copy of their own."""

    name = "projection"

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._model = ReadModel(settings.data_dir / DATABASE)
        self._reader = Reader(settings.data_dir / DATABASE)
        self._folding = Folding(RunLog(bus), self._model)
        self._rebuilding = Rebuilding(bus.archive, self._model, self._folding)
        self._conversations = ConversationModel(bus, settings.data_dir / DATABASE)
        self._caught_up = asyncio.Event()
        self._turn = asyncio.Lock()
        """Rows come from the log or the archive, and are written in the order they were read."""
        self._following: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self.queries = Queries(self._reader, self._conversations).handlers

    async def start(self) -> None:
        """Return once it has caught up with the log: from then on its answers are right."""
        await self._model.open()
        await self._reader.open()
        self._following = asyncio.create_task(self._follow())
        await until(self._caught_up, self._following)
        self._hearing = asyncio.create_task(self._conversations.follow())
        await until(self._conversations.caught_up, self._hearing)
        self._looking = asyncio.create_task(self._look())

    async def wait(self) -> None:
        """Return after `drain`; raise what following the log failed with."""
        await all_ended(*self._tasks)

    async def drain(self) -> None:
        """Stop after the batch that is being written."""
        await end(*self._tasks)
        if self._writing is not None:
            await asyncio.wait((self._writing,))
        await self._reader.close()
        await self._model.close()

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        if not self._caught_up.is_set():
            return "catching up with the log"
        return None

    @property
    def _tasks(self) -> list[asyncio.Task[None]]:
        tasks = (self._following, self._looking, self._hearing)
        return [task for task in tasks if task is not None]

    async def _look(self) -> None:
        """Fold what left the log unseen when nothing comes after it that would show the gap."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            async with self._turn:
                await self._rebuilding.catch_up()

    async def _follow(self) -> None:
        log, newest = await self._bus.log_made(), await self._bus.events.last_seq()
        begun = position = await self._model.position(log, newest)
        await self._rebuilding.catch_up()
        progress = Progress("log")
        async for batch in self._bus.events.follow(after=position):
            if not batch:
                # What left the log before it was read here is in the archive by now.
                async with self._turn:
                    await self._rebuilding.catch_up()
                if progress.done:
                    progress.tell("rebuilt")
                self._caught_up.set()
                continue
            has_gap = batch[-1].seq - position != len(batch)
            async with self._turn:
                if has_gap and self._caught_up.is_set():
                    # We were cut off so long that runs were archived and removed meanwhile.
                    await self._rebuilding.catch_up()
                await self._fold(batch)
            position = batch[-1].seq
            if not self._caught_up.is_set():
                progress.add(len(batch), newest - begun)

    async def _fold(self, batch: list[Recorded | Undeliverable]) -> None:
        rows = await self._folding.fold(batch)
        failpoint("projection.folded")
        # A task of its own: `drain` waits for it.
        self._writing = asyncio.create_task(self._model.write(batch[-1].seq, rows))
        await asyncio.shield(self._writing)
        failpoint("projection.written")
