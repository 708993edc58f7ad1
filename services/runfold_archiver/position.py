"""How far the archiver is, in the checkpoints bucket: a cache that only saves time.

Without it the log is walked from its beginning again, and what is found there is archived already
or not.
"""

from __future__ import annotations

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable

log = structlog.get_logger("archiver")

KEY = "archiver"
MOST_STUCK = 1000
"""Runs noted that could not be archived; further ones are only logged."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a walk goes on."""

    after: int = 0
    """Sequence in EVENTS up to which everything was looked at."""
    stuck: tuple[str, ...] = ()
    """Runs before it that ended and could not be archived."""


class Positions:
    """Reads and writes the position.

    Args:
        bucket: Where it is kept.
    """

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket
        self._written = Position()

    async def read(self, newest: int) -> Position:
        """Where to go on.

        Args:
            newest: The log's last sequence: a note from another log is no use.
        """
        entry = await self._bucket.get(KEY)
        if entry is None or not entry[0]:
            return Position()
        try:
            found = read_json(entry[0], Position)
        except Undecodable as error:
            log.warning("position cannot be read: the log is walked again", reason=str(error))
            return Position()
        return found if found.after <= newest else Position()

    async def write(self, position: Position) -> None:
        """Remember a position; replicas overwrite each other's, which only costs time."""
        if position != self._written:
            await self._bucket.put(KEY, msgspec.json.encode(position))
            self._written = position
