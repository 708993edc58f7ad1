"""A work queue as a steady flow: as many messages are asked for as there are free slots.

One request asks for many and stays open at the server, so a message that comes is delivered at
once and costs no request of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec
import nats.errors
import structlog

from runfold.bus.jetstream.client.connection import Connection, Message
from runfold.bus.jetstream.client.delivery import (
    Place,
    number_in,
    place_if_delivered,
    status_of,
)

log = structlog.get_logger("bus")

Delivered = tuple[Message, Place]

EXPIRES = 30.0
"""Seconds a request stays open at the server."""
BEAT = 2.0
"""Seconds of silence after which the server says that a request is still open."""
SILENT = 3 * BEAT
"""Seconds of silence after which it is not: the server that had it is gone, or leads no more."""
GRACE = 5.0
"""Seconds after which a request that never said it expired counts as lost."""
HEARTBEAT = "100"
NO_RESPONDERS = "503"
OVER = ("404", "408")
"""Statuses of a request that came to its end: the next is made at once."""
RETRY = 0.25
"""Seconds until the next try when the server refuses a request."""


class PullFlow:
    """An open flow from one durable consumer.

    Args:
        nc: The connection.
        stream: The work queue.
        durable: Its consumer.
        slots: Messages in hand at most.
        ensure: Makes the consumer; called at the start and when the server says it is gone.
    """

    def __init__(
        self,
        nc: Connection,
        stream: str,
        durable: str,
        slots: int,
        ensure: Callable[[], Awaitable[None]],
    ) -> None:
        self._nc = nc
        self._api = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._slots = slots
        self._ensure = ensure
        self._inbox = ""
        self._arrived: deque[Delivered] = deque()
        self._wake = asyncio.Event()
        self._asked = 0
        self._asked_until = 0.0
        self._heard_at = 0.0
        self._in_hand = 0
        self._count = 0
        self._stopped = False
        self._needs_consumer = True

    async def next(self) -> Delivered | None:
        """The next message; its slot is taken until `done`. None after `stop`."""
        if not self._inbox:
            self._inbox = self._nc.new_inbox()
            self._subscription = await self._nc.receive(f"{self._inbox}.*", self._on_message)
        while not self._stopped:
            if self._arrived:
                self._in_hand += 1
                return self._arrived.popleft()
            await self._ask()
            self._wake.clear()
            if self._arrived or self._stopped:
                continue
            try:
                async with asyncio.timeout(BEAT):
                    await self._wake.wait()
            except TimeoutError:
                self._forget_lost()
        return None

    def done(self) -> None:
        """One message in hand is finished."""
        self._in_hand -= 1
        if self._free() >= max(1, self._slots // 4):
            self._wake.set()

    def reconnected(self) -> None:
        """Open requests were lost with the connection."""
        self._asked = 0
        self._wake.set()

    async def stop(self) -> list[Delivered]:
        """Ask for no more; returns what had arrived and was not taken."""
        self._stopped = True
        self._wake.set()
        if self._inbox and not self._nc.is_closed:
            await self._subscription.unsubscribe()
        left = list(self._arrived)
        self._arrived.clear()
        return left

    def _free(self) -> int:
        return self._slots - self._in_hand - len(self._arrived) - self._asked

    async def _ask(self) -> None:
        """Ask for what there is room for, if it is worth a request."""
        free = self._free()
        if free < 1 or (self._asked and free < self._slots // 4) or not self._nc.is_connected:
            return
        try:
            if self._needs_consumer:
                await self._ensure()
                self._needs_consumer = False
            self._count += 1
            reply = f"{self._inbox}.{self._count}"
            body = msgspec.json.encode(
                {
                    "batch": free,
                    "expires": int(EXPIRES * 1e9),
                    "idle_heartbeat": int(BEAT * 1e9),
                }
            )
            now = asyncio.get_running_loop().time()
            self._asked += free
            self._asked_until, self._heard_at = now + EXPIRES + GRACE, now
            await self._nc.publish(self._api, body, reply)
        except nats.errors.Error as error:
            log.warning("work queue not reachable", api=self._api, reason=str(error))
            asyncio.get_running_loop().call_later(RETRY, self._wake.set)

    def _forget_lost(self) -> None:
        """What was asked for is lost once the server is silent, or it neither came nor expired."""
        now = asyncio.get_running_loop().time()
        if self._asked and (now > self._asked_until or now > self._heard_at + SILENT):
            self._asked = 0
            self._needs_consumer = True

    def _on_message(self, msg: Message) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        place = place_if_delivered(msg.reply)
        if place is not None:
            self._asked = max(0, self._asked - 1)
            self._arrived.append((msg, place))
            self._wake.set()
            return
        status = status_of(msg)
        if not status:
            log.warning("message passed over that no consumer delivered", subject=msg.subject)
        elif status != HEARTBEAT:
            headers = msg.headers
            left = number_in(headers, "Nats-Pending-Messages", self._asked)
            self._asked = max(0, self._asked - left)
            gone = status == NO_RESPONDERS or "Deleted" in headers.get("Description", "")
            if gone:
                self._asked = 0
                self._needs_consumer = True
            if status in OVER and not gone:
                self._wake.set()
            else:
                # Another server leads the consumer now, or will: at once would be too early.
                asyncio.get_running_loop().call_later(RETRY, self._wake.set)
