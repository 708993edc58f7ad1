"""Server-sent events of a run for clients of Dify, with pings while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import structlog

from runfold.background import end
from runfold.errors import BusUnavailable, RunfoldError
from runfold_gateway.backend import Backend
from runfold_gateway.dify_api.telling import PING, RunTold

log = structlog.get_logger("gateway")


async def streamed(backend: Backend, told: RunTold) -> AsyncIterator[bytes]:
    """The frames of a run to its end. What keeps us from telling more is told, and ends it."""
    try:
        async with (
            aclosing(_frames(backend, told)) as frames,
            aclosing(_with_pings(backend, frames)) as pieces,
        ):
            async for piece in pieces:
                yield piece
    except RunfoldError as error:
        log.warning("run not told to its end", run_id=told.run_id, reason=error.message)
        yield told.error(error)


async def _frames(backend: Backend, told: RunTold) -> AsyncGenerator[bytes, None]:
    async for message in backend.viewer.follow(told.run_id):
        if frames := told.feed(message):
            yield b"".join(frames)


async def _with_pings(
    backend: Backend, frames: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    while True:
        coming = asyncio.ensure_future(anext(frames, b""))
        try:
            while not coming.done():
                if await backend.stops(coming, within=backend.settings.sse_heartbeat):
                    message = "the gateway stops; the run goes on: ask for its events again"
                    raise BusUnavailable(message, code="gateway.stopping")
                if not coming.done():
                    yield PING
        finally:
            await end(coming)
        if not (frame := coming.result()):
            return
        yield frame
