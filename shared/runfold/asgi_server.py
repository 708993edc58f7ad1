"""Serves an ASGI application with uvicorn, inside an event loop that already runs.

For the gateway, the health probes and the model servers alike: signals and logs stay the
process's, an idle server never wakes up, and `stop` is obeyed at once. What is served, and what a
taken port means to a user, is the caller's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn
from typing_extensions import override

from runfold.background import all_ended, until

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""`(scope, receive, send)`, as ASGI 3 has it."""

DATE_EVERY = 1.0
"""Seconds for which a `Date` header holds."""


class ASGIServer:
    """One application on one port, between `start` and `stop`.

    Args:
        application: What is served.
        host: Interface to listen on.
        port: 0 for any free one.
        http: A protocol class of uvicorn's, where the usual one is not enough.
        grace: Seconds that requests may take to end once `stop` was called.
        dated: Whether answers carry a `Date` header, for which the server wakes once a second.
        lifespan: Whether the application gets ASGI's lifespan events.
        proxied: Whether `X-Forwarded-For` and `-Proto` of a proxy on this machine count.
    """

    def __init__(
        self,
        application: Application,
        *,
        host: str,
        port: int,
        http: type[asyncio.Protocol] | Literal["h11"] = "h11",
        grace: float = 1.0,
        dated: bool = False,
        lifespan: bool = False,
        proxied: bool = False,
    ) -> None:
        self._host = host
        self._port = port
        config = uvicorn.Config(
            application,
            http=http,
            ws="none",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=proxied,
            server_header=False,
            date_header=dated,
            lifespan="on" if lifespan else "off",
            timeout_graceful_shutdown=max(1, int(grace)),
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def listening(self) -> bool:
        """Whether requests are taken."""
        return self._server.started

    @property
    def port(self) -> int:
        """The port it listens on; of a free one, once it has started."""
        return self._port

    @property
    def origin(self) -> str:
        """`http://host:port`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> None:
        """Listen; returns once requests are taken.

        Raises:
            OSError: When the address cannot be had.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Of a socket that does not say TCP, asyncio leaves Nagle's algorithm on: 40 ms an answer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
        except BaseException:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._serving = asyncio.create_task(
            self._server.serve([listener]), name=f"http {self._host}:{self._port}"
        )
        try:
            await until(self._server.ready, self._serving)
        finally:
            if self._serving.done():
                listener.close()

    async def wait(self) -> None:
        """Return after `stop`; raise what the server failed with."""
        if self._serving is not None:
            await all_ended(self._serving)

    async def stop(self, *, cut: bool = False) -> None:
        """Take no more requests and let those in hand end.

        Args:
            cut: Drop all connections where they are instead.
        """
        if self._serving is None:
            return
        self._server.stop()
        if cut:
            for connection in tuple(self._server.server_state.connections):
                connection.transport.abort()
        await asyncio.wait((self._serving,))

    def drop(self, client: tuple[str, int]) -> None:
        """Drop a client's connection where it is, as a crashing server would."""
        for connection in tuple(self._server.server_state.connections):
            if getattr(connection, "client", None) == tuple(client):
                connection.transport.abort()


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals alone, says when it listens, and stops without a tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopping.set()

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    @override
    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            try:
                async with asyncio.timeout(DATE_EVERY if self.config.date_header else None):
                    await self._stopping.wait()
            except TimeoutError:
                continue
