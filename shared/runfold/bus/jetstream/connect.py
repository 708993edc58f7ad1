"""Connecting to NATS: patient while running, plain-spoken when it is not reached at the start."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError

from runfold.bus.jetstream.bus import JetStreamBus, Role
from runfold.bus.jetstream.client.delivery import stamped_time
from runfold.bus.jetstream.topology.api import call
from runfold.bus.jetstream.topology.provision import READY_WITHIN
from runfold.contracts import subjects
from runfold.errors import BusUnavailable
from runfold.settings import Settings

log = structlog.get_logger("bus")

DEFAULT_URL = "nats://127.0.0.1:4222"
PENDING = 64 * 1024 * 1024
"""Bytes that may wait to be written before publishing fails."""


def connection_options(settings: Settings) -> dict[str, Any]:
    """How every connection of runfold is made; for FastStream brokers as well."""
    told = ""

    async def on_error(error: Exception) -> None:
        nonlocal told
        reason = str(error) or type(error).__name__
        if reason != told:
            log.warning("nats", reason=reason)
        told = reason

    servers = (settings.nats_url or DEFAULT_URL).split(",")
    return {
        "servers": servers,
        **_credentials(servers),
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "connect_timeout": 2,
        "pending_size": PENDING,
        "ping_interval": 20,
        "error_cb": on_error,
    }


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


async def connect_client(settings: Settings, *, timeout: float = 5.0) -> Client:
    """A connected client.

    Raises:
        BusUnavailable: When no server is reached within `timeout` seconds.
    """
    url = shown_url(settings.nats_url or DEFAULT_URL)
    try:
        async with asyncio.timeout(timeout):
            return await nats.connect(**connection_options(settings))
    except (TimeoutError, OSError, nats.errors.Error) as error:
        reason = str(error) or "no answer"
        message = (
            f"cannot reach NATS at {url} ({reason}): start one with `runfold dev`, "
            "or set RUNFOLD_NATS_URL"
        )
        raise BusUnavailable(message, code="bus.unreachable") from error


def server_version(nc: Client) -> tuple[int, ...]:
    """The version of the server a client is connected to."""
    return (nc.connected_server_version.major, nc.connected_server_version.minor)


async def server_time(nc: Client) -> float | None:
    """The server's clock, in Unix seconds: what it says of a stream at this moment.

    None when there is no stream to ask about, or it does not answer.
    """
    try:
        return stamped_time(str((await call(nc, f"STREAM.INFO.{subjects.EVENTS}"))["ts"]))
    except (APIError, TimeoutError, nats.errors.Error):
        return None


def shown_url(url: str) -> str:
    """A server's URL, or several with commas between, without user, password and token."""
    parts = (part.strip().partition("://") for part in url.split(","))
    return ",".join(
        f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else scheme.rpartition("@")[2]
        for scheme, mark, rest in parts
    )


async def connect(
    settings: Settings,
    *,
    timeout: float = 5.0,
    role: Role = "member",
    within: float = READY_WITHIN,
) -> JetStreamBus:
    """A bus over a connection of its own.

    Args:
        settings: Where NATS is, and what its streams should be.
        timeout: Seconds within which a server must be reached.
        role: What may be done to the server's streams; see `JetStreamBus.open`.
        within: Seconds that JetStream is given to become ready.

    Raises:
        BusUnavailable: When no server is reached, or JetStream is not ready, in time.
        ConfigurationError: When something is missing and cannot be created.
    """
    nc = await connect_client(settings, timeout=timeout)
    try:
        return await JetStreamBus.open(nc, settings, owned=True, role=role, within=within)
    except BaseException:
        await nc.close()
        raise
