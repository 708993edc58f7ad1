"""Variables that outlive runs: what a run of a conversation begins with.

What they are is in the logs of the conversation's runs alone. A bucket remembers which runs those
are, and what the ones that have ended assigned. Runs side by side lose nothing: the assignments of
all of them are applied in the log's order.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.contracts.events import Assignment, RunForked, VariablesAssigned
from runfold.engine.decide.retries import spread
from runfold.engine.evolve.variables import CONVERSATION, applied
from runfold.engine.history.fold import Folder, beginning
from runfold.errors import Conflict, NodeFailed, PayloadTooLarge, UnknownRun
from runfold.ids import bucket_key
from runfold.lru import LruMap

TRIES = 10
PAUSE = 0.1
"""Seconds until the next try, at most, for each one before it."""
IN_MIND = 1000
"""Conversations in which runs wait for their turn to join."""
MOST_UNDER_WAY = 50
"""Runs of one conversation that may be under way at a time."""
MOST_LATER = 500
"""Assignments kept apart; the earliest beyond that are settled without waiting for other runs."""
LARGEST_LATER = 256 * 1024
"""Bytes of them, at most."""
FORGOTTEN_AFTER = 600.0
"""Seconds after which a run that was announced and never began is no longer looked for."""


class _Joined(msgspec.Struct, frozen=True, array_like=True):
    """A run of a conversation that had not ended when it was last looked at."""

    run_id: str
    at: float


class _Change(msgspec.Struct, frozen=True, array_like=True):
    """An assignment that counted in its run."""

    seq: int
    assignment: Assignment


class _Conversation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bucket has of one conversation."""

    values: dict[str, tuple[Any, int]] = {}
    """Variable → its value, and where in the log it was assigned last."""
    later: tuple[_Change, ...] = ()
    """Assignments of ended runs that one under way may still have an earlier one for."""
    runs: tuple[_Joined, ...] = ()


_Look = tuple[Folder | None, list[_Change]]


class Conversations:
    """Lets runs join conversations.

    Args:
        bus: The bucket.
        runs: Reads the runs of conversations.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._runs = runs
        self._turns: LruMap[str, asyncio.Lock] = LruMap(
            IN_MIND, may_drop=lambda turn: not turn.locked()
        )

    async def join(self, conversation_id: str, run_id: str, now: float) -> dict[str, Any]:
        """The conversation's variables as they are; the run's own assignments count from now on.

        A run that has begun joined before it did: it joins no second time, and nothing is told.

        Raises:
            Conflict: Too many of the conversation's runs are under way. Retryable, when others
                write it all the time.
            PayloadTooLarge: Its variables have too much in them.
        """
        turn = self._turns.get(conversation_id)
        if turn is None:
            turn = self._turns[conversation_id] = asyncio.Lock()
        async with turn:
            for attempt in range(TRIES):
                # Only other schedulers can have been first; they try again at other times.
                await asyncio.sleep(PAUSE * attempt * spread(f"{run_id}:{attempt}"))
                present = await self._try(conversation_id, run_id, now)
                if present is not None:
                    return present
        message = f"conversation {conversation_id!r} is being written by others all the time"
        raise Conflict(message, code="conversation.busy", retryable=True)

    async def _try(self, conversation_id: str, run_id: str, now: float) -> dict[str, Any] | None:
        """As `join`; None when the conversation was written meanwhile."""
        key = bucket_key(conversation_id)
        found = await self._bus.conversations.get(key)
        # Looked for after that: a run that begins later cannot have been settled there.
        if await self._bus.events.first_event(run_id) is not None:
            return {}
        held = msgspec.json.decode(found[0], type=_Conversation) if found else _Conversation()
        merged, present = await self._merged(held, conversation_id, run_id, now)
        if len(merged.runs) > MOST_UNDER_WAY:
            message = (
                f"conversation {conversation_id!r} has {MOST_UNDER_WAY} runs under way: "
                "wait until one of them has ended"
            )
            raise Conflict(message, code="conversation.busy")
        body = msgspec.json.encode(merged)
        try:
            if found is None:
                await self._bus.conversations.create(key, body)
            else:
                await self._bus.conversations.update(key, body, found[1])
        except Conflict:
            return None
        except PayloadTooLarge as error:
            message = (
                f"the variables of conversation {conversation_id!r} take {len(body)} bytes, over "
                f"the limit of {error.details['limit']}: begin another conversation, and keep less "
                "in its variables"
            )
            code = "conversation.too_large"
            raise PayloadTooLarge(message, code=code, details=error.details) from error
        return {name: value for name, (value, _) in present.items()}

    async def _merged(
        self, held: _Conversation, conversation_id: str, run_id: str, now: float
    ) -> tuple[_Conversation, dict[str, tuple[Any, int]]]:
        """The conversation with a run in it, and its variables as all its runs have them now."""
        values, ended, under_way = dict(held.values), list(held.later), list[_Change]()
        left: list[_Joined] = []
        settled = math.inf
        """The place in the log up to which no run can add an assignment."""
        others = [joined for joined in held.runs if joined.run_id != run_id]
        looks = (self._changes(conversation_id, joined.run_id) for joined in others)
        for joined, (folder, changes) in zip(others, await asyncio.gather(*looks), strict=True):
            if folder is None:
                left += [joined] if now - joined.at < FORGOTTEN_AFTER else []
                continue
            for change in changes:
                name = _name(change.assignment)
                values.setdefault(name, (folder.plan.conversation.get(name), 0))
            if folder.state.ended:
                ended += changes
            else:
                left.append(joined)
                under_way += changes
                settled = min(settled, folder.first_seq)
        ended.sort(key=lambda change: change.seq)
        done = max(sum(change.seq < settled for change in ended), len(ended) - _room_for(ended))
        _apply(values, ended[:done])
        later = tuple(ended[done:])
        present = dict(values)
        _apply(present, sorted((*later, *under_way), key=lambda change: change.seq))
        return _Conversation(values, later, (*left, _Joined(run_id, now))), present

    async def _changes(self, conversation_id: str, run_id: str) -> _Look:
        """A run, and its own assignments to the conversation's variables that counted in it."""
        try:
            records = await self._runs.records(run_id)
        except UnknownRun:
            return None, []
        started = beginning(records)
        if started.conversation_id != conversation_id:
            return None, []  # the id was asked for twice, and it began in another one
        folder, _ = Folder.begin(records[0], self._runs.plans)
        # What a retry takes over has counted in the run that it goes on from.
        is_own = started.origin is None
        changes: list[_Change] = []
        for record in records[1:]:
            before, event = folder.state.conversation, record.event
            counts = folder.apply(record) and folder.state.conversation is not before
            is_own = is_own or isinstance(event, RunForked)
            if counts and is_own and isinstance(event, VariablesAssigned):
                assignments = (one for one in event.assignments if one.owner == CONVERSATION)
                changes += (_Change(record.seq, one) for one in assignments)
        return folder, changes


def _room_for(ended: Sequence[_Change]) -> int:
    """How many of some assignments, the newest, may be kept apart."""
    size = 0
    for count, change in enumerate(reversed(ended)):
        size += len(msgspec.json.encode(change))
        if count == MOST_LATER or size > LARGEST_LATER:
            return count
    return len(ended)


def _name(one: Assignment) -> str:
    return one.variable.removeprefix(f"{CONVERSATION}.")


def _apply(values: dict[str, tuple[Any, int]], changes: Iterable[_Change]) -> None:
    """Apply changes in their order. One that no longer fits counted in its own run alone."""
    for change in changes:
        name, operation = _name(change.assignment), change.assignment.operation
        present, seq = values.get(name, (None, 0))
        if operation in ("set", "clear") and change.seq < seq:
            continue  # a later one was settled without waiting for this
        try:
            value = applied(change.assignment, present)
        except NodeFailed:
            continue
        values[name] = value, max(change.seq, seq)
