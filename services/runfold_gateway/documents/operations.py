"""How the deployment stands, as the API shows it."""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.bus.ports.operations import StreamStanding


class TypeShown(msgspec.Struct, frozen=True):
    """The tasks of one kind of node in a group's queue."""

    type: str
    tasks: int
    """Those that wait and those in hand."""
    oldest_seconds: float | None
    """How long the oldest of them has been there."""


class ExecutorShown(msgspec.Struct, frozen=True):
    """A process of a group."""

    id: str
    version: str
    host: str
    slots: int
    """Attempts it works on at a time."""
    busy: int
    """Attempts it has in hand."""
    last_seen: float
    """Unix seconds at which it last said so, which it does every three seconds."""


class GroupShown(msgspec.Struct, frozen=True):
    """The queue of an executor group, and who works on it."""

    group: str
    pending: int
    """Tasks that wait."""
    in_flight: int
    """Tasks that were handed out and are not done."""
    redelivered: int
    """Of those, how many were handed out before."""
    oldest_seconds: float | None
    """How long the oldest of all its tasks has been there."""
    types: list[TypeShown]
    executors: list[ExecutorShown]


class SchedulerShown(msgspec.Struct, frozen=True):
    """A scheduler that has a lease."""

    id: str
    host: str
    partitions: list[int]
    """Those that it holds."""
    last_seen: float
    """Unix seconds at which it last renewed its lease, which it does every second."""


class BreakerShown(msgspec.Struct, frozen=True):
    """A circuit breaker that has met failures since it was last closed by success."""

    id: str
    """What it is reset by."""
    workflow_id: str
    """Of the node whose call changed it last: with a `key` several nodes share a breaker."""
    node: str
    state: Literal["closed", "open", "half_open"]
    failures: int
    """Closed: failures in a row."""
    opens_until: float | None
    """Open: Unix seconds from which trials may be made."""


class ConcurrencyShown(msgspec.Struct, frozen=True):
    """A concurrency key in use."""

    workflow_id: str
    key: str
    holding: int
    """Runs that have a place."""
    waiting: int
    """Runs in line."""


class OperationsShown(msgspec.Struct, frozen=True):
    """How the deployment stands."""

    groups: list[GroupShown]
    schedulers: list[SchedulerShown]
    streams: list[StreamStanding]
    breakers: list[BreakerShown]
    limits: list[ConcurrencyShown]
    """Concurrency keys in use, those with the most runs in line first."""


class ResetBreakers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which breakers are to be closed."""

    ids: list[str]


class BreakerReset(msgspec.Struct, frozen=True):
    """What became of one breaker."""

    id: str
    status: Literal["reset", "not_found"]
    """`not_found` also for one that is closed and has met no failure."""


class BreakersReset(msgspec.Struct, frozen=True):
    """What became of each breaker, in the order asked."""

    items: list[BreakerReset]
