"""Reading along on a bus: the run's messages into a `Source`, for as long as somebody reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from runfold.background import all_ended, end
from runfold.bus.ports.bus import Bus
from runfold.bus.viewer import RunViewer
from runfold.contracts.events import Recorded
from runfold.contracts.tasks import StreamSource, Task
from runfold.errors import RunfoldError
from runfold.executor.incoming import Source

AGAIN = 1.0
"""Seconds until a stream that broke off is read again."""

log = structlog.get_logger("executor")


@asynccontextmanager
async def following(bus: Bus, task: Task, begins: StreamSource) -> AsyncIterator[Source]:
    """The source of a task that reads along, from where that begins."""
    source = Source(task)
    reading = asyncio.create_task(_read(bus, task.run_id, source, begins.after))
    try:
        yield source
    finally:
        await end(reading)
        await all_ended(reading)


async def _read(bus: Bus, run_id: str, source: Source, after_event: int) -> None:
    after_chunk = 0
    viewer = RunViewer(bus)
    while True:
        try:
            async for message in viewer.follow(
                run_id, after_event=after_event, after_chunk=after_chunk
            ):
                if isinstance(message, Recorded):
                    after_event = message.seq
                else:
                    after_chunk = message.seq
                source.feed(message)
                if source.ended:
                    return
        except RunfoldError as error:
            log.warning("reading along broke off", run_id=run_id, reason=str(error))
            await asyncio.sleep(AGAIN)
        else:
            source.give_up()
            return
