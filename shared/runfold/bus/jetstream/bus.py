"""The bus on NATS JetStream: the adapters of all ports over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.archive import JetStreamArchive
from runfold.bus.jetstream.blobs import JetStreamBlobs
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.direct_get import stream_made
from runfold.bus.jetstream.client.headers import read_headers_faster
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.client.requests import asked
from runfold.bus.jetstream.crons import JetStreamCrons
from runfold.bus.jetstream.dead_letters import JetStreamDeadLetters
from runfold.bus.jetstream.event_log import JetStreamEventLog
from runfold.bus.jetstream.key_value import JetStreamKeyValue
from runfold.bus.jetstream.live import JetStreamChunks, JetStreamLive
from runfold.bus.jetstream.queues import JetStreamRequests, JetStreamTasks, Queues
from runfold.bus.jetstream.raw_log import JetStreamRawLog
from runfold.bus.jetstream.snapshots import JetStreamSnapshots
from runfold.bus.jetstream.timers import JetStreamDue
from runfold.bus.jetstream.topology import ensure_topology
from runfold.bus.refusals import HEADER, refusal, refused
from runfold.bus.run_log import RunLog
from runfold.contracts import subjects
from runfold.contracts.codec import decode_failure, encode
from runfold.errors import BusUnavailable
from runfold.settings import Settings

log = structlog.get_logger("bus")


class JetStreamBus:
    """`runfold.bus.ports.bus.Bus` on one NATS connection. Made by `open`."""

    def __init__(self, nc: Client, publisher: Publisher) -> None:
        self.nc = nc
        self._publisher = publisher
        self._owned = False
        self.events: JetStreamEventLog
        self.raw: JetStreamRawLog
        self.archive: JetStreamArchive
        self.tasks: JetStreamTasks
        self.requests: JetStreamRequests
        self.due: JetStreamDue
        self.chunks: JetStreamChunks
        self.live: JetStreamLive
        self.blobs: JetStreamBlobs
        self.snapshots: JetStreamSnapshots
        self.crons: JetStreamCrons
        self.dead: JetStreamDeadLetters
        self.definitions: JetStreamKeyValue
        self.checkpoints: JetStreamKeyValue
        self.idempotency: JetStreamKeyValue
        self.protection: JetStreamKeyValue
        self.leases: JetStreamKeyValue
        self.places: JetStreamKeyValue
        self.conversations: JetStreamKeyValue
        self.waits: JetStreamKeyValue

    @classmethod
    async def open(cls, nc: Client, settings: Settings, *, owned: bool = False) -> JetStreamBus:
        """A bus over a connection, its streams made sure of.

        Args:
            nc: A connected client, which may be shared with others.
            settings: Thresholds and replicas.
            owned: Whether `close` closes the connection.
        """
        read_headers_faster()
        js = nc.jetstream()
        await ensure_topology(js, settings)
        blobs = JetStreamBlobs(await js.object_store(subjects.BLOBS))
        claims = ClaimCheck(blobs, settings.claim_threshold, settings.max_payload)
        publisher = Publisher(nc, claims)
        await publisher.start()
        queues = Queues(nc, js, publisher, claims, settings.ack_wait, settings.group_limit)
        bus = cls(nc, publisher)
        bus._owned = owned
        bus.raw = JetStreamRawLog(nc, claims)
        bus.archive = JetStreamArchive(nc, js, publisher, claims)
        bus.events = JetStreamEventLog(
            nc, js, publisher, claims, bus.raw, bus.archive, settings.retention
        )
        bus.tasks = JetStreamTasks(queues)
        bus.requests = JetStreamRequests(queues)
        bus.due = JetStreamDue(queues)
        bus.chunks = JetStreamChunks(nc, publisher, claims)
        bus.live = JetStreamLive(nc, claims)
        bus.blobs = blobs
        bus.crons = JetStreamCrons(nc, publisher)
        bus.snapshots = JetStreamSnapshots(await js.object_store(subjects.SNAPSHOTS))
        bus.dead = JetStreamDeadLetters(nc, publisher, RunLog(bus))
        bus.definitions = JetStreamKeyValue(await js.key_value(subjects.DEFINITIONS), nc)
        bus.checkpoints = JetStreamKeyValue(await js.key_value(subjects.CHECKPOINTS), nc)
        bus.leases = JetStreamKeyValue(await js.key_value(subjects.LEASES), nc)
        bus.places = JetStreamKeyValue(await js.key_value(subjects.PLACES), nc)
        bus.conversations = JetStreamKeyValue(await js.key_value(subjects.CONVERSATIONS), nc)
        bus.waits = JetStreamKeyValue(await js.key_value(subjects.WAITS), nc)
        bus.idempotency = JetStreamKeyValue(await js.key_value(subjects.IDEMPOTENCY), nc)
        bus.protection = JetStreamKeyValue(await js.key_value(subjects.PROTECTION), nc)
        bus._heal_on_reconnect(queues)
        return bus

    @property
    def connected(self) -> bool:
        """Whether the broker is reachable right now."""
        return self.nc.is_connected

    @property
    def failed(self) -> asyncio.Future[None]:
        """Never done, unless this process can publish no more whatever NATS does: the error."""
        return self._publisher.failed

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask a projection.

        Raises:
            BusUnavailable: When none answers, or the one that does cannot.
            InvalidRequest: When it says that this cannot be asked.
        """
        try:
            answer = await asked(self.nc, subjects.query(verb), body, timeout)
        except (nats.errors.Error, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise BusUnavailable(
                f"no projection answers {verb!r} ({reason}); start one with "
                "`runfold serve projection`",
                code="projection.unavailable",
            ) from error
        whose = (answer.headers or {}).get(HEADER)
        if whose is not None:
            raise refused(verb, decode_failure(answer.data), whose)
        return answer.data

    async def answer_queries(
        self, verb: str, handler: Callable[[bytes], Awaitable[bytes]], *, group: str
    ) -> Callable[[], Awaitable[None]]:
        """Answer queries as one of a group; returns the function that ends it."""

        async def on_msg(msg: Msg) -> None:
            headers = None
            try:
                body = await handler(msg.data)
            except Exception as error:  # noqa: BLE001 -- who asks is to be told, whatever it was
                failure, whose = refusal(verb, error)
                body, headers = encode(failure), {HEADER: whose}
            try:
                await self.nc.publish(msg.reply, body, headers=headers)
            except nats.errors.Error as error:
                log.warning("query not answered", verb=verb, reason=str(error))

        subscription = await self.nc.subscribe(subjects.query(verb), queue=group, cb=on_msg)
        return subscription.unsubscribe

    async def log_made(self) -> str:
        """When the log of all runs was made: what tells it from the log of any other server."""
        return await stream_made(self.nc, subjects.EVENTS)

    async def announce(self, subject: str, body: bytes) -> None:
        """Publish on a core subject, unstored."""
        await self.nc.publish(subject, body)

    async def close(self) -> None:
        """Flush and leave."""
        if self.nc.is_connected:
            await self._publisher.flush()
        await self._publisher.close()
        if self._owned and not self.nc.is_closed:
            try:
                await self.nc.close()
            except (RuntimeError, OSError) as error:
                # The server went first: there is no socket left to close.
                log.debug("connection was gone already", reason=str(error))

    def _heal_on_reconnect(self, queues: Queues) -> None:
        """A new connection has none of the open requests, deliveries and acks of the old one."""
        before = self.nc._reconnected_cb  # noqa: SLF001 -- a shared client may have its own

        async def on_reconnected() -> None:
            await self._publisher.resend()
            self.events.reconnected()
            queues.reconnected()
            self.live.reconnected()
            if before is not None:
                await before()

        self.nc._reconnected_cb = on_reconnected  # noqa: SLF001 -- no public way to add one
