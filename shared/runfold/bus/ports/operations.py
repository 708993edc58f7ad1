"""How streams and queues stand, for people who look after a deployment."""

from __future__ import annotations

from typing import Protocol

import msgspec


class StreamStanding(msgspec.Struct, frozen=True):
    """A stream, or what is behind a bucket or an object store."""

    name: str
    messages: int
    bytes: int
    first_seq: int
    """Of its first message, or of the one that will be."""
    last_seq: int
    limit_bytes: int | None
    """How large it may become; null: as large as there is room."""


class TypeStanding(msgspec.Struct, frozen=True):
    """The tasks of one kind of node."""

    type: str
    tasks: int
    """Those that wait and those in hand: the broker does not tell them apart by type."""
    oldest_at: float | None
    """Unix seconds at which the oldest of them was queued."""


class QueueStanding(msgspec.Struct, frozen=True):
    """The queue of an executor group."""

    group: str
    is_consumed: bool
    """Whether an executor of the group was ever there."""
    pending: int
    """Tasks that wait."""
    in_flight: int
    """Tasks that were handed out and are not done."""
    redelivered: int
    """Of those, how many were handed out before."""
    types: tuple[TypeStanding, ...]
    limit: int | None = None
    """How many tasks may be handed out at a time; None: no limit was set."""


class Operations(Protocol):
    """Asks the broker. All of it raises `BusUnavailable`."""

    async def streams(self) -> list[StreamStanding]:
        """All streams of runfold, by name."""

    async def queues(self) -> list[QueueStanding]:
        """The queues of all executor groups that have a consumer or tasks, by group."""
