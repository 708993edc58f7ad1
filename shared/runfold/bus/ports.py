"""What the rest of runfold needs from a bus, and nothing about NATS.

Two adapters fulfil these: `runfold.bus.jetstream` and `runfold.bus.memory`; both pass the behaviour
suite in `tests/contract/bus_behaviour.py`. Failures come out as `BusUnavailable`.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from runfold.archive.chain import Sealed, StoredRecord
from runfold.archive.record import ArchivedRun, RawEvent
from runfold.archive.verify import Extent
from runfold.contracts.events import (
    AnyEvent,
    Recorded,
    RecordedChunk,
    RunStarted,
    StreamChunk,
    TimerFired,
)
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import DeadLetter

if TYPE_CHECKING:
    from runfold.bus.queue_ports import DueQueue, RequestQueue, TaskQueue


class Ack(msgspec.Struct, frozen=True):
    """The broker's word that a message is stored."""

    seq: int
    duplicate: bool = False
    """Somebody already wrote a message with this id; ours was not stored."""


class Undeliverable(msgspec.Struct, frozen=True):
    """A stored message that could not be decoded. The adapter has dead-lettered it already."""

    seq: int
    subject: str
    reason: str
    run_id: str = ""
    workflow_id: str = ""


class Mark(msgspec.Struct, frozen=True):
    """An event without its body."""

    seq: int
    time: float
    run_id: str
    type: str


class EventLog(Protocol):
    """The log of all runs: append and read, in one order.

    Reads of one run go on to the archive when the log no longer has its `run_started`; they raise
    `ArchiveCorrupt` where that is not as it was stored.
    """

    def append(self, event: AnyEvent) -> Awaitable[Ack]:
        """Store an event under its id.

        The message is on its way when this returns, in the order of the calls; awaiting the result
        waits for the broker's ack.
        It raises `BusUnavailable` without an ack in time and `PayloadTooLarge` over the limit.
        """

    def start_run(self, event: RunStarted) -> Awaitable[Ack]:
        """Store a run's first event; a run that exists already answers `duplicate`, for ever.

        So does one that is in the archive.
        """

    def schedule(self, event: TimerFired, due: float) -> Awaitable[Ack]:
        """Have the broker say at `due` (Unix seconds) that an event is due: in `DueQueue`.

        Scheduling an event of the same id again replaces the schedule.
        """

    async def read_run(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[Recorded]:
        """A run's events in stream order, `after < seq <= until`, at most the first `limit`.

        Empty for an unknown run.
        """

    async def first_event(self, run_id: str) -> Recorded | None:
        """A run's `run_started`, or None for an unknown run."""

    async def has_event(self, run_id: str, *types: str) -> bool:
        """Whether a run has an event of one of some types, in the log or the archive."""

    def may_be_archived(self, run_id: str) -> bool:
        """Whether a run may be in the archive: not when its id says that it is too young."""

    async def purge_run(self, run_id: str) -> int:
        """Remove a run's events and schedules for good; returns how many events went."""

    async def last_seq(self) -> int:
        """The newest sequence in the log, 0 when empty."""

    async def now(self) -> float:
        """What time it is by the log's clock, in Unix seconds."""

    def follow(
        self, *, after: int = 0, partitions: Sequence[int] | None = None
    ) -> AsyncIterator[list[Recorded | Undeliverable]]:
        """All events after a sequence, for ever, in batches as they come.

        After the stored ones were delivered, an empty batch says once: caught up.
        A break of the connection is healed inside: no gap, no repeat.
        """


class RawLog(Protocol):
    """The log as it is stored, for who moves runs to the archive: nothing decoded, no archive."""

    @property
    def breaks(self) -> int:
        """How often the connection was lost: each time the broker may have lost what it removed."""

    async def marks(self, *, after: int, limit: int) -> list[Mark]:
        """What the next events are, up to `limit` of them."""

    async def read_run(self, run_id: str) -> list[RawEvent]:
        """A run's events as they are stored, none of them left out."""

    async def has_run(self, run_id: str) -> bool:
        """Whether the log itself has the run's `run_started`."""


class Archive(Protocol):
    """Runs that ended long ago, a record each, chained by partition."""

    async def append(self, record: Sealed, *, after: int) -> Ack:
        """Store a record as its partition's next one.

        Raises `Conflict` unless the partition's newest record is the one at sequence `after`.
        """

    async def newest(self, partition: int) -> StoredRecord | None:
        """A partition's newest record, unread."""

    async def find(self, run_id: str) -> StoredRecord | None:
        """A run's record, unread."""

    async def read(self, run_id: str) -> ArchivedRun | None:
        """A run's record, checked. Raises `ArchiveCorrupt`."""

    def records(
        self, *, after: int = 0, partition: int | None = None
    ) -> AsyncIterator[StoredRecord]:
        """Records after a sequence, unread, in order; ends at the newest."""

    async def extent(self) -> Extent:
        """What there should be."""

    async def keep_for(self, seconds: float) -> None:
        """Let records go after a time; 0: never."""


LiveMessage = Recorded | RecordedChunk


class Chunks(Protocol):
    """Pieces of output on their way to viewers."""

    def publish(self, chunk: StreamChunk) -> Awaitable[Ack]:
        """Send a chunk; pipelined, in order."""

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """A run's chunks still held (one hour), in stream order."""


class Live(Protocol):
    """Events and chunks of single runs as they are stored, at no cost to the broker."""

    async def watch(
        self,
        run_id: str,
        on_message: Callable[[LiveMessage], None],
        on_gap: Callable[[], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on.

        At most once and only from now on: a viewer reads the stored ones after watching, and heals
        gaps from there. `on_gap` is called where messages may be missing, before those that follow.
        Returns the function that ends the watch.
        """

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_end(run_id)` for each terminal run event, of any run, from now on.

        `on_compensating` likewise for each run that begins to compensate. `on_gap` is called once
        this listens again after some may have been missed.
        """

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_event` for each event of some types, of any run, from now on.

        At most once: what is stored while the connection is lost is not told of.
        """


class Blobs(Protocol):
    """Payloads by their sha256."""

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises `NotFound`."""


class Crons(Protocol):
    """Run requests by the clock."""

    async def replace(self, workflow_id: str, wanted: dict[tuple[str, str], RunRequest]) -> int:
        """Make a workflow's schedules those that are wanted; returns how many were changed.

        Args:
            workflow_id: The workflow.
            wanted: Cron expression with seconds and time zone → what is asked for.
        """


class Snapshots(Protocol):
    """Folded runs as bytes, one a run: caches, which may be gone at any time."""

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None."""

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""


class KeyValue(Protocol):
    """A bucket of small values with revisions."""

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision."""

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there; nobody who watches is told."""

    async def keys(self, prefix: str = "") -> list[str]:
        """Keys that start with `prefix`, sorted."""

    async def entries(self, prefix: str) -> dict[str, bytes]:
        """Keys and values that start with `prefix`, which ends with a dot."""

    async def watch(
        self, on_change: Callable[[str, bytes | None], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_change(key, value)` for each write from now on, with None for a removal.

        At most once each; a value that expires is not told of. Returns the function that ends it.
        """


class KeptLetter(msgspec.Struct, frozen=True):
    """A dead letter and its place among them."""

    seq: int
    time: float
    """Unix seconds at which it was buried."""
    letter: DeadLetter


class DeadLetters(Protocol):
    """What nobody could handle."""

    async def bury(self, stream: str, letter: DeadLetter) -> None:
        """Keep a message with the reason."""

    async def read(self, *, limit: int = 100) -> builtins.list[DeadLetter]:
        """The newest ones, newest last."""

    async def list(self, *, limit: int = 100) -> builtins.list[KeptLetter]:
        """The newest ones with their places, newest last."""

    async def get(self, seq: int) -> KeptLetter:
        """One of them. Raises `NotFound`."""

    async def drop(self, seq: int) -> None:
        """Remove one of them. Raises `NotFound`."""

    async def requeue(self, seq: int) -> Ack:
        """Put a task or a request back in its queue, and remove the letter.

        It raises `NotFound`; `InvalidRequest` for what was in no queue, was not kept whole or
        cannot be read; `Conflict` for a task whose run is gone or has ended.
        """


class Bus(Protocol):
    """Everything at once: what a service is given."""

    @property
    def events(self) -> EventLog:
        """The log of all runs."""

    @property
    def raw(self) -> RawLog:
        """The same as it is stored, for the archiver."""

    @property
    def archive(self) -> Archive:
        """Runs that ended long ago."""

    @property
    def tasks(self) -> TaskQueue:
        """Work for executor groups."""

    @property
    def due(self) -> DueQueue:
        """Timers and scheduled requests whose time has come."""

    @property
    def requests(self) -> RequestQueue:
        """Commands from clients."""

    @property
    def chunks(self) -> Chunks:
        """Pieces of output."""

    @property
    def live(self) -> Live:
        """What viewers watch."""

    @property
    def blobs(self) -> Blobs:
        """Large payloads."""

    @property
    def crons(self) -> Crons:
        """Run requests by the clock."""

    @property
    def snapshots(self) -> Snapshots:
        """Caches of long runs."""

    @property
    def dead(self) -> DeadLetters:
        """What nobody could handle."""

    @property
    def definitions(self) -> KeyValue:
        """Workflow definitions."""

    @property
    def checkpoints(self) -> KeyValue:
        """Caches that only save time."""

    @property
    def leases(self) -> KeyValue:
        """Leases of schedulers; a value that is not renewed expires."""

    @property
    def places(self) -> KeyValue:
        """Places for the runs of each concurrency key."""

    @property
    def conversations(self) -> KeyValue:
        """Which runs a conversation has had, and what they left."""

    @property
    def protection(self) -> KeyValue:
        """What executors share to protect nodes; expires."""

    @property
    def waits(self) -> KeyValue:
        """Which nodes wait for which events from outside."""

    @property
    def idempotency(self) -> KeyValue:
        """Idempotency keys in use."""

    @property
    def connected(self) -> bool:
        """Whether the broker is reachable right now."""

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask a projection.

        Raises:
            BusUnavailable: When none answers, or the one that does cannot.
            InvalidRequest: When it says that this cannot be asked.
        """

    async def answer_queries(
        self, verb: str, handler: Callable[[bytes], Awaitable[bytes]], *, group: str
    ) -> Callable[[], Awaitable[None]]:
        """Answer queries as one of a group; returns the function that ends it.

        What the handler raises is answered as well: who asks is told, and does not wait.
        """

    async def log_made(self) -> str:
        """When the log of all runs was made: what tells it from the log of any other server."""

    async def announce(self, subject: str, body: bytes) -> None:
        """Publish on a core subject, unstored."""

    async def close(self) -> None:
        """Flush and leave."""
