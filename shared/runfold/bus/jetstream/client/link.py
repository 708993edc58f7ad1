"""One connection to NATS, and the callbacks of all who share it.

nats-py takes callbacks when it connects and not later, so they are gathered here: the bus and the
service shell work on one connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import nats
import nats.errors
import structlog
from nats.aio.client import Client

from runfold.background import end
from runfold.bus.jetstream.client.connection import Connection
from runfold.errors import BusUnavailable
from runfold.settings import Settings, listed
from runfold.values.urls import shown_url

log = structlog.get_logger("bus")

DEFAULT_URL = "nats://127.0.0.1:4222"
PENDING = 64 * 1024 * 1024
"""Bytes that may wait to be written before publishing fails."""
WITHIN = 5.0
"""Seconds in which a server is to be reached."""


class Link:
    """A connection that is patient while running.

    Args:
        settings: Where the servers are.
    """

    def __init__(self, settings: Settings) -> None:
        urls = [
            url if "://" in url else f"nats://{url}"
            for url in listed(settings.nats_url) or [DEFAULT_URL]
        ]
        self._credentials = _credentials(urls)
        self._servers = [_without_credentials(url) for url in urls]
        self._client: Connection | None = None
        self._reconnected: list[Callable[[], Awaitable[None]]] = []
        self._last_error = ""
        self.closed = asyncio.Event()
        """Set when the connection is gone for good."""

    @property
    def client(self) -> Connection:
        """The connected client.

        Raises:
            BusUnavailable: Before there is one.
        """
        if self._client is None:
            raise BusUnavailable("not connected to NATS yet", code="bus.unreachable")
        return self._client

    @property
    def opened(self) -> bool:
        """Whether there is a client, connected at the moment or not."""
        return self._client is not None

    @property
    def options(self) -> dict[str, Any]:
        """What a client is to be connected with; `adopt` it afterwards."""
        return {
            "servers": self._servers,
            **self._credentials,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": 0.25,
            "connect_timeout": 2,
            "pending_size": PENDING,
            "ping_interval": 20,
            "error_cb": self._on_error,
            "reconnected_cb": self._on_reconnected,
            "closed_cb": self._on_closed,
        }

    def on_reconnected(self, call: Callable[[], Awaitable[None]]) -> None:
        """Have something called each time the connection is a new one."""
        self._reconnected.append(call)

    def adopt(self, client: Client) -> None:
        """Take the client that was connected with these options."""
        self._client = Connection.of(client)

    async def connect(self, within: float = WITHIN) -> None:
        """Connect.

        Raises:
            BusUnavailable: When no server is reached within so many seconds.
        """
        async with self.reaching(within):
            self.adopt(await nats.connect(**self.options))

    @asynccontextmanager
    async def reaching(self, within: float = WITHIN) -> AsyncIterator[None]:
        """Bound the time of what connects, and say plainly when it fails.

        Raises:
            BusUnavailable: When no server is reached within so many seconds.
        """
        try:
            async with asyncio.timeout(within):
                yield
        except (TimeoutError, OSError, nats.errors.Error) as error:
            url = shown_servers(",".join(self._servers))
            reason = str(error) or "no answer"
            message = (
                f"cannot reach NATS at {url} ({reason}): start one with `runfold dev`, "
                "or set RUNFOLD_NATS_URL"
            )
            raise BusUnavailable(message, code="bus.unreachable") from error

    async def _on_error(self, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        if reason != self._last_error:
            log.warning("nats", reason=reason)
        self._last_error = reason

    async def _on_reconnected(self) -> None:
        for call in self._reconnected:
            await call()

    async def _on_closed(self) -> None:
        self.closed.set()


async def stop_reconnecting(nc: Client) -> None:
    """End the search for a server of a client that was closed.

    The client cancels it once; a cancellation that is lost (see `runfold.background.end`) would
    leave it searching for ever, and the event loop waiting for it.
    """
    task = nc._reconnection_task  # noqa: SLF001 -- there is no public way; nats-py is bounded
    if task is not None:
        await end(task)


def shown_servers(urls: str) -> str:
    """A server's URL, or several with commas between, without user, password and token."""
    return ",".join(map(shown_url, listed(urls)))


def _credentials(servers: list[str]) -> dict[str, str]:
    """User and password, or the token, that the URLs have.

    They are for every server of the cluster, also for one that a server tells of later: those come
    without any.
    """
    for url in map(urlsplit, servers):
        if url.username and url.password:
            return {"user": unquote(url.username), "password": unquote(url.password)}
        if url.username:
            return {"token": unquote(url.username)}
    return {}


def _without_credentials(url: str) -> str:
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]
