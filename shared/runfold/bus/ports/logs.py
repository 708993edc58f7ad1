"""The log of all runs, the same log as stored bytes, and the archive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from typing import Protocol

from runfold.archive.chain import Sealed, StoredRecord
from runfold.archive.record import ArchivedRun, RawEvent
from runfold.archive.verify import Extent
from runfold.bus.ports.messages import Ack, Mark, Undeliverable
from runfold.contracts.events import (
    AnyEvent,
    Recorded,
    RunStarted,
    TimerFired,
)


class EventLog(Protocol):
    """The log of all runs: append and read, in one order.

    Reads of one run go on to the archive when the log no longer has its `run_started`; they raise
    `ArchiveCorrupt` where that is not as it was stored.
    """

    def append(self, event: AnyEvent) -> Awaitable[Ack]:
        """Store an event under its id.

        The message is on its way when this returns, in the order of the calls; awaiting the result
        waits for the broker's ack.
        It raises `BusUnavailable` without an ack in time and, at once, `PayloadTooLarge` over the
        limit. What cannot be encoded raises `Unencodable` here.
        """

    def note(self, event: AnyEvent) -> None:
        """Send an event without an ack: one that another sent right after it says as well.

        It may be lost with the connection, or refused. What cannot be encoded raises `Unencodable`.
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

    def run_pages(
        self, run_id: str, *, after: int = 0, until: int | None = None
    ) -> AsyncGenerator[list[Recorded], None]:
        """A run's events as by `read_run`, in pieces as they come; no piece is empty."""

    async def first_event(self, run_id: str) -> Recorded | None:
        """A run's `run_started`, or None for an unknown run."""

    async def has_event(self, run_id: str, *types: str) -> bool:
        """Whether a run has an event of one of some types, in the log or the archive."""

    async def newest_type(self, run_id: str, *types: str) -> str:
        """The type of a run's newest event among some types; empty when it has none of them."""

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
