"""The leases that one executor process is working on.

How each is worked on is in `worker`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator

from runfold.bus.ports.queues import TaskLease


class Flight:
    """One lease being worked on."""

    __slots__ = ("lease", "number", "running", "since", "task", "unwanted")

    def __init__(self, lease: TaskLease, since: float, number: int) -> None:
        self.lease = lease
        self.number = number
        """How many were taken before it."""
        self.since = since
        self.task: asyncio.Task[None]
        self.running = False
        """Whether the node's code runs: only that is cut off when its result is of no more use."""
        self.unwanted = False
        """Whether its run has ended or went on without it, or has its result."""

    def drop(self) -> None:
        """Cut off what no longer counts, unless its result is on its way already."""
        self.unwanted = True
        if self.running:
            self.task.cancel()

    def is_same_attempt(self, other: Flight) -> bool:
        """Whether another one of the same run is for the same attempt."""
        mine, its = self.lease.task, other.lease.task
        return (mine.scope, mine.node_id, mine.attempt, mine.part) == (
            *(its.scope, its.node_id, its.attempt, its.part),
        )


class Flights:
    """All of them, and by run."""

    def __init__(self) -> None:
        self._all: set[Flight] = set()
        self._by_run: dict[str, set[Flight]] = {}
        self._taken = 0
        self.landed = asyncio.Event()
        """Set when one is over."""

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Flight]:
        return iter(tuple(self._all))

    @property
    def runs(self) -> Collection[str]:
        """The runs that are being worked for, at any time."""
        return self._by_run.keys()

    def of_run(self, run_id: str) -> Collection[Flight]:
        """Those of one run."""
        return self._by_run.get(run_id, ())

    def begin(self, lease: TaskLease, since: float) -> Flight:
        """Count one more in."""
        flight = Flight(lease, since, self._taken)
        self._taken += 1
        self._all.add(flight)
        self._by_run.setdefault(lease.task.run_id, set()).add(flight)
        return flight

    def forget(self, flight: Flight) -> None:
        """One is over."""
        self._all.discard(flight)
        run_id = flight.lease.task.run_id
        of_run = self._by_run[run_id]
        of_run.discard(flight)
        if not of_run:
            del self._by_run[run_id]
        self.landed.set()

    def before(self, flight: Flight) -> list[asyncio.Task[None]]:
        """The work on the same attempt that began earlier: its lease lapsed in the meantime."""
        of_run = self._by_run[flight.lease.task.run_id]
        same = (one for one in of_run if one.number < flight.number)
        return [one.task for one in same if one.is_same_attempt(flight)]
