"""Connecting to NATS: patient while running, plain-spoken when it is not reached at the start."""

from __future__ import annotations

import json

from nats.aio.client import Client

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client.delivery import stamped_time
from runfold.bus.jetstream.client.link import WITHIN, Link
from runfold.settings import Settings


def server_version(nc: Client) -> tuple[int, ...]:
    """The version of the server a client is connected to."""
    return (nc.connected_server_version.major, nc.connected_server_version.minor)


async def server_time(nc: Client) -> float:
    """The server's clock, in Unix seconds: what it says of a stream at this moment."""
    answer = await nc.request("$JS.API.STREAM.INFO.EVENTS", b"")
    return stamped_time(str(json.loads(answer.data)["ts"]))


async def connect(settings: Settings, *, timeout: float = WITHIN) -> JetStreamBus:
    """A bus over a connection of its own.

    Raises:
        BusUnavailable: When no server is reached within `timeout` seconds.
    """
    link = Link(settings)
    await link.connect(timeout)
    try:
        return await JetStreamBus.open(link, settings, owned=True)
    except BaseException:
        await link.client.close()
        raise
