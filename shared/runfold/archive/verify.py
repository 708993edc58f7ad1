"""Looking through the whole archive: each record, each partition's chain, and what is missing."""

from __future__ import annotations

import msgspec

from runfold.archive.chain import StoredRecord, hash_of, opened
from runfold.archive.record import Damaged, Header, peek, unpack
from runfold.errors import ArchiveCorrupt


class Break(msgspec.Struct, frozen=True):
    """Something that is not as it was stored."""

    run_id: str
    """Empty where a record is missing: its run is not known."""
    seq: int
    """In ARCHIVE."""
    reason: str


class Extent(msgspec.Struct, frozen=True):
    """Which sequences the archive should have: all up to the last."""

    last_seq: int
    expires: bool = False
    """Whether old records are let go on purpose: then the first ones need no predecessor."""


class Verification:
    """Takes the records one after the other, in the order of their sequences.

    Args:
        extent: What the archive says of itself.
        gaps: Whether all records will come, so that a missing sequence is a break.
    """

    def __init__(self, extent: Extent, *, gaps: bool = True) -> None:
        self._extent = extent
        self._gaps = gaps
        self._next = 0 if extent.expires else 1
        self._heads: dict[int, tuple[str, ...]] = {}
        """Partition → hashes that its next record may name; none: any, as the last is damaged."""
        self.records = 0

    @property
    def partitions(self) -> int:
        """How many have a record."""
        return len(self._heads)

    def look(self, record: StoredRecord) -> list[Break]:
        """Check the next record."""
        self.records += 1
        breaks = self._missing_up_to(record.seq)
        self._next = record.seq + 1
        header = _header(record)
        try:
            opened(record)
        except ArchiveCorrupt as error:
            breaks.append(Break(record.run_id, record.seq, str(error.details["reason"])))
        if header is not None and (reason := self._misfit(record.partition, header)):
            breaks.append(Break(record.run_id, record.seq, reason))
        self._heads[record.partition] = _hashes(record, header)
        return breaks

    def end(self) -> list[Break]:
        """What is missing after the last record."""
        return self._missing_up_to(self._extent.last_seq + 1)

    def _missing_up_to(self, seq: int) -> list[Break]:
        if not self._gaps or not self._next or seq <= self._next:
            return []
        last = f" to {seq - 1}" if seq - 1 > self._next else ""
        return [Break("", self._next, f"sequence {self._next}{last} is missing")]

    def _misfit(self, partition: int, header: Header) -> str:
        expected = self._heads.get(partition)
        if expected is None:
            if header.prev and not self._extent.expires:
                return f"the chain of partition {partition:02d} begins with a later record"
            return ""
        if expected and header.prev not in expected:
            return f"the record before it in partition {partition:02d} is not the one it names"
        return ""


def _header(record: StoredRecord) -> Header | None:
    try:
        return peek(record.body)
    except Damaged:
        return None


def _hashes(record: StoredRecord, header: Header | None) -> tuple[str, ...]:
    """The hash a record has by its own word, and the one that its content has."""
    if header is None:
        return ()
    try:
        run = unpack(record.body)
    except Damaged:
        return (header.hash,)
    return (header.hash, hash_of(run.header, run.lines))
