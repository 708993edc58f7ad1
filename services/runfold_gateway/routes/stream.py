"""A run as server-sent events: its log, its chunks, and its answers' text, live and resumable.

An id names a place in both streams, `e<event sequence>-c<chunk sequence>`, and with `-a<n>` the nth
piece of an answer that follows from it, so that a client that comes back with `Last-Event-ID`
misses nothing and gets nothing twice.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter
from litestar.response import Stream

from runfold.bus.ports import LiveMessage
from runfold.contracts.codec import encode
from runfold.contracts.events import TERMINAL_RUN_EVENTS, Recorded, event_type
from runfold.engine.answers import AnswerStream
from runfold.engine.fold import Folder, Plans
from runfold.errors import InvalidRequest, RunfoldError
from runfold_gateway.backend import Backend
from runfold_gateway.routes.workflows import Req, backend_of

_ID = re.compile(r"e(\d+)-c(\d+)(?:-a(\d+))?")
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
    after = _position(last_event_id or resume)
    if "application/x-ndjson" in request.headers.get("accept", ""):
        lines = _Lines(backend, run_id, after, as_lines=True)
        return Stream(lines.frames(), media_type="application/x-ndjson", headers=HEADERS)
    frames = _Lines(backend, run_id, after, as_lines=False)
    return Stream(frames.frames(), media_type="text/event-stream", headers=HEADERS)


def _position(text: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, 0
    found = _ID.fullmatch(text.strip())
    if found is None:
        message = f"Last-Event-ID {text!r} is none of ours: e<number>-c<number>[-a<number>]"
        raise InvalidRequest(message, code="stream.position")
    return int(found[1]), int(found[2]), int(found[3] or 0)


class _Lines:
    """What one client is sent.

    The run is followed from its beginning even for a client that comes back, because what its
    answers say next depends on all that came before; only what is new to the client is sent.
    """

    def __init__(
        self, backend: Backend, run_id: str, after: tuple[int, int, int], *, as_lines: bool
    ) -> None:
        self._backend = backend
        self._run_id = run_id
        self._after = after
        self._at = [0, 0]
        self._as_lines = as_lines
        self._plans = Plans()
        self._answers: AnswerStream | None = None

    async def frames(self) -> AsyncIterator[bytes]:
        """The body of the answer."""
        if not self._as_lines:
            yield RETRY
        following = self._backend.viewer.follow(self._run_id).__aiter__()
        upcoming: asyncio.Future[LiveMessage] | None = None
        try:
            while True:
                upcoming = upcoming or asyncio.ensure_future(anext(following))
                done, _ = await asyncio.wait(
                    (upcoming,), timeout=self._backend.settings.sse_heartbeat
                )
                if not done:
                    yield b"\n" if self._as_lines else HEARTBEAT
                    continue
                try:
                    message = upcoming.result()
                except StopAsyncIteration:
                    return
                except RunfoldError as error:
                    yield self._frame("error", "", encode(error.failure()))
                    return
                upcoming = None
                yield self._all_of(message)
        finally:
            if upcoming is not None:
                upcoming.cancel()
                await asyncio.gather(upcoming, return_exceptions=True)
            await following.aclose()  # type: ignore[attr-defined]  # an async generator

    def _all_of(self, message: LiveMessage) -> bytes:
        """The frames for one message: itself, the answers it makes ready, and the end."""
        is_event = isinstance(message, Recorded)
        body = message.event if isinstance(message, Recorded) else message.chunk
        self._at[0 if is_event else 1] = message.seq
        known = self._after[0 if is_event else 1] >= message.seq
        place = f"e{self._at[0]}-c{self._at[1]}"
        frames = b""
        if not known:
            data = encode({"seq": message.seq, "time": message.time, **_fields(body)})
            frames = self._frame(event_type(body), place, data)
        deltas = self._deltas(message)
        is_last_known = known and tuple(self._at) == self._after[:2]
        begin = 0 if not known else self._after[2] if is_last_known else len(deltas)
        for number in range(begin, len(deltas)):
            data = encode({"type": "answer_chunk", **msgspec.to_builtins(deltas[number])})
            frames += self._frame("answer_chunk", f"{place}-a{number + 1}", data)
        if isinstance(body, TERMINAL_RUN_EVENTS):
            status = event_type(body).removeprefix("run_")
            data = encode({"type": "end", "run_id": self._run_id, "status": status})
            frames += self._frame("end", place, data)
        return frames

    def _deltas(self, message: LiveMessage) -> list[Any]:
        if self._answers is not None:
            return list(self._answers.feed(message))
        if isinstance(message, Recorded):
            folder, _ = Folder.begin(message, self._plans)
            self._answers = AnswerStream(folder)
        return []

    def _frame(self, event: str, place: str, data: bytes) -> bytes:
        if self._as_lines:
            return data + b"\n"
        id_line = f"id: {place}\n" if place else ""
        return f"event: {event}\n{id_line}data: ".encode() + data + b"\n\n"


def _fields(body: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(encode(body))
    return fields


ROUTES = (stream_run,)
