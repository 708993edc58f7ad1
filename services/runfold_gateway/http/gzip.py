"""Answers compressed with gzip, for clients that take it.

A body that comes in pieces is compressed piece by piece, each sent at once. Streams of a run are
left alone: they say `no-transform`, since a viewer waits for every single line.
"""

from __future__ import annotations

import asyncio
import zlib

from runfold_gateway.http.asgi import App, Header, Message, Receive, Scope, Send

LEVEL = 5
SMALLEST = 1024
"""Bytes under which compression gains nothing."""
LARGE = 256 * 1024
"""Bytes from which on it is done beside the event loop."""
GZIP = 16 + zlib.MAX_WBITS


class Compressed:
    """ASGI middleware that compresses answers.

    Args:
        app: What answers.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(send, takes=_takes_gzip(scope["headers"])).send)


class _Answer:
    def __init__(self, send: Send, *, takes: bool) -> None:
        self._send = send
        self._takes = takes
        self._start: Message | None = None
        self._packer: zlib._Compress | None = None

    async def send(self, message: Message) -> None:
        """Send the next message, after its start was changed as its body needs it."""
        if message["type"] == "http.response.start":
            if _is_packable(message["headers"]):
                self._start = message
                return
        elif message["type"] == "http.response.body":
            await self._begin(len(message.get("body", b"")), more=message.get("more_body", False))
            if self._packer is not None:
                message = {**message, "body": await self._packed(message)}
        await self._send(message)

    async def _begin(self, size: int, *, more: bool) -> None:
        """Send the start, which says how the body comes."""
        start, self._start = self._start, None
        if start is None:
            return
        headers = [*start["headers"], (b"vary", b"Accept-Encoding")]
        if self._takes and (more or size >= SMALLEST):
            self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
            headers = [one for one in headers if one[0].lower() != b"content-length"]
            headers.append((b"content-encoding", b"gzip"))
        await self._send({**start, "headers": headers})

    async def _packed(self, message: Message) -> bytes:
        body: bytes = message.get("body", b"")
        more = bool(message.get("more_body", False))
        if len(body) >= LARGE:
            return await asyncio.to_thread(self._pack, body, more=more)
        return self._pack(body, more=more)

    def _pack(self, body: bytes, *, more: bool) -> bytes:
        packer = self._packer
        if packer is None:
            return body
        return packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)


def _is_packable(headers: list[Header]) -> bool:
    """Whether an answer may be compressed: not in a stream, and not when it is already."""
    found = {name.lower(): value for name, value in headers}
    if b"content-encoding" in found or b"no-transform" in found.get(b"cache-control", b""):
        return False
    return not found.get(b"content-type", b"").startswith(b"text/event-stream")


def _takes_gzip(headers: list[Header]) -> bool:
    """Whether `Accept-Encoding` has gzip, and not with a weight of nothing."""
    weights = {
        coding.strip().lower(): weight.strip().lower()
        for name, value in headers
        if name == b"accept-encoding"
        for coding, _, weight in (part.partition(b";") for part in value.split(b","))
    }
    weight = weights.get(b"gzip", weights.get(b"*"))
    return weight is not None and weight.replace(b" ", b"").rstrip(b"0.") != b"q="
