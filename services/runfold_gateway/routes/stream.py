"""A run as server-sent events: its log, its chunks, and its answers' text, live and resumable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter
from litestar.response import Stream
from litestar.status_codes import HTTP_204_NO_CONTENT

from runfold.engine.state.runs import UNENDED
from runfold_gateway.backend import backend_of
from runfold_gateway.broadcast import Broadcasts, Watching
from runfold_gateway.connection import Connection, chunked_connection
from runfold_gateway.documents.stream import StreamEvent
from runfold_gateway.frames import Place, place_in
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import Success, declare
from runfold_gateway.http.head import is_head

HEARTBEAT = b": still here\n\n"
RETRY = b"retry: 1000\n\n"
EVENTS = "text/event-stream"
LINES = "application/x-ndjson"
RESUMES = "The `id` of the last event that was received: what came after it is sent."
BEGUN_WITHIN = 1.0
"""Seconds that a run which is only queued is given to begin or to be refused, which is an error."""
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
"""No cache keeps it, no proxy collects or compresses it."""


@get(
    "/runs/{run_id:str}/stream",
    operation_id="streamRun",
    opt=declare(
        Success(
            200,
            StreamEvent,
            media=(EVENTS, LINES),
            description="The events as they happen; the schema is of the data of one of them",
        ),
        Success(HTTP_204_NO_CONTENT, None, description="The client has seen the end"),
        problems=(409,),
    ),
    tags=["runs"],
)
async def stream_run(
    request: Req,
    run_id: str,
    last_event_id: Annotated[str, Parameter(header="Last-Event-ID", description=RESUMES)] = "",
    resume: Annotated[
        str,
        Parameter(query="last_event_id", description="The same, where no header can be sent."),
    ] = "",
) -> Response[Any]:
    """Follow a run to its end as `text/event-stream`, or as JSON lines when those are accepted.

    204 for a client that comes back and has seen the end.
    """
    backend = backend_of(request)
    view = await backend.run(run_id)
    if view is None:
        await backend.begun(run_id, BEGUN_WITHIN)
    after = place_in(last_event_id or resume)
    if is_head(request.scope):
        return Response(None, media_type=EVENTS, headers=HEADERS)
    ended = view is not None and view.status not in UNENDED
    if ended and after != Place() and await backend.broadcasts.is_over(run_id, after):
        # It has seen the end, and an EventSource comes back until it is told so.
        return Response(None, status_code=HTTP_204_NO_CONTENT, headers=HEADERS)
    as_lines = LINES in request.headers.get("accept", "")
    connection = chunked_connection(request.scope)
    silence = backend.settings.sse_heartbeat

    async def body() -> AsyncIterator[bytes]:
        watching = backend.broadcasts.join(run_id, after, as_lines=as_lines)
        try:
            async for piece in _pieces(watching, connection, silence):
                yield piece
        finally:
            _leave(backend.broadcasts, watching, connection)

    media_type = LINES if as_lines else EVENTS
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
