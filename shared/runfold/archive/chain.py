"""Hashes that hold a record together, and the records of a partition in their order.

h0 = sha256(header without its hash), h(i) = sha256(h(i-1) + line i); the header's `hash` is the
last. `prev` in the next record of the partition is that hash: what is changed, taken out or put in
later does not fit any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from runfold.archive.record import (
    ArchivedRun,
    Damaged,
    Header,
    RawEvent,
    event_in,
    files_named,
    is_whole,
    line_of,
    pack,
    unpack,
)
from runfold.contracts.codec import decode_event
from runfold.contracts.events import TERMINAL_RUN_EVENTS, Recorded, RunStarted, event_type
from runfold.errors import ArchiveCorrupt, Undecodable
from runfold.ids import partition_of


class Sealed(msgspec.Struct, frozen=True):
    """A record ready to be stored."""

    header: Header
    body: bytes


class StoredRecord(msgspec.Struct, frozen=True):
    """A record as the archive has it: who its subject says it is, and unread bytes."""

    seq: int
    run_id: str
    workflow_id: str
    partition: int
    body: bytes
    problem: str = ""
    """Why there are no bytes, when they are kept elsewhere and cannot be had."""


def hash_of(header: Header, lines: Iterable[bytes]) -> str:
    """The hash over a header and all lines."""
    fields = {name: getattr(header, name) for name in header.__struct_fields__ if name != "hash"}
    if not header.files:
        del fields["files"]
    digest = hashlib.sha256(msgspec.json.encode(fields)).digest()
    for line in lines:
        digest = hashlib.sha256(digest + line).digest()
    return digest.hex()


def seal(events: Sequence[RawEvent], prev: str) -> Sealed | None:
    """The record of a run; None when its events do not begin a run and end it.

    Args:
        events: All there are, in stream order.
        prev: Hash of the partition's newest record.
    """
    started: Recorded | None = None
    ended: Recorded | None = None
    for event in events:
        record = _recorded(event)
        if record is None:
            continue
        if started is None and isinstance(record.event, RunStarted):
            started = record
        if started is not None and isinstance(record.event, TERMINAL_RUN_EVENTS):
            ended = record
            break
    if started is None or ended is None:
        return None
    run_id = started.event.run_id
    header = Header(
        run_id=run_id,
        workflow_id=started.event.workflow_id,
        partition=partition_of(run_id),
        status=event_type(ended.event).removeprefix("run_"),
        first_seq=events[0].seq,
        last_seq=events[-1].seq,
        events=len(events),
        started_at=started.time,
        ended_at=ended.time,
        prev=prev,
        files=tuple(sorted({found for event in events for found in files_named(event.body)})),
    )
    lines = [line_of(event) for event in events]
    header = replace(header, hash=hash_of(header, lines))
    return Sealed(header, pack(header, lines))


def opened(record: StoredRecord) -> ArchivedRun:
    """A stored record, checked by itself.

    Raises:
        ArchiveCorrupt: It is not what was stored; names the run and the sequence.
    """
    try:
        run = _checked(record)
    except Damaged as error:
        message = (
            f"the archive's record {record.seq}, of run {record.run_id!r}, is corrupt: "
            f"{error}; see `runfold verify`"
        )
        details = {"run_id": record.run_id, "seq": record.seq, "reason": str(error)}
        raise ArchiveCorrupt(message, details=details) from error
    return run


def _checked(record: StoredRecord) -> ArchivedRun:
    if record.problem:
        raise Damaged(record.problem)
    run = unpack(record.body)
    header = run.header
    if hash_of(header, run.lines) != header.hash:
        raise Damaged("its hash does not fit what is in it")
    named = (record.run_id, record.workflow_id, record.partition)
    if (header.run_id, header.workflow_id, header.partition) != named:
        raise Damaged(f"it is of run {header.run_id!r} of workflow {header.workflow_id!r}")
    if not is_whole(header, [event_in(line) for line in run.lines]):
        raise Damaged("its header speaks of other events than are in it")
    return run


def recorded(run: ArchivedRun, *, after: int = 0, until: int | None = None) -> list[Recorded]:
    """The events of a record as the log had them, without those that could not be read."""
    events = (event_in(line) for line in run.lines)
    wanted = (e for e in events if e.seq > after and (until is None or e.seq <= until))
    return [record for event in wanted if (record := _recorded(event)) is not None]


def _recorded(event: RawEvent) -> Recorded | None:
    # A body that no reader could read was dead-lettered while it was in the log.
    try:
        return Recorded(event.seq, event.time, decode_event(event.body))
    except Undecodable:
        return None
