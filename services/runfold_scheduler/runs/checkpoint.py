"""Where an owner may begin to read the log: a cache that only saves time.

Without it the whole log is folded again, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import read_json
from runfold.errors import Conflict, Undecodable
from runfold.ids import partition_of

log = structlog.get_logger("scheduler")

KEY = "scheduler"
TRIES = 5
LONG_AGO = 20_000
"""Events after which a run in progress is noted by its id, not by where it began."""
NAMED = 100
"""Runs noted by id, of one partition: all partitions share one value of limited size."""


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the owner of some partitions begins."""

    after: int = 0
    """Sequence to read after: what is older is known to be over, asleep, or in `runs`."""
    runs: tuple[str, ...] = ()
    """Runs in progress that began long before: looked up one by one instead."""


def starts_of(
    partitions: Iterable[int], begun: Mapping[str, int], newest: int, held_up: Mapping[str, int]
) -> dict[int, Start]:
    """Partition → where another could take it over.

    Args:
        partitions: What is owned.
        begun: Run in progress → the sequence of its first event.
        newest: The newest event folded.
        held_up: Run → a sequence after which another has to begin because of it; 0: it is named.
    """
    border = newest - LONG_AGO
    after = dict.fromkeys(partitions, newest)
    long_ago: dict[int, list[tuple[int, str]]] = {}
    for run_id, first in begun.items():
        partition = partition_of(run_id)
        if first <= border:
            long_ago.setdefault(partition, []).append((first, run_id))
        else:
            after[partition] = min(after[partition], first - 1)
    named: dict[int, list[str]] = {}
    for partition, runs in long_ago.items():
        runs.sort()
        named[partition] = [run_id for _, run_id in runs[:NAMED]]
        if len(runs) > NAMED:
            after[partition] = min(after[partition], runs[NAMED][0] - 1)
    for run_id, seq in held_up.items():
        partition = partition_of(run_id)
        if seq:
            after[partition] = min(after[partition], seq - 1)
        else:
            named.setdefault(partition, []).append(run_id)
    return {
        partition: Start(after[partition], tuple(sorted(set(named.get(partition, ())))))
        for partition in partitions
    }


class Noted(Protocol):
    """An owner, as far as a checkpoint is concerned."""

    @property
    def partitions(self) -> frozenset[int]:
        """What it owns."""

    def starts(self) -> dict[int, Start]:
        """Partition → where another could take it over."""


class Checkpoint:
    """The starts of all partitions, in one value that every scheduler keeps its part of.

    Args:
        bucket: Where it is kept.
    """

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def read(self, partitions: frozenset[int], newest: int) -> Start:
        """Where to begin with some partitions.

        Args:
            partitions: All of them.
            newest: The log's last sequence: a note from another log is no use.
        """
        starts, _ = await self._stored()
        found = [starts.get(str(partition), Start()) for partition in partitions]
        after = max(0, min((start.after for start in found), default=0))
        if max((start.after for start in found), default=0) > newest:
            return Start()
        return Start(after, tuple(sorted({run for start in found for run in start.runs})))

    async def write(self, owners: Iterable[Noted]) -> None:
        """Remember where each owner is.

        Raises:
            BusUnavailable: It costs only time at the next start.
        """
        ours = {
            str(partition): start for owner in owners for partition, start in owner.starts().items()
        }
        for _ in range(TRIES):
            starts, revision = await self._stored()
            merged = starts | ours
            if merged == starts:
                return
            try:
                await self._bucket.update(KEY, msgspec.json.encode(merged), revision)
            except Conflict:
                continue
            return

    async def _stored(self) -> tuple[dict[str, Start], int]:
        entry = await self._bucket.get(KEY)
        if entry is None:
            return {}, 0
        try:
            return read_json(entry[0], dict[str, Start]), entry[1]
        except Undecodable as error:
            log.warning("checkpoint cannot be read: the log is from its start", reason=str(error))
            return {}, entry[1]
