"""A small HTTP/1.1 server for what runs beside the engine: the demo model, scripted test servers.

h11 keeps the protocol right; here are only the sockets. Not for the internet: no TLS, no limits
beyond a body's size, one task a connection. A handler is cancelled when its client goes away.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import h11
import msgspec

from runfold.errors import ConfigurationError

_READ = 64 * 1024
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

    def __init__(self, connection: h11.Connection, writer: asyncio.StreamWriter) -> None:
        self._connection = connection
        self._writer = writer

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and headers."""
        fields = [(name.lower(), value) for name, value in headers.items()]
        await self._write(h11.Response(status_code=status, headers=fields))

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body at once."""
        await self._write(h11.Data(data=piece))

    async def finish(self) -> None:
        """End the body."""
        await self._write(h11.EndOfMessage())

    async def body(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer in one piece."""
        await self.start(status, {**headers, "content-length": str(len(body))})
        if body:
            await self.send(body)
        await self.finish()

    async def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a JSON value."""
        body = json.dumps(value, ensure_ascii=False).encode()
        await self.body(status, {"content-type": "application/json", **(headers or {})}, body)

    def cut(self) -> None:
        """Drop the connection where it is, as a crashing server would."""
        self._writer.transport.abort()

    async def _write(self, event: h11.Event) -> None:
        data = self._connection.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()


Handler = Callable[[Request, Responder], Awaitable[None]]


class LoopbackServer:
    """Serves a handler on a port of this machine while the context is open.

    Raises:
        ConfigurationError: When the port cannot be opened.
    """

    def __init__(self, handler: Handler, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.accepted = 0
        """Connections opened to it so far."""

    @property
    def port(self) -> int:
        """The port it listens on; known once the context is open."""
        return self._port

    @property
    def origin(self) -> str:
        """`http://host:port`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._accept, self._host, self._port)
        except OSError as error:
            message = f"cannot listen on {self._host}:{self._port}: {error.strerror or error}"
            raise ConfigurationError(message, code="port.unavailable") from error
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Exchange(self._handler, reader, writer).run()
        except (OSError, h11.ProtocolError):
            writer.transport.abort()  # the client went away, or does not speak HTTP
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class _Exchange:
    """Requests and answers of one connection, one after the other."""

    def __init__(
        self, handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._handler = handler
        self._reader = reader
        self._writer = writer
        self._connection = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        connection = self._connection
        while (request := await self._request()) is not None:
            await self._answer(request)
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _request(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._connection.next_event()
            if event is h11.NEED_DATA:
                if self._connection.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    self._writer.write(self._connection.send(go_on))
                self._connection.receive_data(await self._reader.read(_READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _BODY_MAX:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return Request(
                    method=head.method.decode(),
                    target=head.target.decode(),
                    headers={
                        name.decode(): value.decode("latin-1") for name, value in head.headers
                    },
                    body=bytes(body),
                )
            else:  # the client closed, or the protocol is paused
                return None

    async def _answer(self, request: Request) -> None:
        """Run the handler, and cancel it when the client goes away meanwhile."""
        handling = asyncio.ensure_future(
            self._handler(request, Responder(self._connection, self._writer))
        )
        listening = asyncio.create_task(self._reader.read(_READ))
        try:
            await asyncio.wait((handling, listening), return_when=asyncio.FIRST_COMPLETED)
            if not handling.done() and listening.result():
                await asyncio.wait((handling,))  # the next request already came
            if handling.done():
                handling.result()
        finally:
            await _stop(handling)
            await _stop(listening)
        if not listening.cancelled():
            self._connection.receive_data(listening.result())


async def _stop(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait((task,))
