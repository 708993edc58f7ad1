"""Connecting to NATS: patient while running, plain-spoken when it is not reached at the start."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import nats
import nats.errors
import structlog
from nats.aio.client import Client

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client.delivery import stamped_time
from runfold.errors import BusUnavailable
from runfold.settings import Settings, listed

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

    return {
        "servers": listed(settings.nats_url) or [DEFAULT_URL],
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "connect_timeout": 2,
        "pending_size": PENDING,
        "ping_interval": 20,
        "error_cb": on_error,
    }


async def connect_client(settings: Settings, *, timeout: float = 5.0) -> Client:
    """A connected client.

    Raises:
        BusUnavailable: When no server is reached within `timeout` seconds.
    """
    url = settings.nats_url or DEFAULT_URL
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


async def server_time(nc: Client) -> float:
    """The server's clock, in Unix seconds: what it says of a stream at this moment."""
    answer = await nc.request("$JS.API.STREAM.INFO.EVENTS", b"")
    return stamped_time(str(json.loads(answer.data)["ts"]))


async def connect(settings: Settings, *, timeout: float = 5.0) -> JetStreamBus:
    """A bus over a connection of its own.

    Raises:
        BusUnavailable: When no server is reached within `timeout` seconds.
    """
    nc = await connect_client(settings, timeout=timeout)
    try:
        return await JetStreamBus.open(nc, settings, owned=True)
    except BaseException:
        await nc.close()
        raise
