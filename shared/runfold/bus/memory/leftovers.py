"""Leftovers in memory: there are none, as all goes with the process."""

from __future__ import annotations

from collections.abc import AsyncIterator

from runfold.bus.ports.leftovers import Naming, Stale


class MemoryLeftovers:
    """`runfold.bus.ports.leftovers.Leftovers` of stores that keep everything."""

    async def stale(self, before: float) -> list[Stale]:  # noqa: ARG002 -- nothing is too old
        """None."""
        return []

    async def named(self, digests: frozenset[str]) -> set[str]:
        """All of them."""
        return set(digests)

    async def archived(self, *, after: int) -> AsyncIterator[Naming]:  # noqa: ARG002 -- as above
        """None."""
        none: tuple[Naming, ...] = ()
        for naming in none:
            yield naming

    async def archive_begins(self) -> int:
        """At the first."""
        return 1

    async def drop(self, stale: Stale) -> bool:  # noqa: ARG002 -- nothing is removed
        """Never."""
        return False

    async def finish(self, before: float) -> int:  # noqa: ARG002 -- as above
        """Nothing is broken off here."""
        return 0
