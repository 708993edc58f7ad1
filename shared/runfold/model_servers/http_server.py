"""A handler on a port of this machine: the demo model, and scripted servers of tests.

Uvicorn speaks HTTP; here a request is read whole, and an answer is written piece by piece. A
handler is cancelled when its client goes away.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec

from runfold.asgi_server import ASGIServer, Receive, Send
from runfold.background import end
from runfold.errors import ConfigurationError

_BODY_MAX = 16 * 1024 * 1024


class Request(msgspec.Struct, frozen=True):
    """A request, wholly read."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError` when it is not."""
        return json.loads(self.body)


class Responder:
    """What a handler answers through. Headers first, then pieces, then the end."""

    def __init__(self, send: Send, drop: Callable[[], None]) -> None:
        self._send = send
        self._drop = drop

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and headers."""
        fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body at once."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        # Uvicorn does not wait for a client that has gone: a handler without end is cancelled here.
        await asyncio.sleep(0)

    async def finish(self) -> None:
        """End the body."""
        await self._send({"type": "http.response.body"})

    async def body(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer in one piece."""
        await self.start(status, {**headers, "content-length": str(len(body))})
        await self._send({"type": "http.response.body", "body": body})

    async def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a JSON value."""
        body = json.dumps(value, ensure_ascii=False).encode()
        await self.body(status, {"content-type": "application/json", **(headers or {})}, body)

    def cut(self) -> None:
        """Drop the connection where it is, as a crashing server would."""
        self._drop()


Handler = Callable[[Request, Responder], Awaitable[None]]


class LoopbackServer:
    """Serves a handler on a port of this machine while the context is open.

    Raises:
        ConfigurationError: When the port cannot be opened.
    """

    def __init__(self, handler: Handler, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handler = handler
        self._server = ASGIServer(self._serve, host=host, port=port)
        self._clients: set[tuple[str, int]] = set()

    @property
    def port(self) -> int:
        """The port it listens on; known once the context is open."""
        return self._server.port

    @property
    def origin(self) -> str:
        """`http://host:port`."""
        return self._server.origin

    async def __aenter__(self) -> Self:
        try:
            await self._server.start()
        except OSError as error:
            where = self.origin.removeprefix("http://")
            message = f"cannot listen on {where}: {error.strerror or error}"
            raise ConfigurationError(message, code="port.unavailable") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.stop(cut=True)

    @property
    def accepted(self) -> int:
        """Connections that a request came over so far."""
        return len(self._clients)

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Run the handler, and cancel it when the client goes away meanwhile."""
        self._clients.add(scope["client"])
        request = await _read(scope, receive)
        if request is None:
            return
        responder = Responder(send, lambda: self._server.drop(scope["client"]))
        handling = asyncio.ensure_future(self._handler(request, responder))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait((handling, leaving), return_when=asyncio.FIRST_COMPLETED)
            if handling.done():
                handling.result()
        finally:
            await end(handling, leaving)


async def _read(scope: dict[str, Any], receive: Receive) -> Request | None:
    """The whole request; None when its client went away, or its body is too large."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message["body"]
        more = message["more_body"]
        if len(body) > _BODY_MAX:
            return None
    query = scope["query_string"].decode()
    return Request(
        method=scope["method"],
        target=scope["raw_path"].decode() + (f"?{query}" if query else ""),
        headers={name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
        body=bytes(body),
    )
