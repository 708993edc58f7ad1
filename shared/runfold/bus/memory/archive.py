"""The archive and the raw log in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from runfold.archive.chain import Sealed, StoredRecord, opened
from runfold.archive.record import ArchivedRun, RawEvent
from runfold.archive.verify import Extent
from runfold.bus.ports.messages import Ack, Mark
from runfold.contracts.codec import encode
from runfold.contracts.events import Recorded, event_type
from runfold.errors import Conflict


class MemoryArchive:
    """`runfold.bus.ports.logs.Archive` in a list.

    Args:
        kept_for: Seconds after which records may go, which is noted and not done here; 0: never.
    """

    def __init__(self, kept_for: float = 0.0) -> None:
        self.stored: list[StoredRecord] = []
        """What there is; tests put their own in."""
        self._kept_for = kept_for

    async def append(self, record: Sealed, *, after: int) -> Ack:
        """Store a record as its partition's next one. Raises `Conflict` when there is a newer."""
        header = record.header
        newest = await self.newest(header.partition)
        if (newest.seq if newest else 0) != after:
            message = f"partition {header.partition:02d} of the archive has a newer record"
            raise Conflict(message, code="archive.contended")
        seq = self.stored[-1].seq + 1 if self.stored else 1
        self.stored.append(
            StoredRecord(seq, header.run_id, header.workflow_id, header.partition, record.body)
        )
        return Ack(seq)

    async def newest(self, partition: int) -> StoredRecord | None:
        """A partition's newest record."""
        ours = [record for record in self.stored if record.partition == partition]
        return ours[-1] if ours else None

    async def find(self, run_id: str) -> StoredRecord | None:
        """A run's record, unread."""
        ours = [record for record in self.stored if record.run_id == run_id]
        return ours[-1] if ours else None

    async def read(self, run_id: str) -> ArchivedRun | None:
        """A run's record, checked. Raises `ArchiveCorrupt`."""
        found = await self.find(run_id)
        return None if found is None else opened(found)

    async def records(
        self, *, after: int = 0, partition: int | None = None
    ) -> AsyncIterator[StoredRecord]:
        """Records after a sequence, unread, in order."""
        for record in list(self.stored):
            if record.seq > after and partition in (None, record.partition):
                yield record

    async def extent(self) -> Extent:
        """What there should be."""
        return Extent(self.stored[-1].seq if self.stored else 0, expires=bool(self._kept_for))


class MemoryRawLog:
    """`runfold.bus.ports.logs.RawLog` over the events in memory.

    Args:
        log: Tells what is in there now.
    """

    def __init__(self, log: Callable[[], Sequence[Recorded]]) -> None:
        self._log = log
        self.breaks = 0

    async def marks(self, *, after: int, limit: int) -> list[Mark]:
        """What the next events are."""
        later = [record for record in self._log() if record.seq > after]
        return [
            Mark(record.seq, record.time, record.event.run_id, event_type(record.event))
            for record in later[:limit]
        ]

    async def read_run(self, run_id: str) -> list[RawEvent]:
        """A run's events as they would be stored."""
        ours = (record for record in self._log() if record.event.run_id == run_id)
        return [RawEvent(record.seq, record.time, encode(record.event)) for record in ours]

    async def has_run(self, run_id: str) -> bool:
        """Whether the log itself has the run's `run_started`."""
        return any(
            record.event.run_id == run_id and event_type(record.event) == "run_started"
            for record in self._log()
        )
