"""What is left over in the object stores: bytes that nothing names any more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec


class Stale(msgspec.Struct, frozen=True):
    """An object that was stored or touched too long ago to be kept for that alone."""

    store: Literal["files", "payloads"]
    digest: str
    revision: int
    """Another one once it was stored again or touched."""


class Naming(msgspec.Struct, frozen=True):
    """An archived run's record, and what it names, if anything."""

    seq: int
    digests: frozenset[str]


class Leftovers(Protocol):
    """Finds out what the stores hold and who names it, and removes the rest.

    A digest is looked for in this order: first `named`, then `archived`. A run is stored in the
    archive before its events go, so one of the two has it.
    """

    async def stale(self, before: float) -> list[Stale]:
        """Objects of all stores that were stored or touched last before a time."""

    async def named(self, digests: frozenset[str]) -> set[str]:
        """Those that anything but the archive names: events, what is queued, what is stored."""

    def archived(self, *, after: int) -> AsyncIterator[Naming]:
        """The records after a sequence, in order."""

    async def archive_begins(self) -> int:
        """The sequence of the oldest record that is still there."""

    async def drop(self, stale: Stale) -> bool:
        """Remove an object; False when it was stored again or touched meanwhile."""

    async def finish(self, before: float) -> int:
        """Remove what broken-off writes and removals left before a time; returns how many."""
