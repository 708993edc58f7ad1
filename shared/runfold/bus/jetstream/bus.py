"""The bus on NATS JetStream: the adapters of all ports over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.kv import KeyValue
from nats.js.object_store import ObjectStore

from runfold.bus.jetstream.archive import JetStreamArchive
from runfold.bus.jetstream.blobs import JetStreamBlobs
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.leader import stream_made
from runfold.bus.jetstream.client.link import Link, stop_reconnecting
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.client.requests import asked
from runfold.bus.jetstream.conversations import JetStreamConversations
from runfold.bus.jetstream.crons import JetStreamCrons
from runfold.bus.jetstream.dead_letters import JetStreamDeadLetters
from runfold.bus.jetstream.event_log import JetStreamEventLog
from runfold.bus.jetstream.files import JetStreamFiles
from runfold.bus.jetstream.key_value import JetStreamKeyValue
from runfold.bus.jetstream.leftovers import JetStreamLeftovers
from runfold.bus.jetstream.live import JetStreamChunks, JetStreamLive
from runfold.bus.jetstream.notices import JetStreamNotices
from runfold.bus.jetstream.operations import JetStreamOperations
from runfold.bus.jetstream.queues import JetStreamRequests, JetStreamTasks, Queues
from runfold.bus.jetstream.raw_log import JetStreamRawLog
from runfold.bus.jetstream.snapshots import JetStreamSnapshots
from runfold.bus.jetstream.subscriptions import JetStreamSubscriptions
from runfold.bus.jetstream.timers import JetStreamDue
from runfold.bus.jetstream.topology.apply import adopt
from runfold.bus.jetstream.topology.provision import READY_WITHIN, Topology, provide
from runfold.bus.jetstream.topology.wanted import bucket_stream, store_stream
from runfold.bus.ports.bus import Answering
from runfold.bus.refusals import HEADER, answered, refused
from runfold.bus.run_log import RunLog
from runfold.contracts import subjects
from runfold.contracts.codec import decode_failure
from runfold.contracts.queries import answerer
from runfold.errors import BusUnavailable
from runfold.settings import Settings

log = structlog.get_logger("bus")

Role = Literal["reader", "member", "owner"]
"""What a process may do to a server's streams: nothing; create what is missing; change them too.

Services and clients are members. Only who runs the server for itself alone is its owner; everybody
else's way to change what exists is `runfold cluster apply`.
"""


class JetStreamBus:
    """`runfold.bus.ports.bus.Bus` on one NATS connection. Made by `open`."""

    def __init__(self, link: Link, publisher: Publisher) -> None:
        self.link = link
        self.nc = link.client
        self._publisher = publisher
        self._owned = False
        self.events: JetStreamEventLog
        self.raw: JetStreamRawLog
        self.archive: JetStreamArchive
        self.messages: JetStreamConversations
        self.tasks: JetStreamTasks
        self.requests: JetStreamRequests
        self.due: JetStreamDue
        self.subscriptions: JetStreamSubscriptions
        self.chunks: JetStreamChunks
        self.live: JetStreamLive
        self.notices: JetStreamNotices
        self.blobs: JetStreamBlobs
        self.files: JetStreamFiles
        self.leftovers: JetStreamLeftovers
        self.snapshots: JetStreamSnapshots
        self.crons: JetStreamCrons
        self.operations: JetStreamOperations
        self.dead: JetStreamDeadLetters
        self.definitions: JetStreamKeyValue
        self.checkpoints: JetStreamKeyValue
        self.idempotency: JetStreamKeyValue
        self.protection: JetStreamKeyValue
        self.leases: JetStreamKeyValue
        self.places: JetStreamKeyValue
        self.conversations: JetStreamKeyValue
        self.plugins: JetStreamKeyValue
        self.connections: JetStreamKeyValue
        self.waits: JetStreamKeyValue

    @classmethod
    async def open(
        cls,
        link: Link,
        settings: Settings,
        *,
        owned: bool = False,
        role: Role = "member",
        within: float = READY_WITHIN,
    ) -> JetStreamBus:
        """A bus over a connection, on streams that are there.

        Args:
            link: A connection, which may be shared with others.
            settings: Thresholds and replicas.
            owned: Whether `close` closes the connection.
            role: What may be done to the server's streams.
            within: Seconds that JetStream is given to become ready.

        Raises:
            BusUnavailable: When JetStream is not ready in time.
            ConfigurationError: When something is missing and cannot be created.
        """
        nc = link.client
        js = nc.jetstream()
        topology = await provide(nc, settings, within=within, create=role != "reader")
        if role == "owner":
            await adopt(nc, settings, topology)
        blobs = JetStreamBlobs(nc, js, settings.file_expiry)
        claims = ClaimCheck(blobs, settings.claim_threshold, settings.max_payload)
        publisher = Publisher(nc, claims)
        await publisher.start()
        queues = Queues(nc, publisher, claims, settings, owner=role == "owner")
        bus = cls(link, publisher)
        bus._owned = owned
        bus.raw = JetStreamRawLog(nc, claims)
        bus.archive = JetStreamArchive(nc, js, publisher, claims)
        bus.events = JetStreamEventLog(
            nc, js, publisher, claims, bus.raw, bus.archive, settings.retention
        )
        bus.messages = JetStreamConversations(nc, js, publisher, claims)
        bus.tasks = JetStreamTasks(queues)
        bus.requests = JetStreamRequests(queues)
        bus.due = JetStreamDue(queues)
        bus.subscriptions = JetStreamSubscriptions(nc, settings)
        bus.chunks = JetStreamChunks(nc, publisher, claims)
        bus.live = JetStreamLive(nc, claims)
        bus.notices = JetStreamNotices(nc, js)
        bus.blobs = blobs
        bus.files = JetStreamFiles(nc, js, settings.file_expiry)
        bus.leftovers = JetStreamLeftovers(nc, bus.files.objects, blobs, claims, settings)
        bus.crons = JetStreamCrons(nc, publisher)
        bus.operations = JetStreamOperations(nc)
        bus.snapshots = JetStreamSnapshots(_store(js, subjects.SNAPSHOTS), nc)
        bus.dead = JetStreamDeadLetters(nc, publisher, RunLog(bus))

        def bucket(name: str) -> JetStreamKeyValue:
            return JetStreamKeyValue(_bucket(js, name, topology), name, nc)

        bus.definitions = bucket(subjects.DEFINITIONS)
        bus.checkpoints = bucket(subjects.CHECKPOINTS)
        bus.leases = bucket(subjects.LEASES)
        bus.places = bucket(subjects.PLACES)
        bus.conversations = bucket(subjects.CONVERSATIONS)
        bus.plugins = bucket(subjects.PLUGINS)
        bus.connections = bucket(subjects.CONNECTIONS)
        bus.waits = bucket(subjects.WAITS)
        bus.idempotency = bucket(subjects.IDEMPOTENCY)
        bus.protection = bucket(subjects.PROTECTION)
        bus._heal_on_reconnect(queues)
        return bus

    @property
    def connected(self) -> bool:
        """Whether the broker is reachable right now."""
        return self.nc.is_connected

    @property
    def failed(self) -> asyncio.Future[None]:
        """Done only when this process can never publish again: the error."""
        return self._publisher.failed

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask a service; see the port.

        Raises:
            BusUnavailable: When none answers, or the one that does cannot.
            RunfoldError: What it refuses.
        """
        try:
            answer = await asked(self.nc, subjects.query(verb), body, timeout)
        except (nats.errors.Error, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            service, code = answerer(verb)
            message = (
                f"no {service} answers {verb!r} ({reason}); start one with "
                f"`runfold serve {service}`"
            )
            raise BusUnavailable(message, code=code) from error
        whose = (answer.headers or {}).get(HEADER)
        if whose is not None:
            raise refused(verb, decode_failure(answer.data), whose)
        return answer.data

    async def answer_queries(
        self, verb: str, handler: Answering, *, group: str
    ) -> Callable[[], Awaitable[None]]:
        """Answer queries as one of a group; returns the function that ends it."""

        async def on_msg(msg: Msg) -> None:
            body, headers = await answered(verb, handler, msg.data)
            try:
                await self.nc.publish(msg.reply, body, headers=headers)
            except nats.errors.Error as error:
                log.warning("query not answered", verb=verb, reason=str(error))

        subscription = await self.nc.subscribe(subjects.query(verb), queue=group, cb=on_msg)
        return subscription.unsubscribe

    async def log_made(self) -> str:
        """When the log of all runs was made: what tells it from the log of any other server."""
        return await stream_made(self.nc, subjects.EVENTS)

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
            await stop_reconnecting(self.nc)

    def _heal_on_reconnect(self, queues: Queues) -> None:
        """A new connection has none of the open requests, deliveries and acks of the old one."""

        async def on_reconnected() -> None:
            await self._publisher.resend()
            self.events.reconnected()
            self.messages.reconnected()
            queues.reconnected()
            self.subscriptions.reconnected()
            self.live.reconnected()
            self.notices.reconnected()

        self.link.on_reconnected(on_reconnected)


def _bucket(js: JetStreamContext, name: str, topology: Topology) -> KeyValue:
    """A bucket, without asking the server once more.

    One with copies is read at its leader: a copy may not have yet what was written a moment ago.
    """
    stream = bucket_stream(name)
    direct = not topology.is_replicated(stream)
    return KeyValue(name=name, stream=stream, pre=f"$KV.{name}.", js=js, direct=direct)


def _store(js: JetStreamContext, name: str) -> ObjectStore:
    """An object store, without asking the server once more."""
    return ObjectStore(name=name, stream=store_stream(name), js=js)
