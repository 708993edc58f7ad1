"""How the deployment stands, as the API shows it."""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.bus.ports.operations import StreamStanding
from runfold.contracts.protection import Algorithm


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
    limit: int | None
    """How many of its tasks may be in hand at a time; null: no limit was set."""
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
    limit: int | None
    """Runs that may have a place, as the run has it that has been in longest; null: not known."""
    holding: int
    """Runs that have a place."""
    waiting: int
    """Runs in line."""


class SlotsShown(msgspec.Struct, frozen=True):
    """A node that runs only so often at a time, over all runs and executors."""

    id: str
    workflow_id: str
    node: str
    limit: int
    """Attempts that may be under way."""
    holding: int
    """Attempts that are."""
    waiting: int
    """Attempts that wait for one. Those of an executor that died, and of a run that was cancelled,
    are forgotten after 15 seconds."""


class RateLimitShown(msgspec.Struct, frozen=True):
    """A rate limit of which something is used up."""

    id: str
    workflow_id: str
    """Of the node whose call took the newest turn: with a `key` several nodes share a limit."""
    node: str
    key: str
    """The template of its key, shortened to 100 characters; empty: the limit is the node's own."""
    algorithm: Algorithm
    rate: float
    per: float
    """Seconds in which `rate` calls may begin."""
    capacity: int
    """Calls that may begin at once, or in one window; of a leaky bucket, calls in line."""
    used: int
    """How many of those are taken."""
    waiting: int
    """Turns that were given out and have not come."""
    next_at: float
    """Unix seconds at which a call that asks now may begin."""


class OperationsShown(msgspec.Struct, frozen=True):
    """How the deployment stands."""

    groups: list[GroupShown]
    schedulers: list[SchedulerShown]
    streams: list[StreamStanding]
    breakers: list[BreakerShown]
    limits: list[ConcurrencyShown]
    """Concurrency keys in use, those with the most runs in line first."""
    slots: list[SlotsShown]
    """Nodes with a limit of attempts at a time that are in use, the longest line first."""
    rate_limits: list[RateLimitShown]
    """Rate limits of which something is used up, the longest line first."""


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
