"""Subscriptions as durable consumers of streams that the operator owns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import nats.errors
from nats.js import api
from nats.js.errors import APIError, NotFoundError

from runfold.bus.jetstream.client.connection import Connection, Message
from runfold.bus.jetstream.client.delivery import JetStreamLease, Place
from runfold.bus.jetstream.client.pull import PullFlow
from runfold.bus.jetstream.topology.api import (
    call,
    consumer_info,
    is_passing,
    put_consumer,
    reason_of,
    stream_info,
)
from runfold.bus.jetstream.topology.consumers import EXISTS
from runfold.bus.jetstream.topology.wanted import MAX_ACK_PENDING
from runfold.bus.ports.subscriptions import Standing, Subscription
from runfold.contracts import subjects
from runfold.errors import BusUnavailable, InvalidRequest, NotFound
from runfold.settings import Settings


class JetStreamMessageLease(JetStreamLease):
    """A message of a stream that is not ours."""

    __slots__ = ("_msg", "body", "subject")

    def __init__(self, nc: Connection, msg: Message, place: Place) -> None:
        super().__init__(nc, msg.reply, place)
        self._msg = msg
        self.subject = msg.subject
        self.body = bytes(msg.data)

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, as they were published."""
        return self._msg.headers


class JetStreamMessageFeed:
    """An open subscription; see `runfold.bus.ports.subscriptions.MessageFeed`."""

    def __init__(self, nc: Connection, flow: PullFlow, closed: Callable[[PullFlow], None]) -> None:
        self._nc = nc
        self._flow = flow
        self._closed = closed

    async def __aiter__(self) -> AsyncIterator[JetStreamMessageLease]:
        """Leases as they come. Ends after `stop`."""
        while (delivered := await self._flow.next()) is not None:
            yield JetStreamMessageLease(self._nc, *delivered)

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""
        self._flow.done()

    async def stop(self) -> None:
        """Take no more; what was delivered but not yet iterated is given back."""
        self._closed(self._flow)
        left = [
            JetStreamLease(self._nc, msg.reply, place) for msg, place in await self._flow.stop()
        ]
        await asyncio.gather(*(lease.nak() for lease in left))


class JetStreamSubscriptions:
    """`runfold.bus.ports.subscriptions.Subscriptions` on any stream but ours."""

    def __init__(self, nc: Connection, settings: Settings) -> None:
        self._nc = nc
        self._ack_wait = settings.ack_wait
        self._flows: set[PullFlow] = set()

    async def open(self, wanted: Subscription, *, slots: int) -> JetStreamMessageFeed:
        """Take the messages of a subscription, together with all who have opened it too."""
        name = _name(wanted)
        await _asked(self._create(wanted, name), wanted)

        async def look() -> None:
            """See that the consumer is there still; made anew it would begin at its beginning."""
            try:
                await consumer_info(self._nc, wanted.stream, name)
            except NotFoundError as error:
                raise _gone(wanted) from error
            except (APIError, TimeoutError) as error:
                raise nats.errors.Error(reason_of(error)) from error

        flow = PullFlow(self._nc, wanted.stream, name, slots, look)
        self._flows.add(flow)
        return JetStreamMessageFeed(self._nc, flow, self._flows.discard)

    async def standing(self, wanted: Subscription) -> Standing:
        """How it stands with a subscription."""
        try:
            await _asked(self._stream(wanted), wanted)
            info = await _asked(consumer_info(self._nc, wanted.stream, _name(wanted)), wanted)
        except (NotFound, InvalidRequest) as error:
            return Standing(problem=error.message)
        return Standing(waiting=info.num_pending or 0, in_hand=info.num_ack_pending or 0)

    async def sweep(self, kept: Mapping[str, Collection[Subscription]]) -> int:
        """Remove what workflows no longer want."""
        wanted = {subjects.subject_durables(one): set(map(_name, kept[one])) for one in kept}
        removed = 0
        try:
            for stream in await self._consumed():
                for name in await self._named(stream):
                    owner = name[: name.rfind("-") + 1]
                    if owner in wanted and name not in wanted[owner]:
                        removed += await self._remove(stream, name)
        except (APIError, nats.errors.Error, TimeoutError) as error:
            message = f"consumers of the streams cannot be looked at: {reason_of(error)}"
            raise BusUnavailable(message) from error
        return removed

    def reconnected(self) -> None:
        """The connection is back: requests that were open are lost."""
        for flow in self._flows:
            flow.reconnected()

    async def _create(self, wanted: Subscription, name: str) -> None:
        stream = await self._stream(wanted)
        try:
            await consumer_info(self._nc, wanted.stream, name)
        except NotFoundError:
            config = _config(wanted, name, stream, self._ack_wait)
            try:
                await put_consumer(self._nc, wanted.stream, config, "create")
            except APIError as error:
                if error.err_code not in EXISTS:
                    raise

    async def _stream(self, wanted: Subscription) -> api.StreamConfig:
        found = await stream_info(self._nc, wanted.stream)
        if found is None:
            message = (
                f"there is no stream {wanted.stream!r}: make it, and its messages are taken from "
                "then on"
            )
            raise NotFound(message, code="subject.no_stream")
        return found.config

    async def _consumed(self) -> list[str]:
        """The streams, none of ours, that have consumers."""
        found = await _pages(self._nc, "STREAM.LIST", "streams")
        return [
            one["config"]["name"]
            for one in found
            if one["state"]["consumer_count"] and not subjects.is_own_stream(one["config"]["name"])
        ]

    async def _named(self, stream: str) -> list[str]:
        """Our consumers of a stream."""
        try:
            names = await _pages(self._nc, f"CONSUMER.NAMES.{stream}", "consumers")
        except NotFoundError:
            return []
        return [name for name in names if name.startswith(subjects.SUBJECT_DURABLE)]

    async def _remove(self, stream: str, name: str) -> int:
        try:
            await call(self._nc, f"CONSUMER.DELETE.{stream}.{name}")
        except NotFoundError:
            return 0  # by another scheduler
        return 1


def _name(wanted: Subscription) -> str:
    return subjects.subject_durable(wanted.workflow_id, wanted.stream, wanted.subject)


def _config(
    wanted: Subscription, name: str, stream: api.StreamConfig, ack_wait: float
) -> api.ConsumerConfig:
    # A work queue has no consumer but one that begins with its oldest message.
    whole = stream.retention == api.RetentionPolicy.WORK_QUEUE
    start = datetime.fromtimestamp(wanted.since, UTC)
    return api.ConsumerConfig(
        durable_name=name,
        description=f"Begins runs of workflow {wanted.workflow_id} by {wanted.subject}",
        filter_subject=wanted.subject,
        deliver_policy=api.DeliverPolicy.ALL if whole else api.DeliverPolicy.BY_START_TIME,
        opt_start_time=None if whole else start,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=MAX_ACK_PENDING,
        num_replicas=0,
    )


async def _asked(asking: Awaitable[Any], wanted: Subscription) -> Any:
    """What the server answers, with its refusals as errors of ours."""
    try:
        return await asking
    except NotFoundError as error:
        raise _gone(wanted) from error
    except (APIError, nats.errors.Error, TimeoutError) as error:
        reason = reason_of(error)
        if not isinstance(error, APIError) or is_passing(error):
            message = f"stream {wanted.stream!r} cannot be asked: {reason}"
            raise BusUnavailable(message) from error
        message = f"stream {wanted.stream!r} does not give {wanted.subject!r}: {reason}"
        raise InvalidRequest(message, code="subject.refused") from error


def _gone(wanted: Subscription) -> NotFound:
    message = f"stream {wanted.stream!r} has no consumer for {wanted.subject!r} yet"
    return NotFound(message, code="subject.no_consumer")


async def _pages(nc: Connection, what: str, key: str) -> list[Any]:
    """All of a list that the server gives in pages."""
    found: list[Any] = []
    while True:
        page = await call(nc, what, {"offset": len(found)})
        listed = page.get(key) or []
        found += listed
        if not listed or len(found) >= page["total"]:
            return found
