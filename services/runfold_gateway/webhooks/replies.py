"""What a run says to the request that began it: the first of its `webhook_reply` nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec
from litestar import Response
from litestar.response import Stream

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.files import unknown_file
from runfold.bus.viewer import RunViewer, TooSlow
from runfold.contracts.events import NodeRunSucceeded, RecordedChunk, RunStarted
from runfold.contracts.json_writer import write_json
from runfold.engine.history.fold import Plans
from runfold.engine.state.scopes import planned_at
from runfold.graph.checks.webhooks import REPLY
from runfold.ids import address_of
from runfold.values.files import is_file, read_file

SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'"}
"""What an author's text may do at the gateway's origin: nothing."""
_EMPTY = 204
_BODILESS = frozenset((204, 205, 304))
"""Statuses whose answers have no body, as HTTP says."""


class Reply(msgspec.Struct, frozen=True):
    """What a node of a run answers."""

    status: int = 200
    headers: dict[str, str] = {}
    body: Any = None


async def first_reply(viewer: RunViewer, plans: Plans, run_id: str) -> Reply | None:
    """The first reply of a run; None when it ends without one."""
    plan, event, chunk = None, 0, 0
    while True:
        try:
            async for message in viewer.follow(run_id, after_event=event, after_chunk=chunk):
                if isinstance(message, RecordedChunk):
                    chunk = message.seq
                    continue
                event = message.seq
                match message.event:
                    case RunStarted() as begun:
                        plan = plans.of(bytes(begun.definition))
                    case NodeRunSucceeded() as done if plan is not None:
                        planned = planned_at(plan, address_of(done.scope, done.node_id))
                        if planned is not None and planned.type == REPLY:
                            return msgspec.convert(done.outputs, Reply)
                    case _:
                        pass
        except TooSlow:
            continue  # from the last place on
        return None


async def response_of(reply: Reply, bus: Bus) -> Response[Any]:
    """A reply as it is sent.

    Raises:
        NotFound: `file.not_found`.
    """
    body = None if reply.status in _BODILESS else reply.body
    headers = {**SANDBOX, **reply.headers}
    said = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    if "charset" in said.lower():
        headers["content-type"] = said  # the framework would add another
    if is_file(body):
        file = read_file(body)
        stored = await bus.files.find(file.sha256)
        if stored is None:
            raise unknown_file(file.sha256)
        pieces = bus.files.read(file.sha256)
        first = await anext(pieces, b"")  # what is not there is a problem, not a cut body
        headers["Content-Length"] = str(
            stored.size
        )  # a workflow may have made the value, and be wrong

        async def whole() -> AsyncIterator[bytes]:
            async with aclosing(pieces):
                yield first
                async for piece in pieces:
                    yield piece

        return Stream(
            whole(), status_code=reply.status, media_type=said or file.media_type, headers=headers
        )
    media_type = said or ("text/plain" if isinstance(body, str) else "")
    if body is None:
        status = _EMPTY if reply.status == 200 else reply.status  # noqa: PLR2004 -- HTTP's own
        return Response(None, status_code=status, media_type=said or "text/plain", headers=headers)
    content = body.encode() if isinstance(body, str) else write_json(body)
    return Response(
        content,
        status_code=reply.status,
        media_type=media_type or "application/json",
        headers=headers,
    )
