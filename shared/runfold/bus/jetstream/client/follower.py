"""Following a stream from a sequence on: every message once, in order, across all breaks.

An ephemeral push consumer without acks. A gap in its own numbering, silence beyond its heartbeat,
or a new connection make it begin anew after the last message that was handed out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

import nats.errors
import structlog
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError

from runfold.bus.jetstream.client.connection import Connection, Message
from runfold.bus.jetstream.client.delivery import (
    Place,
    number_in,
    place_if_delivered,
    status_of,
)
from runfold.bus.jetstream.client.leader import Stored

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription

log = structlog.get_logger("bus")

HEARTBEAT = 2.0
"""Seconds of silence after which the server says that it is there."""
RETRY = 0.5
"""Seconds until the next try to begin."""


class Follower:
    """Follows one stream.

    Args:
        nc: The connection.
        js: Its JetStream context.
        stream: The stream.
        after: The sequence after which to begin.
        filters: Subject filters; empty: everything.
        headers_only: Whether messages come without their bodies.
    """

    def __init__(
        self,
        nc: Connection,
        js: JetStreamContext,
        stream: str,
        after: int,
        filters: Sequence[str],
        *,
        headers_only: bool = False,
    ) -> None:
        self._nc = nc
        self._js = js
        self._stream = stream
        self._last = after
        self._filters = list(filters)
        self._headers_only = headers_only
        self._arrived: deque[tuple[Message, Place]] = deque()
        self._wake = asyncio.Event()
        self._broken = True
        self._subscription: Subscription | None = None
        self._expected = 1
        self._gap_after = -1
        self._stuck = False
        """Whether the last two gaps were at one place: what made the first may be there still."""

    async def batches(self) -> AsyncGenerator[list[Stored], None]:
        """What has come, as lists; one empty list when all that was stored at first has come."""
        caught_up = False
        try:
            while True:
                if self._broken and await self._begin() == 0 and not caught_up:
                    caught_up = True
                    yield []
                batch, pending = self._take()
                if batch:
                    yield batch
                    if pending == 0 and not caught_up:
                        caught_up = True
                        yield []
                elif not self._broken:
                    await self._more()
        finally:
            await self._end()

    def reconnected(self) -> None:
        """The connection is new: what was on its way is lost."""
        self._broken = True
        self._wake.set()

    async def _begin(self) -> int:
        """Make the consumer; returns how many messages it has still to deliver, or -1."""
        await self._end()
        if self._stuck:
            await asyncio.sleep(RETRY)
        if not self._nc.is_connected:
            self._wake.clear()
            await self._wake.wait()
            return -1
        inbox = self._nc.new_inbox()
        config = api.ConsumerConfig(
            deliver_subject=inbox,
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._last + 1,
            ack_policy=api.AckPolicy.NONE,
            filter_subjects=self._filters or None,
            headers_only=self._headers_only,
            flow_control=True,
            idle_heartbeat=HEARTBEAT,
            inactive_threshold=60.0,
            mem_storage=True,
            num_replicas=1,
            max_deliver=1,
        )
        try:
            self._arrived.clear()
            self._expected = 1
            self._subscription = await self._nc.receive(inbox, self._on_message)
            info = await self._js.add_consumer(self._stream, config)
        except (TimeoutError, JetStreamError, nats.errors.Error) as error:
            log.warning("cannot follow", stream=self._stream, reason=str(error))
            await asyncio.sleep(RETRY)
            return -1
        self._broken = False
        # Delivery begins before this answer comes: both together are what was stored.
        return (info.num_pending or 0) + (info.delivered.consumer_seq if info.delivered else 0)

    async def _end(self) -> None:
        if self._subscription is not None and not self._nc.is_closed:
            await self._subscription.unsubscribe()
        self._subscription = None

    def _take(self) -> tuple[list[Stored], int]:
        """Everything that has arrived, and how much was pending after the last of it."""
        batch: list[Stored] = []
        pending = -1
        while self._arrived:
            msg, place = self._arrived.popleft()
            if place.consumer_seq != self._expected:
                log.warning("gap while following", stream=self._stream, seq=place.seq)
                self._broken = True
                self._stuck = self._gap_after == self._last
                self._gap_after = self._last
                break
            self._expected += 1
            self._last = place.seq
            pending = place.pending
            batch.append(Stored(place.seq, place.time, msg.subject, msg.data))
        return batch, pending

    async def _more(self) -> None:
        self._wake.clear()
        if self._arrived or self._broken:
            return
        try:
            async with asyncio.timeout(3 * HEARTBEAT):
                await self._wake.wait()
        except TimeoutError:
            log.warning("silence while following", stream=self._stream)
            self._broken = True

    def _on_message(self, msg: Message) -> None:
        place = place_if_delivered(msg.reply)
        if place is not None:
            self._arrived.append((msg, place))
        elif status_of(msg):
            self._on_control(msg)
        else:
            log.warning("message passed over that no consumer delivered", stream=self._stream)
        self._wake.set()

    def _on_control(self, msg: Message) -> None:
        """Flow control is answered; a heartbeat tells whether something was missed."""
        headers = msg.headers
        answer = msg.reply or headers.get("Nats-Consumer-Stalled", "")
        if answer and self._nc.is_connected:
            self._nc.post(answer, b"")
        delivered = number_in(headers, "Nats-Last-Consumer")
        if delivered >= self._expected + len(self._arrived):
            self._broken = True
