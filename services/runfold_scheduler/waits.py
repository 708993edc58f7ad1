"""Which nodes wait for which events from outside: a bucket that all schedulers share.

A wait is noted there before its node_run_waiting is written, so that a client that has seen that
event can be sure that a signal finds the node. What is noted of a wait that never began, or is
over, does no harm: the run's log says what counts, and the scheduler that finds it out takes the
note away.
"""

from __future__ import annotations

import hashlib

import msgspec
import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.json_reader import read_json
from runfold.engine.state.runs import RunState
from runfold.errors import PayloadTooLarge, Undecodable
from runfold.failpoints import failpoint
from runfold.graph.external import covers

log = structlog.get_logger("scheduler")

_WILD = "w."
"""Begins the keys of patterns; those of plain subjects begin with a digest of theirs."""
_LARGEST = 256 * 1024
"""Bytes of one note: conditions with more in them than that are refused."""


class Wait(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node that waits for an event."""

    token: str
    subject: str
    match: dict[str, object] = {}


class Waits:
    """Notes waits, finds them, and takes them away.

    Args:
        bus: The bucket, and the log.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def begin(self, waiting: NodeRunWaiting) -> Ack:
        """Note a wait, and then write that it began.

        Raises:
            PayloadTooLarge: Its condition has too much in it.
        """
        note = msgspec.json.encode(Wait(waiting.token, waiting.subject, waiting.match))
        if len(note) > _LARGEST:
            message = (
                f"the condition node {waiting.node_id!r} waits with has {len(note)} bytes, "
                f"its limit is {_LARGEST}"
            )
            raise PayloadTooLarge(message, details={"size": len(note), "limit": _LARGEST})
        await self._bus.waits.put(_key(waiting.subject, waiting.token), note)
        failpoint("wait.noted")
        return await self._bus.events.append(waiting)

    async def end(self, subject: str, token: str) -> None:
        """Take a note away, if it is there."""
        await self._bus.waits.drop(_key(subject, token))

    async def leave(self, state: RunState) -> None:
        """Take away what is noted of a run that has ended."""
        for node in state.nodes.values():
            if node.waiting is not None and node.waiting.subject:
                await self.end(node.waiting.subject, node.waiting.token)

    async def found(self, subject: str) -> list[Wait]:
        """The waits whose pattern a subject fits, by token."""
        notes: dict[str, bytes] = {}
        for prefix in (_head(subject), _WILD):
            notes |= await self._bus.waits.entries(prefix)
        waits = (_read(key, note) for key, note in notes.items())
        fitting = [wait for wait in waits if wait is not None and covers(wait.subject, subject)]
        return sorted(fitting, key=lambda wait: wait.token)


def _read(key: str, note: bytes) -> Wait | None:
    """A wait as it was noted; one that cannot be read keeps no signal from the others."""
    try:
        return read_json(note, Wait)
    except Undecodable as error:
        log.warning("wait cannot be read", key=key, reason=str(error))
        return None


def has_waits(state: RunState) -> bool:
    """Whether any node of a run still waits for an event from outside."""
    return any(node.waiting is not None and node.waiting.subject for node in state.nodes.values())


def _key(pattern: str, token: str) -> str:
    is_wild = any(part in ("*", ">") for part in pattern.split("."))
    return f"{_WILD if is_wild else _head(pattern)}{token}"


def _head(subject: str) -> str:
    return f"s.{hashlib.blake2b(subject.encode(), digest_size=10).hexdigest()}."
