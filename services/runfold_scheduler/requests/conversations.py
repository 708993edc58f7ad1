"""Variables that outlive runs: what a run of a conversation begins with.

What they are is in the logs of the conversation's runs alone. A bucket remembers which runs those
are, and what the ones that have ended came to: for each variable its newest value and the place in
the log of the assignment that made it, so that runs side by side are merged in the log's order.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.contracts.events import VariablesAssigned
from runfold.engine.evolve.variables import CONVERSATION
from runfold.engine.history.fold import Folder
from runfold.errors import Conflict, UnknownRun
from runfold.ids import bucket_key

TRIES = 10
MOST_UNDER_WAY = 50
"""Runs of one conversation that may be under way at a time."""
FORGOTTEN_AFTER = 600.0
"""Seconds after which a run that was announced and never began is no longer looked for."""


class _Joined(msgspec.Struct, frozen=True, array_like=True):
    """A run of a conversation that had not ended when it was last looked at."""

    run_id: str
    at: float


class _Conversation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bucket has of one conversation."""

    values: dict[str, tuple[Any, int]] = {}
    """Variable → its value, and where in the log it was assigned."""
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
        ended, present = dict(held.values), dict(held.values)
        left: list[_Joined] = []
        for joined in held.runs:
            if joined.run_id == run_id:
                continue
            folder, written = await self._written(joined.run_id)
            _lay_over(present, written)
            if folder is None:
                left += [joined] if now - joined.at < FORGOTTEN_AFTER else []
            elif folder.state.ended:
                _lay_over(ended, written)
            else:
                left.append(joined)
        return _Conversation(ended, (*left, _Joined(run_id, now))), present

    async def _written(self, run_id: str) -> tuple[Folder | None, dict[str, tuple[Any, int]]]:
        """A run, and what it made of the conversation's variables, and where."""
        try:
            records = await self._runs.records(run_id)
        except UnknownRun:
            return None, {}
        folder, _ = Folder.begin(records[0], self._runs.plans)
        written: dict[str, tuple[Any, int]] = {}
        for record in records[1:]:
            if not folder.apply(record) or not isinstance(record.event, VariablesAssigned):
                continue
            for one in record.event.assignments:
                name = one.variable.removeprefix(f"{CONVERSATION}.")
                if one.owner == CONVERSATION and name in folder.state.conversation:
                    written[name] = folder.state.conversation[name], record.seq
        return folder, written


def _lay_over(values: dict[str, tuple[Any, int]], newer: dict[str, tuple[Any, int]]) -> None:
    for name, (value, seq) in newer.items():
        if name not in values or values[name][1] < seq:
            values[name] = value, seq
