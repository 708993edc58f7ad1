"""What the rest of runfold needs from work queues: of tasks, of requests, of what is due.

A message taken from one is ours until we say so or stay silent for too long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from runfold.bus.ports.messages import Ack
from runfold.contracts.events import TimerFired
from runfold.contracts.requests import AnyRequest, RunRequest
from runfold.contracts.tasks import Hold, Task


class Lease(Protocol):
    """A message taken from a queue, ours until we say so or stay silent for too long."""

    @property
    def deliveries(self) -> int:
        """How many times it has been handed out, this one included."""

    async def ack(self) -> None:
        """Done: remove it."""

    async def nak(self, delay: float = 0.0) -> None:
        """Give it back, for anybody, after `delay` seconds."""

    async def keep(self) -> None:
        """Still working on it."""


class TaskLease(Lease, Protocol):
    """A task taken from its group's queue."""

    @property
    def task(self) -> Task:
        """The work."""

    @property
    def seq(self) -> int:
        """Its place in the queue: the same at each redelivery, another once it was given back."""

    @property
    def hold(self) -> Hold | None:
        """What it was given back with, if anything.

        It is delivered at once all the same: who takes it too early says `nak` with the delay that
        is left, which counts as no delivery.
        """

    async def give_back(self, hold: Hold | None = None) -> None:
        """Give it back, as if it had never been taken: its deliveries count anew.

        It goes to the end of the queue, with the hold that is given or else the one it had. When
        that cannot be, this is `nak`.
        """


class RequestLease(Lease, Protocol):
    """A request taken from the queue."""

    @property
    def verb(self) -> str:
        """What it asks for."""

    @property
    def request(self) -> AnyRequest:
        """The decoded body."""

    @property
    def seq(self) -> int:
        """Its sequence in REQUESTS: the same at each redelivery."""

    @property
    def time(self) -> float:
        """Unix seconds at which the broker stored it."""

    @property
    def body(self) -> bytes:
        """The bytes as they came, for a dead letter."""


class TaskQueue(Protocol):
    """Work for executor groups."""

    def push(self, group: str, task: Task) -> Awaitable[Ack]:
        """Queue a task once per attempt; like `EventLog.append` it is pipelined."""

    def consume(self, group: str, *, slots: int) -> TaskFeed:
        """Take tasks of a group, never more at a time than there are free slots."""

    async def last_seq(self, group: str) -> int:
        """The newest place that was given to a task, 0 when none was."""


class TaskFeed(Protocol):
    """An open subscription to a group's queue."""

    @property
    def ack_wait(self) -> float:
        """Seconds of silence after which the broker gives a lease to somebody else."""

    def __aiter__(self) -> AsyncIterator[TaskLease]:
        """Leases as they come. Ends after `stop`."""

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""

    async def stop(self) -> None:
        """Take no more; what was delivered but not yet iterated is given back uncounted."""


class DueLease(Lease, Protocol):
    """A timer or a run request whose time has come, ours for the moment."""

    @property
    def what(self) -> TimerFired | RunRequest:
        """What is to be written, or sent."""

    @property
    def seq(self) -> int:
        """Its place among all that was scheduled."""

    @property
    def time(self) -> float:
        """Unix seconds, by the broker's clock, at which it was due."""


class DueQueue(Protocol):
    """What was scheduled and is due: the broker says when, a scheduler does it."""

    def consume(self, *, slots: int) -> DueFeed:
        """Take what is due as the scheduler group."""


class DueFeed(Protocol):
    """An open subscription to what is due."""

    def __aiter__(self) -> AsyncIterator[DueLease]:
        """Leases as they come. Ends after `stop`."""

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""

    async def stop(self) -> None:
        """Take no more; what was delivered but not yet iterated is given back."""


class RequestQueue(Protocol):
    """Commands from clients."""

    async def send(self, request: AnyRequest) -> Ack:
        """Store a request; returns on the broker's ack."""

    def consume(self, *, slots: int) -> RequestFeed:
        """Take requests as the scheduler group."""


class RequestFeed(Protocol):
    """An open subscription to the requests."""

    def __aiter__(self) -> AsyncIterator[RequestLease]:
        """Leases as they come. Ends after `stop`."""

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""

    async def stop(self) -> None:
        """Take no more."""
