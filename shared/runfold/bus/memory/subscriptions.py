"""Subscriptions in memory, and the streams of the operator that they are of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping

import msgspec

from runfold.bus.memory.queues import MemoryFeed, MemoryLease, MemoryQueue
from runfold.bus.ports.subscriptions import Standing, Subscription
from runfold.contracts.subjects import subject_durable
from runfold.errors import NotFound
from runfold.graph.subjects import matches


class _Stored(msgspec.Struct):
    """A message of an operator's stream."""

    seq: int
    time: float
    subject: str
    body: bytes
    headers: dict[str, str]


class MemoryMessageLease(MemoryLease):
    """A message of a stream that is not ours."""

    def __init__(self, consumer: _Consumer, message: object) -> None:
        super().__init__(consumer.queue, message)  # type: ignore[arg-type]
        stored = consumer.stored[self.seq]
        self.subject, self.body, self.headers = stored.subject, stored.body, stored.headers
        self.seq, self.time = stored.seq, stored.time
        self._consumer = consumer

    async def ack(self) -> None:
        """Done: remove it."""
        await super().ack()
        self._consumer.acked.add(self._message.seq)


class _Consumer:
    """One subscription's place in a stream."""

    def __init__(self, wanted: Subscription, clock: Callable[[], float], ack_wait: float) -> None:
        self.wanted = wanted
        self.queue = MemoryQueue(clock, ack_wait)
        self.stored: dict[int, _Stored] = {}
        """Place in the queue → the message."""
        self.acked: set[int] = set()
        self.gone = asyncio.Event()

    def offer(self, message: _Stored) -> None:
        """Queue a message, when it is for this one."""
        if message.time >= self.wanted.since and matches(self.wanted.subject, message.subject):
            self.stored[self.queue.last_seq + 1] = message
            self.queue.put(message.subject, message.body)


class MemoryMessageFeed(MemoryFeed[MemoryMessageLease]):
    """An open subscription; see `runfold.bus.ports.subscriptions.MessageFeed`."""

    def __init__(self, consumer: _Consumer, slots: int) -> None:
        super().__init__(
            consumer.queue, slots, lambda _, message: MemoryMessageLease(consumer, message)
        )
        self._consumer = consumer

    async def __aiter__(self) -> AsyncIterator[MemoryMessageLease]:
        """Leases as they come. Ends after `stop`."""
        ending = asyncio.ensure_future(self._end_when_gone())
        try:
            async for lease in super().__aiter__():
                yield lease
        finally:
            ending.cancel()
        if self._consumer.gone.is_set():
            raise _gone(self._consumer.wanted)

    async def _end_when_gone(self) -> None:
        await self._consumer.gone.wait()
        self._stopped.set()


class MemorySubscriptions:
    """`runfold.bus.ports.subscriptions.Subscriptions` in this process."""

    def __init__(self, clock: Callable[[], float], ack_wait: float) -> None:
        self._clock = clock
        self._ack_wait = ack_wait
        self._streams: dict[str, list[_Stored]] = {}
        self._consumers: dict[str, _Consumer] = {}

    def create_stream(self, name: str) -> None:
        """As the operator makes a stream, for any subject."""
        self._streams[name] = []

    def delete_stream(self, name: str) -> None:
        """As the operator removes one, with its consumers."""
        del self._streams[name]
        for key, consumer in list(self._consumers.items()):
            if consumer.wanted.stream == name:
                self._remove(key)

    def publish(
        self, stream: str, subject: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """As the operator's programs publish a message."""
        messages = self._streams[stream]
        message = _Stored(len(messages) + 1, self._clock(), subject, body, dict(headers or {}))
        messages.append(message)
        for consumer in self._consumers.values():
            if consumer.wanted.stream == stream:
                consumer.offer(message)

    async def open(self, wanted: Subscription, *, slots: int) -> MemoryMessageFeed:
        """Take the messages of a subscription."""
        if wanted.stream not in self._streams:
            raise NotFound(f"there is no stream {wanted.stream!r}", code="subject.no_stream")
        key = _key(wanted)
        if key not in self._consumers:
            consumer = self._consumers[key] = _Consumer(wanted, self._clock, self._ack_wait)
            for message in self._streams[wanted.stream]:
                consumer.offer(message)
        return MemoryMessageFeed(self._consumers[key], slots)

    async def standing(self, wanted: Subscription) -> Standing:
        """How it stands with a subscription."""
        if wanted.stream not in self._streams:
            return Standing(problem=f"there is no stream {wanted.stream!r}")
        consumer = self._consumers.get(_key(wanted))
        if consumer is None:
            return Standing(problem=_gone(wanted).message)
        waiting = consumer.queue.waiting
        in_hand = len(consumer.stored) - len(consumer.acked) - waiting
        return Standing(waiting=waiting, in_hand=in_hand)

    async def sweep(self, kept: Mapping[str, Collection[Subscription]]) -> int:
        """Remove what workflows no longer want."""
        wanted = {_key(one) for several in kept.values() for one in several}
        gone = [
            key
            for key, consumer in self._consumers.items()
            if consumer.wanted.workflow_id in kept and key not in wanted
        ]
        for key in gone:
            self._remove(key)
        return len(gone)

    def _remove(self, key: str) -> None:
        self._consumers.pop(key).gone.set()


def _key(wanted: Subscription) -> str:
    return subject_durable(wanted.workflow_id, wanted.stream, wanted.subject)


def _gone(wanted: Subscription) -> NotFound:
    message = f"stream {wanted.stream!r} has no consumer for {wanted.subject!r} yet"
    return NotFound(message, code="subject.no_consumer")
