"""A run as server-sent events: its log, its chunks, and its answers' text, live and resumable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from litestar import get
from litestar.params import Parameter
from litestar.response import Stream

from runfold_gateway.broadcast import Broadcasts, Watching
from runfold_gateway.connection import Connection, chunked_connection
from runfold_gateway.frames import place_in
from runfold_gateway.routes.workflows import Req, backend_of

HEARTBEAT = b": still here\n\n"
RETRY = b"retry: 1000\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/runs/{run_id:str}/stream", operation_id="streamRun", tags=["runs"])
async def stream_run(
    request: Req,
    run_id: str,
    last_event_id: Annotated[str, Parameter(header="Last-Event-ID")] = "",
    resume: Annotated[str, Parameter(query="last_event_id")] = "",
) -> Stream:
    """Follow a run to its end as `text/event-stream`, or as JSON lines when those are accepted."""
    backend = backend_of(request)
    await backend.run(run_id)
    after = place_in(last_event_id or resume)
    as_lines = "application/x-ndjson" in request.headers.get("accept", "")
    connection = chunked_connection(request.scope)
    silence = backend.settings.sse_heartbeat

    async def body() -> AsyncIterator[bytes]:
        watching = backend.broadcasts.join(run_id, after, as_lines=as_lines)
        try:
            async for piece in _pieces(watching, connection, silence):
                yield piece
        finally:
            _leave(backend.broadcasts, watching, connection)

    media_type = "application/x-ndjson" if as_lines else "text/event-stream"
    return Stream(body(), media_type=media_type, headers=HEADERS)


async def _pieces(
    watching: Watching, connection: Connection | None, silence: float
) -> AsyncIterator[bytes]:
    """What is not written to the connection by the broadcast itself."""
    if not watching.as_lines:
        yield RETRY
    write = None
    if connection is not None:
        connection.on_stop = watching.wake
        write = connection.write_chunk
    while True:
        if piece := watching.take():
            yield piece
        elif watching.ended or (connection is not None and connection.lost):
            return
        elif connection is not None and not connection.writable:
            # The server waits with it until the connection can be written to.
            yield b""
        elif not await watching.more(silence, write):
            yield b"\n" if watching.as_lines else HEARTBEAT


def _leave(broadcasts: Broadcasts, watching: Watching, connection: Connection | None) -> None:
    if connection is not None:
        connection.on_stop = None
    broadcasts.leave(watching)


ROUTES = (stream_run,)
