"""Places for the runs of one concurrency key, kept in a bucket that all schedulers share.

A run takes a place before it begins and gives it up when it has ended; whoever gives one up lets
the next run in. What a scheduler that died left undone is done by those that wait: they look again
every few seconds, and take the place of a run that has ended.
"""

from __future__ import annotations

import asyncio
import hashlib

import msgspec

from runfold.bus.ports import Ack, Bus
from runfold.contracts.events import (
    RUN_ENDINGS,
    AnyEvent,
    RunAdmitted,
    RunCancelled,
    RunFailed,
)
from runfold.engine.effects import Admit
from runfold.engine.state import RunState
from runfold.errors import BusUnavailable, Conflict, Failure

TRIES = 50


class _Board(msgspec.Struct, omit_defaults=True):
    """Who is in and who waits, the oldest first."""

    holding: list[str] = []
    waiting: list[str] = []


class Places:
    """Takes and gives up places.

    Args:
        bus: The bucket, and the log.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def take(self, state: RunState, effect: Admit) -> Ack:
        """Get a run in, or in line, or refuse it; what becomes of it is written in its log."""
        run_id = state.run_id
        for _ in range(TRIES):
            board, revision = await self._read(effect.group)
            verdict = await self._place(board, run_id, effect)
            if verdict == "refused":
                return await self._bus.events.append(_rejected(state, effect))
            if verdict not in ("in", "waits"):
                # First, as a place of a run that is over can be taken by anyone.
                await self._bus.events.append(_displaced(state, verdict))
            if not await self._write(effect.group, board, revision):
                continue
            if verdict == "waits":
                return Ack(0)
            return await self._bus.events.append(_admitted(state.workflow_id, run_id))
        raise BusUnavailable(f"no place for run {run_id!r} could be settled")

    async def _place(self, board: _Board, run_id: str, effect: Admit) -> str:
        """Put a run on the board: `in`, `waits`, `refused`, or in the place of the run named."""
        if run_id in board.holding:
            return "in"
        if len(board.holding) >= effect.limit:
            board.holding = [one for one in board.holding if not await self._is_over(one)]
        if len(board.holding) < effect.limit and await self._is_next(board, run_id):
            board.holding.append(run_id)
            board.waiting = [one for one in board.waiting if one != run_id]
            return "in"
        match effect.when_full:
            case "queue":
                board.waiting += [run_id] * (run_id not in board.waiting)
                return "waits"
            case "reject":
                return "refused"
            case "cancel_oldest":
                board.holding.append(run_id)
                return board.holding.pop(0)

    async def leave(self, state: RunState) -> Ack:
        """Give up a run's place and let the next one in."""
        group = f"{state.workflow_id}/{state.concurrency_key}"
        for _ in range(TRIES):
            board, revision = await self._read(group)
            held = state.run_id in board.holding
            if not held and state.run_id not in board.waiting:
                return Ack(0)
            following = board.waiting[0] if held and board.waiting else ""
            board.waiting = [one for one in board.waiting if one not in (state.run_id, following)]
            board.holding = [one for one in board.holding if one != state.run_id]
            if following:
                board.holding.append(following)
            if await self._write(group, board, revision):
                if following:
                    return await self._bus.events.append(_admitted(state.workflow_id, following))
                return Ack(0)
        raise BusUnavailable(f"the place of run {state.run_id!r} could not be given up")

    async def _is_next(self, board: _Board, run_id: str) -> bool:
        """Whether nobody waits before a run; those before it that are over are taken away."""
        while board.waiting and board.waiting[0] != run_id:
            if not await self._is_over(board.waiting[0]):
                return False
            board.waiting.pop(0)
        return True

    async def _is_over(self, run_id: str) -> bool:
        began, ended = await asyncio.gather(
            self._bus.events.has_event(run_id, "run_started"),
            self._bus.events.has_event(run_id, *RUN_ENDINGS),
        )
        return ended or not began

    async def _read(self, group: str) -> tuple[_Board, int]:
        entry = await self._bus.places.get(_key(group))
        if entry is None or not entry[0]:
            return _Board(), 0 if entry is None else entry[1]
        return msgspec.json.decode(entry[0], type=_Board), entry[1]

    async def _write(self, group: str, board: _Board, revision: int) -> bool:
        """Whether the board was still as it had been read."""
        try:
            await self._bus.places.update(_key(group), msgspec.json.encode(board), revision)
        except Conflict:
            return False
        return True


def _key(group: str) -> str:
    return hashlib.sha256(group.encode()).hexdigest()[:40]


def _admitted(workflow_id: str, run_id: str) -> AnyEvent:
    return RunAdmitted(id=f"{run_id}:run_admitted", run_id=run_id, workflow_id=workflow_id)


def _rejected(state: RunState, effect: Admit) -> AnyEvent:
    message = (
        f"workflow {state.workflow_id!r} has {effect.limit} runs under way with concurrency key "
        f"{state.concurrency_key!r}: try again when one has ended"
    )
    return RunFailed(
        id=f"{state.run_id}:run_failed",
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        error=Failure(code="run.concurrency", message=message, kind="limit", retryable=True),
    )


def _displaced(state: RunState, run_id: str) -> AnyEvent:
    return RunCancelled(
        id=f"{run_id}:run_cancelled:displaced",
        run_id=run_id,
        workflow_id=state.workflow_id,
        reason=f"run {state.run_id!r} of the same concurrency key took its place",
    )
