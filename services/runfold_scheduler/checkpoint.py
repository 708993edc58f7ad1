"""Where an owner may begin to read the log: a cache that only saves time.

Without it the whole log is folded again, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from runfold.bus.ports import KeyValue
from runfold.errors import Conflict

KEY = "scheduler"
TRIES = 5


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the owner of some partitions begins."""

    after: int = 0
    """Sequence to read after: what is older is known to be over, asleep, or in `runs`."""
    runs: tuple[str, ...] = ()
    """Runs in progress that began long before: looked up one by one instead."""


class Noted(Protocol):
    """An owner, as far as a checkpoint is concerned."""

    @property
    def partitions(self) -> frozenset[int]:
        """What it owns."""

    def start(self) -> Start:
        """Where another could take over from it."""


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
        after = min((start.after for start in found), default=0)
        if max((start.after for start in found), default=0) > newest:
            return Start()
        return Start(after, tuple(sorted({run for start in found for run in start.runs})))

    async def write(self, owners: Iterable[Noted]) -> None:
        """Remember where each owner is.

        Raises:
            BusUnavailable: It costs only time at the next start.
        """
        ours = {
            str(partition): start
            for owner in owners
            for start in [owner.start()]
            for partition in owner.partitions
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
        return msgspec.json.decode(entry[0], type=dict[str, Start]), entry[1]
