"""The bus in memory: the twin of the JetStream adapters, for tests of what uses a bus.

Everything passes through the codec, so that what does not survive the wire fails here too. Time is
the event loop's, plus whatever the given clock says. Nothing is kept when the process ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from runfold.archive.chain import recorded
from runfold.bus.memory_archive import MemoryArchive, MemoryRawLog
from runfold.bus.memory_dead import MemoryDeadLetters
from runfold.bus.memory_queues import MemoryDue, MemoryRequests, MemoryTasks, too_large
from runfold.bus.ports import Ack, LiveMessage, Undeliverable
from runfold.bus.refusals import refusal, refused
from runfold.contracts.codec import decode_chunk, decode_event, encode
from runfold.contracts.events import (
    TERMINAL_RUN_EVENTS,
    AnyEvent,
    Recorded,
    RecordedChunk,
    RunCompensating,
    RunStarted,
    StreamChunk,
    TimerFired,
    event_type,
)
from runfold.contracts.requests import RunRequest
from runfold.errors import BusUnavailable, Conflict, NotFound
from runfold.ids import partition_of
from runfold.settings import Settings

Clock = Callable[[], float]
Watcher = Callable[[LiveMessage], None]


class MemoryLive:
    """Who watches what."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}
        self._on_end: list[Callable[[str], None]] = []
        self._of_types: list[tuple[frozenset[str], Callable[[Recorded], None]]] = []
        self._on_compensating: list[Callable[[str], None]] = []

    def tell(self, run_id: str, message: LiveMessage) -> None:
        """A message was stored."""
        for watcher in list(self._watchers.get(run_id, ())):
            watcher(message)
        if not isinstance(message, Recorded):
            return
        if isinstance(message.event, TERMINAL_RUN_EVENTS):
            for on_end in list(self._on_end):
                on_end(run_id)
        for types, on_event in list(self._of_types):
            if event_type(message.event) in types:
                on_event(message)
        if isinstance(message.event, RunCompensating):
            for on_compensating in list(self._on_compensating):
                on_compensating(run_id)

    async def watch(
        self,
        run_id: str,
        on_message: Watcher,
        on_gap: Callable[[], None] | None = None,  # noqa: ARG002 -- nothing gets lost in memory
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on."""
        watchers = self._watchers.setdefault(run_id, [])
        watchers.append(on_message)

        async def stop() -> None:
            watchers.remove(on_message)

        return stop

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,  # noqa: ARG002 -- nothing gets lost in memory
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_end(run_id)` for each terminal run event, of any run."""
        self._on_end.append(on_end)
        if on_compensating is not None:
            self._on_compensating.append(on_compensating)

        async def stop() -> None:
            self._on_end.remove(on_end)
            if on_compensating is not None:
                self._on_compensating.remove(on_compensating)

        return stop

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_event` for each event of some types, of any run."""
        wanted = (frozenset(types), on_event)
        self._of_types.append(wanted)

        async def stop() -> None:
            self._of_types.remove(wanted)

        return stop


class MemoryEvents:
    """`runfold.bus.ports.EventLog` in a list."""

    def __init__(
        self,
        live: MemoryLive,
        clock: Clock,
        max_payload: int,
        archive: MemoryArchive,
        due: MemoryDue,
    ) -> None:
        self._live = live
        self._archive = archive
        self._due = due
        self._clock = clock
        self._max_payload = max_payload
        self._log: list[Recorded] = []
        self.raw = MemoryRawLog(lambda: self._log)
        self._ids: dict[str, int] = {}
        self._last_seq = 0
        self._schedules: dict[str, asyncio.TimerHandle] = {}
        self._grown = asyncio.Condition()
        self._telling: set[asyncio.Task[None]] = set()

    def append(self, event: AnyEvent) -> asyncio.Future[Ack]:
        """Store an event under its id."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        body = encode(event)
        if len(body) > self._max_payload:
            done.set_exception(too_large(len(body), self._max_payload))
        elif event.id in self._ids:
            done.set_result(Ack(self._ids[event.id], duplicate=True))
        else:
            self._last_seq += 1
            record = Recorded(self._last_seq, self._clock(), decode_event(body))
            self._log.append(record)
            self._ids[event.id] = record.seq
            done.set_result(Ack(record.seq))
            self._live.tell(event.run_id, record)
            task = asyncio.ensure_future(self._tell())
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        return done

    def schedule(self, event: TimerFired, due: float) -> asyncio.Future[Ack]:
        """Say at `due`, by the clock of this bus, that an event is due."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        done.set_result(Ack(len(self._log)))
        held = self._schedules.pop(event.id, None)
        if held is not None:
            held.cancel()

        def fire() -> None:
            self._schedules.pop(event.id, None)
            self._due.put(event)

        left = max(0.0, due - self._clock())
        self._schedules[event.id] = asyncio.get_running_loop().call_later(left, fire)
        return done

    async def has_event(self, run_id: str, *types: str) -> bool:
        """Whether a run has an event of one of some types, in the log or the archive."""
        return any(event_type(record.event) in types for record in await self.read_run(run_id))

    def may_be_archived(self, run_id: str) -> bool:  # noqa: ARG002 -- asking costs nothing here
        """Always."""
        return True

    async def purge_run(self, run_id: str) -> int:
        """Remove a run's events for good; returns how many went."""
        before = len(self._log)
        self._log = [record for record in self._log if record.event.run_id != run_id]
        return before - len(self._log)

    async def start_run(self, event: RunStarted) -> Ack:
        """Store a run's first event; a run that exists already answers `duplicate`, for ever."""
        first = await self.first_event(event.run_id)
        if first is not None:
            return Ack(first.seq, duplicate=True)
        return await self.append(event)

    async def read_run(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[Recorded]:
        """A run's events in stream order, `after < seq <= until`."""
        archived = await self._archive.read(run_id)
        if archived is not None:
            return recorded(archived, after=after, until=until)[:limit]
        last = self._last_seq if until is None else until
        return [
            record
            for record in self._log
            if record.event.run_id == run_id and after < record.seq <= last
        ][:limit]

    async def first_event(self, run_id: str) -> Recorded | None:
        """A run's `run_started`, or None for an unknown run."""
        found = await self.read_run(run_id)
        return next((record for record in found if isinstance(record.event, RunStarted)), None)

    async def last_seq(self) -> int:
        """The newest sequence in the log, 0 when empty."""
        return self._last_seq

    async def now(self) -> float:
        """What time it is by the log's clock, in Unix seconds."""
        return self._clock()

    async def follow(
        self, *, after: int = 0, partitions: Sequence[int] | None = None
    ) -> AsyncIterator[list[Recorded | Undeliverable]]:
        """All events after a sequence, for ever, in batches as they come."""
        wanted = None if partitions is None else frozenset(partitions)
        caught_up = False
        while True:
            batch: list[Recorded | Undeliverable] = [
                record
                for record in self._log[bisect_right(self._log, after, key=lambda one: one.seq) :]
                if wanted is None or partition_of(record.event.run_id) in wanted
            ]
            after = self._last_seq
            if batch:
                yield batch
            if not caught_up:
                caught_up = True
                yield []
            async with self._grown:
                await self._grown.wait_for(lambda: self._last_seq > after)  # noqa: B023 -- waited for here

    async def _tell(self) -> None:
        async with self._grown:
            self._grown.notify_all()


class MemoryChunks:
    """`runfold.bus.ports.Chunks` in a list."""

    def __init__(self, live: MemoryLive, clock: Clock) -> None:
        self._live = live
        self._clock = clock
        self._chunks: list[RecordedChunk] = []

    def publish(self, chunk: StreamChunk) -> asyncio.Future[Ack]:
        """Send a chunk; in order."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        stored = decode_chunk(encode(chunk))
        record = RecordedChunk(len(self._chunks) + 1, self._clock(), stored)
        self._chunks.append(record)
        done.set_result(Ack(record.seq))
        self._live.tell(chunk.run_id, record)
        return done

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """A run's chunks, in stream order."""
        return [record for record in self._chunks[after:] if record.chunk.run_id == run_id]


class MemoryBlobs:
    """`runfold.bus.ports.Blobs` in a dict."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""
        digest = hashlib.sha256(body).hexdigest()
        self._bodies[digest] = body
        return digest

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises `NotFound`."""
        if digest not in self._bodies:
            raise NotFound(f"no payload {digest}", code="payload.not_found")
        return self._bodies[digest]


class MemoryCrons:
    """`runfold.bus.ports.Crons`, remembered; nothing fires by itself here."""

    def __init__(self) -> None:
        self.schedules: dict[str, dict[tuple[str, str], RunRequest]] = {}

    async def replace(self, workflow_id: str, wanted: dict[tuple[str, str], RunRequest]) -> int:
        """Make a workflow's schedules those that are wanted; returns how many were changed."""
        before = self.schedules.get(workflow_id, {})
        self.schedules[workflow_id] = wanted
        return sum(before.get(key) != wanted.get(key) for key in before.keys() | wanted.keys())


class MemorySnapshots:
    """`runfold.bus.ports.Snapshots` in a dict."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""
        self._bodies[run_id] = body

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None."""
        return self._bodies.get(run_id)

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""
        self._bodies.pop(run_id, None)


class MemoryKeyValue:
    """`runfold.bus.ports.KeyValue` in a dict."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[bytes, int]] = {}
        self._revision = 0
        self._watchers: list[Callable[[str, bytes | None], None]] = []

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""
        if self._values.pop(key, None) is not None:
            self._tell(key, None)

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there."""
        self._values.pop(key, None)

    async def watch(
        self, on_change: Callable[[str, bytes | None], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_change(key, value)` for each write from now on, with None for a removal."""
        self._watchers.append(on_change)

        async def stop() -> None:
            self._watchers.remove(on_change)

        return stop

    def _tell(self, key: str, value: bytes | None) -> None:
        for watcher in list(self._watchers):
            watcher(key, value)

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""
        return self._values.get(key)

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision."""
        self._revision += 1
        self._values[key] = (value, self._revision)
        self._tell(key, value)
        return self._revision

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""
        return await self.update(key, value, 0)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""
        if self._values.get(key, (b"", 0))[1] != revision:
            raise Conflict(f"key {key!r} was written by somebody else", code="kv.conflict")
        return await self.put(key, value)

    async def keys(self, prefix: str = "") -> list[str]:
        """Keys that start with `prefix`, sorted."""
        return sorted(key for key in self._values if key.startswith(prefix))

    async def entries(self, prefix: str) -> dict[str, bytes]:
        """Keys and values that start with `prefix`."""
        return {key: self._values[key][0] for key in await self.keys(prefix)}


class MemoryBus:
    """`runfold.bus.ports.Bus` in this process.

    Args:
        settings: Acknowledgement times and limits.
        clock: The stream's clock, in Unix seconds.
    """

    def __init__(self, settings: Settings, clock: Clock = time.time) -> None:
        self.live = MemoryLive()
        self.archive = MemoryArchive()
        self.due = MemoryDue(clock, settings.ack_wait)
        self.events = MemoryEvents(self.live, clock, settings.max_payload, self.archive, self.due)
        self.raw = self.events.raw
        self.chunks = MemoryChunks(self.live, clock)
        self.tasks = MemoryTasks(clock, settings.ack_wait, settings.max_payload)
        self.requests = MemoryRequests(clock, settings.ack_wait)
        self.blobs = MemoryBlobs()
        self.snapshots = MemorySnapshots()
        self.crons = MemoryCrons()
        self.dead = MemoryDeadLetters(clock, self.events, self.tasks, self.requests)
        self.definitions = MemoryKeyValue()
        self.checkpoints = MemoryKeyValue()
        self.idempotency = MemoryKeyValue()
        self.protection = MemoryKeyValue()
        self.leases = MemoryKeyValue()
        self.places = MemoryKeyValue()
        self.conversations = MemoryKeyValue()
        self.waits = MemoryKeyValue()
        self._made = f"{clock()!r}-{id(self)}"
        self._handlers: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}

    @property
    def connected(self) -> bool:
        """Always."""
        return True

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask a projection. Raises `BusUnavailable` or `InvalidRequest` without an answer."""
        handler = self._handlers.get(verb)
        if handler is None:
            raise BusUnavailable(f"no projection answers {verb!r}", code="projection.unavailable")
        try:
            return await asyncio.wait_for(handler(body), timeout)
        except Exception as error:
            raise refused(verb, *refusal(verb, error)) from error

    async def answer_queries(
        self, verb: str, handler: Callable[[bytes], Awaitable[bytes]], *, group: str
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

    async def announce(self, subject: str, body: bytes) -> None:
        """Nobody listens to unstored subjects here."""

    async def close(self) -> None:
        """Nothing to leave."""
