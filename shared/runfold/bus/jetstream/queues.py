"""Tasks and requests: work queues on JetStream, and what all such queues share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

import msgspec
import nats.errors
import structlog
from nats.js.errors import Error as JetStreamError

from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.connection import Connection, Message
from runfold.bus.jetstream.client.delivery import (
    JetStreamLease,
    Place,
    bury,
    unreadable,
)
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.client.pull import PullFlow
from runfold.bus.jetstream.topology.api import reason_of
from runfold.bus.jetstream.topology.consumers import ensured
from runfold.bus.jetstream.topology.wanted import Durable, executor_queue, request_queue
from runfold.bus.ports.messages import Ack
from runfold.contracts import subjects
from runfold.contracts.codec import decode_request, decode_task, encode
from runfold.contracts.json_reader import read_json
from runfold.contracts.requests import AnyRequest, request_id, verb_of
from runfold.contracts.tasks import Hold, Task
from runfold.errors import BusUnavailable, RunfoldError
from runfold.ids import address_of, attempt_id, checked_id, checked_token
from runfold.settings import Settings

L = TypeVar("L", bound=JetStreamLease)

log = structlog.get_logger("bus")

HOLD = "Runfold-Hold"
"""Header of a task that was given back with a hold."""
HELD = HOLD.encode()


class JetStreamTaskLease(JetStreamLease):
    """A task that is ours for the moment."""

    __slots__ = ("_msg", "_publisher", "hold", "task")

    def __init__(
        self, nc: Connection, msg: Message, place: Place, publisher: Publisher, task: Task
    ) -> None:
        super().__init__(nc, msg.reply, place)
        self._msg = msg
        self._publisher = publisher
        self.task = task
        held = msg.headers.get(HOLD) if HELD in msg.raw_headers else None
        self.hold = None if held is None else read_json(held, Hold)
        if self.hold is not None:
            self.deliveries = max(1, self.deliveries - 1)

    async def give_back(self, hold: Hold | None = None) -> None:
        """Give it back, as if it had never been taken: its deliveries count anew."""
        await _queue_anew(self, self._publisher, self._msg, hold)


async def _queue_anew(
    lease: JetStreamLease, publisher: Publisher, msg: Message, hold: Hold | None = None
) -> None:
    """Replace a message by one that was never taken; the server counts deliveries by message.

    It has no id any more: by that the stream would take it for the old one.
    """
    if not lease.reachable:
        return  # it comes again by itself
    headers = {k: v for k, v in msg.headers.items() if not k.startswith("Nats-")}
    if hold is not None:
        headers[HOLD] = msgspec.json.encode(hold).decode()
    try:
        await publisher.send(msg.subject, msg.data, headers=headers or None)
    except RunfoldError as error:
        log.warning("task given back as delivered", subject=msg.subject, reason=str(error))
        await lease.nak()
    else:
        await lease.ack()


class JetStreamRequestLease(JetStreamLease):
    """A request that is ours for the moment."""

    __slots__ = ("body", "request", "verb")

    def __init__(
        self, nc: Connection, reply: str, place: Place, verb: str, body: bytes, request: AnyRequest
    ) -> None:
        super().__init__(nc, reply, place)
        self.verb = verb
        self.body = body
        self.request = request


class Feed(Generic[L]):
    """An open subscription to a work queue; see `runfold.bus.ports.queues.TaskFeed`."""

    def __init__(
        self,
        nc: Connection,
        flow: PullFlow,
        stream: str,
        publisher: Publisher,
        claims: ClaimCheck,
        lease_of: Callable[[Message, Place, bytes], L],
        give_back: Callable[[JetStreamLease, Message], Awaitable[None]],
        ack_wait: float,
    ) -> None:
        self.ack_wait = ack_wait
        """Seconds of silence after which a lease is somebody else's, as the broker has it."""
        self._nc = nc
        self._flow = flow
        self._stream = stream
        self._publisher = publisher
        self._claims = claims
        self._lease_of = lease_of
        self._give_back = give_back

    async def __aiter__(self) -> AsyncIterator[L]:
        """Leases as they come. Ends after `stop`."""
        while (delivered := await self._flow.next()) is not None:
            msg, place = delivered
            try:
                body = msg.data
                if self._claims.is_claim(body):
                    body = await self._claims.fetch(body)
                lease = self._lease_of(msg, place, body)
            except Exception as error:  # noqa: BLE001 -- bytes from anybody: the queue goes on
                await self._set_aside(msg, place, unreadable(error))
            else:
                yield lease

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""
        self._flow.done()

    async def stop(self) -> None:
        """Take no more; what was delivered but not yet iterated is given back."""
        left = [
            self._give_back(JetStreamLease(self._nc, msg.reply, place), msg)
            for msg, place in await self._flow.stop()
        ]
        await asyncio.gather(*left)

    async def _set_aside(self, msg: Message, place: Place, error: RunfoldError) -> None:
        """Bury what cannot be read; put back what could not be fetched just now."""
        lease = JetStreamLease(self._nc, msg.reply, place)
        if error.retryable:
            await lease.nak(1.0)
        else:
            bury(self._publisher, self._stream, place.seq, msg.subject, msg.data, error)
            await lease.ack()
        self._flow.done()


class Queues:
    """What all work queues share: one connection's publisher, consumers and open feeds."""

    def __init__(
        self,
        nc: Connection,
        publisher: Publisher,
        claims: ClaimCheck,
        settings: Settings,
        *,
        owner: bool,
    ) -> None:
        self.nc = nc
        self.publisher = publisher
        self.settings = settings
        self._claims = claims
        self._owner = owner
        self._flows: list[PullFlow] = []

    def feed(
        self,
        durable: Durable,
        slots: int,
        lease_of: Callable[[Message, Place, bytes], L],
        give_back: Callable[[JetStreamLease, Message], Awaitable[None]],
    ) -> Feed[L]:
        """A feed from a durable consumer, made when it is not there."""

        async def ensure() -> None:
            try:
                feed.ack_wait = await ensured(self.nc, durable, owner=self._owner)
            except (TimeoutError, JetStreamError) as error:
                message = f"no {durable.label}: {reason_of(error)}"
                raise nats.errors.Error(message) from error

        flow = PullFlow(self.nc, durable.stream, durable.name, slots, ensure)
        self._flows.append(flow)
        feed = Feed(
            self.nc,
            flow,
            durable.stream,
            self.publisher,
            self._claims,
            lease_of,
            give_back,
            self.settings.ack_wait,
        )
        return feed

    async def last_seq(self, stream: str) -> int:
        """The newest sequence of a queue's stream. Raises `BusUnavailable`."""
        try:
            return int((await self.nc.jetstream().stream_info(stream)).state.last_seq)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot read {stream}: {error}") from error

    def reconnected(self) -> None:
        """The connection is back: requests that were open are lost."""
        for flow in self._flows:
            flow.reconnected()


class JetStreamTasks:
    """`runfold.bus.ports.queues.TaskQueue` on TASKS."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def push(self, group: str, task: Task) -> asyncio.Future[Ack]:
        """Queue a task once per attempt."""
        address = address_of(task.scope, task.node_id)
        return self._queues.publisher.send(
            subjects.task(group, task.node_type),
            encode(task),
            msg_id=attempt_id(task.run_id, address, task.attempt),
        )

    def consume(self, group: str, *, slots: int) -> Feed[JetStreamTaskLease]:
        """Take tasks of a group, never more at a time than there are free slots."""

        def lease_of(msg: Message, place: Place, body: bytes) -> JetStreamTaskLease:
            task = decode_task(body)
            # Nothing could be said of it: it would come again for ever.
            checked_token(task.run_id, "run id")
            checked_id(task.workflow_id, "workflow id")
            return JetStreamTaskLease(self._queues.nc, msg, place, self._queues.publisher, task)

        async def give_back(lease: JetStreamLease, msg: Message) -> None:
            await _queue_anew(lease, self._queues.publisher, msg)

        durable = executor_queue(self._queues.settings, group)
        return self._queues.feed(durable, slots, lease_of, give_back)

    async def last_seq(self, group: str) -> int:  # noqa: ARG002 -- one stream has all groups
        """The newest place that was given to a task, 0 when none was."""
        return await self._queues.last_seq(subjects.TASKS)


class JetStreamRequests:
    """`runfold.bus.ports.queues.RequestQueue` on REQUESTS."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    async def send(self, request: AnyRequest) -> Ack:
        """Store a request; returns on the broker's ack."""
        subject = subjects.request(verb_of(request))
        return await self._queues.publisher.send(
            subject, encode(request), msg_id=request_id(request)
        )

    def consume(self, *, slots: int) -> Feed[JetStreamRequestLease]:
        """Take requests as the scheduler group."""

        def lease_of(msg: Message, place: Place, body: bytes) -> JetStreamRequestLease:
            verb = msg.subject.rpartition(".")[2]
            request = decode_request(verb, body)
            return JetStreamRequestLease(self._queues.nc, msg.reply, place, verb, body, request)

        async def give_back(lease: JetStreamLease, _msg: Message) -> None:
            # A request stays where it is: ids of runs are made of its place.
            await lease.nak()

        durable = request_queue(self._queues.settings)
        return self._queues.feed(durable, slots, lease_of, give_back)
