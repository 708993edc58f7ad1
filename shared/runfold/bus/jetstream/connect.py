"""Connecting to NATS: patient while running, plain-spoken when it is not reached at the start."""

from __future__ import annotations

import nats.errors
from nats.js.errors import APIError

from runfold.bus.jetstream.bus import JetStreamBus, Role
from runfold.bus.jetstream.client.connection import Connection
from runfold.bus.jetstream.client.delivery import stamped_time
from runfold.bus.jetstream.client.link import WITHIN, Link
from runfold.bus.jetstream.topology.api import call
from runfold.bus.jetstream.topology.provision import READY_WITHIN
from runfold.contracts import subjects
from runfold.settings import Settings


async def connect_client(settings: Settings, *, timeout: float = WITHIN) -> Connection:
    """A connected client, for what needs no bus.

    Raises:
        BusUnavailable: When no server is reached within `timeout` seconds.
    """
    link = Link(settings)
    await link.connect(timeout)
    return link.client


def server_version(nc: Connection) -> tuple[int, ...]:
    """The version of the server a client is connected to."""
    return (nc.connected_server_version.major, nc.connected_server_version.minor)


async def server_time(nc: Connection) -> float | None:
    """The server's clock, in Unix seconds: what it says of a stream at this moment.

    None when there is no stream to ask about, or it does not answer.
    """
    try:
        return stamped_time(str((await call(nc, f"STREAM.INFO.{subjects.EVENTS}"))["ts"]))
    except (APIError, TimeoutError, nats.errors.Error):
        return None


async def connect(
    settings: Settings,
    *,
    timeout: float = WITHIN,
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
    link = Link(settings)
    await link.connect(timeout)
    try:
        return await JetStreamBus.open(link, settings, owned=True, role=role, within=within)
    except BaseException:
        await link.client.close()
        raise
