"""What changes in the deployment as server-sent events, so that lists need not be polled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter
from litestar.response import Stream

from runfold.client.change_documents import KINDS, AnyChange
from runfold.client.changes import change_place
from runfold.client.run_filters import one_of
from runfold_gateway.backend import backend_of
from runfold_gateway.changes import ChangeViewer
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import Success, declare
from runfold_gateway.http.head import is_head
from runfold_gateway.routes.stream import EVENTS, HEADERS, LINES, RESUMES, RETRY


@get(
    "/changes",
    operation_id="streamChanges",
    opt=declare(
        Success(
            200,
            AnyChange,
            media=(EVENTS, LINES),
            description="The changes as they happen; the schema is of the data of one of them",
        ),
    ),
    tags=["operations"],
)
async def stream_changes(
    request: Req,
    types: Annotated[
        tuple[str, ...],
        Parameter(description=f"Of these kinds, else all; also with commas between: {KINDS}"),
    ] = (),
    last_event_id: Annotated[str, Parameter(header="Last-Event-ID", description=RESUMES)] = "",
    resume: Annotated[
        str,
        Parameter(query="last_event_id", description="The same, where no header can be sent."),
    ] = "",
) -> Response[Any]:
    """Follow what changes in runs, reviews, workflows and dead letters, from now on.

    As `text/event-stream`, or as JSON lines when those are accepted. `reset` says that what came
    after the given id is not held any more: read the lists anew.
    """
    backend = backend_of(request)
    wanted = one_of("types", types, KINDS)
    after = change_place(last_event_id or resume)
    if is_head(request.scope):
        return Response(None, media_type=EVENTS, headers=HEADERS)
    as_lines = LINES in request.headers.get("accept", "")
    changes, silence = backend.changes, backend.settings.sse_heartbeat
    reading = await changes.ready(after)

    async def body() -> AsyncIterator[bytes]:
        viewer = changes.join(reading, after, wanted, as_lines=as_lines)
        try:
            yield (b"" if as_lines else RETRY) + viewer.greeting()
            async for piece in _pieces(viewer, silence):
                yield piece
        finally:
            changes.leave(viewer)

    return Stream(body(), media_type=LINES if as_lines else EVENTS, headers=HEADERS)


async def _pieces(viewer: ChangeViewer, silence: float) -> AsyncIterator[bytes]:
    while True:
        if piece := viewer.take():
            yield piece
        elif viewer.ended:
            return
        else:
            try:
                async with asyncio.timeout(silence):
                    await viewer.wake.wait()
            except TimeoutError:
                yield viewer.silence()


ROUTES = (stream_changes,)
