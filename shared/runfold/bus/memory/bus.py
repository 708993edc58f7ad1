"""The bus in memory: the twin of the JetStream adapters, for tests of what uses a bus.

Everything passes through the codec, so that what does not survive the wire fails here too. Time is
the event loop's, plus the given clock's. Nothing is kept when the process ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from runfold.bus.memory.archive import MemoryArchive
from runfold.bus.memory.conversations import MemoryConversations
from runfold.bus.memory.dead_letters import MemoryDeadLetters
from runfold.bus.memory.event_log import MemoryEvents
from runfold.bus.memory.files import MemoryFiles
from runfold.bus.memory.leftovers import MemoryLeftovers
from runfold.bus.memory.live import Clock, MemoryChunks, MemoryLive
from runfold.bus.memory.notices import MemoryNotices
from runfold.bus.memory.operations import MemoryOperations
from runfold.bus.memory.queues import MemoryDue, MemoryRequests, MemoryTasks
from runfold.bus.memory.stores import MemoryBlobs, MemoryCrons, MemoryKeyValue, MemorySnapshots
from runfold.bus.memory.subscriptions import MemorySubscriptions
from runfold.bus.ports.bus import Answering
from runfold.bus.refusals import refusal, refused
from runfold.bus.run_log import RunLog
from runfold.contracts.queries import answerer
from runfold.errors import BusUnavailable
from runfold.settings import Settings


class MemoryBus:
    """`runfold.bus.ports.bus.Bus` in this process.

    Args:
        settings: Acknowledgement times and limits.
        clock: The stream's clock, in Unix seconds.
    """

    def __init__(self, settings: Settings, clock: Clock = time.time) -> None:
        self.live = MemoryLive()
        self.notices = MemoryNotices()
        self.archive = MemoryArchive(settings.archive_retention)
        self.due = MemoryDue(clock, settings.ack_wait)
        self.events = MemoryEvents(
            self.live, self.notices, clock, settings.max_payload, self.archive, self.due
        )
        self.raw = self.events.raw
        self.messages = MemoryConversations(clock, settings.max_payload)
        self.chunks = MemoryChunks(self.live, clock)
        self.tasks = MemoryTasks(clock, settings.ack_wait, settings.max_payload)
        self.requests = MemoryRequests(clock, settings.ack_wait)
        self.subscriptions = MemorySubscriptions(clock, settings.ack_wait)
        self.blobs = MemoryBlobs()
        self.files = MemoryFiles(clock)
        self.leftovers = MemoryLeftovers()
        self.snapshots = MemorySnapshots()
        self.crons = MemoryCrons()
        self.operations = MemoryOperations(self.tasks, self.events.last_seq)
        self.dead = MemoryDeadLetters(clock, self.notices, RunLog(self), self.tasks, self.requests)
        self.definitions = MemoryKeyValue(
            lambda key, revision: self.notices.tell_definition(key, revision, clock())
        )
        self.checkpoints = MemoryKeyValue()
        self.idempotency = MemoryKeyValue()
        self.protection = MemoryKeyValue()
        self.leases = MemoryKeyValue()
        self.places = MemoryKeyValue()
        self.conversations = MemoryKeyValue()
        self.plugins = MemoryKeyValue()
        self.connections = MemoryKeyValue()
        self.waits = MemoryKeyValue()
        self._made = f"{clock()!r}-{id(self)}"
        self._handlers: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}

    @property
    def connected(self) -> bool:
        """Always."""
        return True

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask a service; see the port."""
        handler = self._handlers.get(verb)
        if handler is None:
            service, code = answerer(verb)
            raise BusUnavailable(f"no {service} answers {verb!r}", code=code)
        try:
            return await asyncio.wait_for(handler(body), timeout)
        except Exception as error:
            raise refused(verb, *refusal(verb, error)) from error

    async def answer_queries(
        self, verb: str, handler: Answering, *, group: str
    ) -> Callable[[], Awaitable[None]]:
        """Answer queries; returns the function that ends it."""
        del group
        self._handlers[verb] = handler

        async def stop() -> None:
            self._handlers.pop(verb, None)

        return stop

    async def log_made(self) -> str:
        """When the log of all runs was made."""
        return self._made

    async def close(self) -> None:
        """Nothing to leave."""
