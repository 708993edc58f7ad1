"""Variables that outlive runs: what a run of a conversation begins with.

What they are is in the logs of the conversation's runs alone. A bucket remembers which runs those
are, and what the ones that have ended assigned. Runs side by side lose nothing: the assignments of
all of them are applied in the log's order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.contracts.events import Assignment, VariablesAssigned
from runfold.engine.evolve.variables import CONVERSATION, applied
from runfold.engine.history.fold import Folder
from runfold.errors import Conflict, NodeFailed, UnknownRun
from runfold.ids import bucket_key

TRIES = 10
MOST_UNDER_WAY = 50
"""Runs of one conversation that may be under way at a time."""
MOST_LATER = 500
"""Assignments kept apart; the earliest beyond that are settled without waiting for other runs."""
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
    came_to: Any
    """The variable's value in that run."""


class _Conversation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bucket has of one conversation."""

    values: dict[str, tuple[Any, int]] = {}
    """Variable → its value, and where in the log it was assigned last."""
    later: tuple[_Change, ...] = ()
    """Assignments of ended runs that one under way may still have an earlier one for."""
    runs: tuple[_Joined, ...] = ()


class Conversations:
    """Lets runs join conversations.

    Args:
        bus: The bucket.
        runs: Reads the runs of conversations.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._runs = runs

    async def join(self, conversation_id: str, run_id: str, now: float) -> dict[str, Any]:
        """The conversation's variables as they are; the run's own assignments count from now on.

        Raises:
            Conflict: Too many of the conversation's runs are under way.
        """
        key = bucket_key(conversation_id)
        for _ in range(TRIES):
            found = await self._bus.conversations.get(key)
            held = msgspec.json.decode(found[0], type=_Conversation) if found else _Conversation()
            merged, present = await self._merged(held, run_id, now)
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
                continue
            return {name: value for name, (value, _) in present.items()}
        message = f"conversation {conversation_id!r} is being written by others all the time"
        raise Conflict(message, code="conversation.busy")

    async def _merged(
        self, held: _Conversation, run_id: str, now: float
    ) -> tuple[_Conversation, dict[str, tuple[Any, int]]]:
        """The conversation with a run in it, and its variables as all its runs have them now."""
        values, ended, under_way = dict(held.values), list(held.later), list[_Change]()
        left: list[_Joined] = []
        settled = math.inf
        """The place in the log up to which no run can add an assignment."""
        for joined in held.runs:
            if joined.run_id == run_id:
                continue
            folder, changes = await self._changes(joined.run_id)
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
        done = max(sum(change.seq < settled for change in ended), len(ended) - MOST_LATER)
        _apply(values, ended[:done])
        later = tuple(ended[done:])
        present = dict(values)
        _apply(present, sorted((*later, *under_way), key=lambda change: change.seq))
        return _Conversation(values, later, (*left, _Joined(run_id, now))), present

    async def _changes(self, run_id: str) -> tuple[Folder | None, list[_Change]]:
        """A run, and the assignments to the conversation's variables that counted in it."""
        try:
            records = await self._runs.records(run_id)
        except UnknownRun:
            return None, []
        folder, _ = Folder.begin(records[0], self._runs.plans)
        changes: list[_Change] = []
        for record in records[1:]:
            before, event = folder.state.conversation, record.event
            counts = folder.apply(record) and folder.state.conversation is not before
            if counts and isinstance(event, VariablesAssigned):
                after = folder.state.conversation
                changes += (
                    _Change(record.seq, one, after.get(_name(one)))
                    for one in event.assignments
                    if one.owner == CONVERSATION
                )
        return folder, changes


def _name(one: Assignment) -> str:
    return one.variable.removeprefix(f"{CONVERSATION}.")


def _apply(values: dict[str, tuple[Any, int]], changes: Iterable[_Change]) -> None:
    """Apply changes in their order. One that no longer fits leaves what it came to in its run."""
    for change in changes:
        name = _name(change.assignment)
        present = values[name][0] if name in values else None
        try:
            value = applied(change.assignment, present)
        except NodeFailed:
            value = change.came_to
        values[name] = value, change.seq
