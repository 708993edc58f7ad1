"""Knowing that the server has taken in what a connection sent."""

from __future__ import annotations

import asyncio

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.errors import BusUnavailable

TIMEOUT = 5.0
"""Seconds without the echo after which the broker counts as away."""


async def round_trip(nc: Client) -> None:
    """Return once the server has taken in all that was sent on this connection before.

    It takes what comes on a connection in order, so a message to ourselves proves the rest. The
    client's own `flush` must not be used for this: when it is cancelled or times out, the answer
    that comes later ends the reading of the whole connection.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    came = asyncio.Event()
    inbox = nc.new_inbox()

    async def on_echo(_: Msg) -> None:
        came.set()

    try:
        subscription = await nc.subscribe(inbox, cb=on_echo)
        try:
            await nc.publish(inbox, b"")
            await asyncio.wait_for(came.wait(), TIMEOUT)
        finally:
            if not nc.is_closed:
                await subscription.unsubscribe()
    except (nats.errors.Error, TimeoutError) as error:
        reason = str(error) or f"no echo within {TIMEOUT} s"
        raise BusUnavailable(f"the broker does not answer: {reason}") from error
