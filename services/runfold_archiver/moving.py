"""Moving one run from the log to the archive: its record is stored and acked, then its events go.

A process that dies in between finds the run again, sees the record, and only lets the events go.
Several archivers may do the same run at once: a record names its predecessor, and the broker
refuses it when another came first.
"""

from __future__ import annotations

import structlog

from runfold.archive.chain import opened, seal
from runfold.archive.record import Damaged, Header, RawEvent, peek
from runfold.bus.ports.bus import Bus
from runfold.errors import ArchiveCorrupt, BusUnavailable, Conflict
from runfold.failpoints import failpoint
from runfold.ids import partition_of

log = structlog.get_logger("archiver")

TRIES = 20
"""Times another archiver may come first in a partition before we put the run off."""


class Moving:
    """Moves runs.

    Args:
        bus: The log and the archive.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._heads: dict[int, tuple[int, str]] = {}
        """Partition → sequence and hash of its newest record, as we know it."""

    async def move(self, run_id: str) -> int:
        """Archive a run and purge its events; returns the last sequence that was in the log.

        Returns 0 for a run that has not ended.

        Raises:
            ArchiveCorrupt: The run's record, or the newest of its partition, cannot be read.
            PayloadTooLarge: The record is over the limit.
            Conflict: The archive has another run of that id.
            NotFound: A payload of the run is gone.
            BusUnavailable: Later, perhaps.
        """
        last = await self._store(run_id)
        if last:
            failpoint("archive.written")
            await self._bus.events.purge_run(run_id)
            failpoint("archive.noted")
        return last

    async def purge_archived(self, run_id: str) -> int:
        """Purge what the log has of a run that is archived; 0 for any other run.

        Raises:
            ArchiveCorrupt: The run's record cannot be read: its events stay.
            Conflict: The archive has another run of that id.
            BusUnavailable: Later, perhaps.
        """
        return 0 if await self._bus.archive.find(run_id) is None else await self.move(run_id)

    async def sweep(self, run_id: str) -> bool:
        """Purge events that came after a run's others had gone; whether it was such a run."""
        if await self._bus.raw.has_run(run_id) or await self._bus.archive.find(run_id) is None:
            return False
        await self._bus.events.purge_run(run_id)
        return True

    async def _store(self, run_id: str) -> int:
        """Make sure of the record; returns the newest sequence the log has of the run, or 0."""
        for _ in range(TRIES):
            events = await self._bus.raw.read_run(run_id)
            # In this order: what another archiver stores after our look makes the append fail.
            after, prev = await self._head(partition_of(run_id))
            found = await self._bus.archive.find(run_id)
            if found is not None:
                # Nothing is let go that cannot be read any more.
                header = opened(found).header
                await self._check_same(header, events)
                return max(header.last_seq, events[-1].seq if events else 0)
            record = seal(events, prev)
            if record is None:
                return 0
            try:
                ack = await self._bus.archive.append(record, after=after)
            except Conflict:
                self._heads.pop(record.header.partition, None)
                continue
            self._heads[record.header.partition] = (ack.seq, record.header.hash)
            log.debug("run archived", run_id=run_id, seq=ack.seq, events=len(events))
            return record.header.last_seq
        raise BusUnavailable(f"run {run_id!r}: others archive in its partition all the time")

    async def _check_same(self, header: Header, events: list[RawEvent]) -> None:
        """Raise `Conflict` when the log has another run of that id than the archive."""
        if events and events[0].seq != header.first_seq:
            run_id = header.run_id
            if await self._bus.raw.has_run(run_id):
                message = f"the archive has another run {run_id!r} than the log: look at both"
                raise Conflict(message, code="archive.other_run")

    async def _head(self, partition: int) -> tuple[int, str]:
        head = self._heads.get(partition)
        if head is None:
            newest = await self._bus.archive.newest(partition)
            if newest is None:
                head = (0, "")
            else:
                try:
                    head = (newest.seq, peek(newest.body).hash)
                except Damaged as error:
                    message = (
                        f"the archive's record {newest.seq}, of run {newest.run_id!r}, is corrupt: "
                        f"{newest.problem or error}; nothing can follow it in its partition"
                    )
                    details = {"run_id": newest.run_id, "seq": newest.seq, "reason": str(error)}
                    raise ArchiveCorrupt(message, details=details) from error
            self._heads[partition] = head
        return head
