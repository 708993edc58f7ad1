"""Asking the server and waiting for it, so that one that gives up is let go and harms no other."""

from __future__ import annotations

import asyncio

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.errors import BusUnavailable

TIMEOUT = 5.0
"""Seconds without the echo after which the broker counts as away."""


async def asked(nc: Client, subject: str, body: bytes, within: float) -> Msg:
    """Ask on a subject; returns the answer.

    With a timeout of its own the client's `request` waits with `asyncio.wait_for`, which in Python
    3.11 loses a cancellation that comes together with the answer: who asked would go on for ever.

    Raises:
        TimeoutError: When none comes in time.
        nats.errors.Error: When there is no listener, or the connection is closed.
    """
    async with asyncio.timeout(within):
        return await nc.request(subject, body, timeout=None)  # type: ignore[arg-type]


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
            async with asyncio.timeout(TIMEOUT):
                await came.wait()
        finally:
            if not nc.is_closed:
                await subscription.unsubscribe()
    except (nats.errors.Error, TimeoutError) as error:
        reason = str(error) or f"no echo within {TIMEOUT} s"
        raise BusUnavailable(f"the broker does not answer: {reason}") from error
