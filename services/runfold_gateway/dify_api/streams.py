"""Server-sent events of a run for clients of Dify, with pings while nothing happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import structlog

from runfold.bus.viewer import TooSlow
from runfold.contracts.events import RecordedChunk
from runfold.errors import RunfoldError
from runfold_gateway.backend import Backend
from runfold_gateway.dify_api.telling import PING, RunTold

log = structlog.get_logger("gateway")


async def streamed(backend: Backend, told: RunTold) -> AsyncIterator[bytes]:
    """The frames of a run to its end. What keeps us from telling more is told, and ends it."""
    frames = told_frames(backend, told)
    silence = backend.settings.sse_heartbeat
    try:
        async with aclosing(backend.watched(told.run_id, frames, silence=silence)) as pieces:
            async for piece in pieces:
                yield PING if piece is None else piece
    except RunfoldError as error:
        log.warning("run not told to its end", run_id=told.run_id, reason=error.message)
        yield told.error(error)


async def to_the_end(backend: Backend, told: RunTold) -> RunTold:
    """Tell a run of which only the end is wanted."""
    async with aclosing(told_frames(backend, told)) as frames:
        async for _ in frames:
            pass
    return told


async def told_frames(backend: Backend, told: RunTold) -> AsyncGenerator[bytes, None]:
    """The frames of a run as they come; who lags behind goes on from the last place."""
    event = chunk = 0
    while True:
        try:
            following = backend.viewer.follow(told.run_id, after_event=event, after_chunk=chunk)
            async for message in following:
                if isinstance(message, RecordedChunk):
                    chunk = message.seq
                else:
                    event = message.seq
                if frames := told.feed(message):
                    yield b"".join(frames)
        except TooSlow:
            continue  # from the last place on
        return
