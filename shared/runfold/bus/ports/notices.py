"""That something was stored, for who shows what goes on: its place and its name, no body."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

import msgspec

Source = Literal["events", "definitions", "dead"]
"""The log of all runs, the heads of workflows, or the dead letters."""


class Notice(msgspec.Struct, frozen=True):
    """A message that was stored."""

    seq: int
    """In its source."""
    time: float
    """Unix seconds, by the broker's clock."""
    workflow_id: str = ""
    run_id: str = ""
    type: str = ""
    """Of an event."""


class Notices(Protocol):
    """What is stored from a place on. Bodies are neither sent nor read."""

    async def newest(self, source: Source) -> int:
        """The newest sequence of a source, 0 when it is empty. Raises `BusUnavailable`."""

    def follow(
        self, source: Source, *, after: int, types: Sequence[str] = ()
    ) -> AsyncIterator[list[Notice]]:
        """What is stored after a sequence, for ever, in batches as it comes; none is empty.

        A break of the connection is healed inside: no gap, no repeat. A head that was written
        twice may be told of once.

        Args:
            source: Where from.
            after: The sequence.
            types: Of events: only these.
        """
