"""Places for the runs of one concurrency key, on a board in a bucket that all schedulers share.

A run takes a place before it begins and gives it up when it has ended; a run that gives one up lets
the next run in. What a scheduler that died left undone is done by those that wait: one of them asks
again every few seconds, and each asker puts the whole board right: runs that are over go, those
next in line come in, and who came in without being told is told.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec
import structlog

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.bus.run_log import RunLog
from runfold.contracts.events import RUN_ENDINGS, RunAdmitted, RunFailed
from runfold.contracts.json_reader import read_json
from runfold.contracts.leases import ConcurrencyBoard
from runfold.engine.decide.effects import Admit
from runfold.engine.state.runs import RunState
from runfold.errors import BusUnavailable, Conflict, Failure, Undecodable
from runfold.ids import bucket_key
from runfold_scheduler.cancelling import Cancelling

log = structlog.get_logger("scheduler")

TRIES = 50
"""Times another scheduler may write a board between our reading and our writing it."""
PAUSE = 0.005
"""Seconds between those tries, growing by as much each time."""
LOOKED_AT = 16
"""Runs that hold a place and are looked at when one more waits: those after them next time."""
LONGEST = 20_000
"""Runs that may wait with one key: a board is a single value."""


class _Verdict(NamedTuple):
    what: str
    """`in`, `waits`, `refused` or `left`."""
    displaced: str = ""
    """The run in whose place it comes."""


class _Board(ConcurrencyBoard, omit_defaults=True):
    """Who is in and who waits."""

    def let_in(self, run_id: str) -> None:
        self.holding.append(run_id)
        self.entering.append(run_id)

    def remove(self, run_id: str) -> bool:
        """Whether the run held a place."""
        held = run_id in self.holding
        for line in (self.holding, self.waiting, self.entering):
            if run_id in line:
                line.remove(run_id)
        return held

    def when_full(self, run_id: str, effect: Admit) -> _Verdict:
        """What becomes of a run for which there is no place."""
        match effect.when_full:
            case "queue":
                if run_id not in self.waiting:
                    if len(self.waiting) >= LONGEST:
                        return _Verdict("refused")
                    self.waiting.append(run_id)
                return _Verdict("waits")
            case "reject":
                return _Verdict("refused")
            case "cancel_oldest":
                oldest = self.holding[0]
                self.remove(oldest)
                self.let_in(run_id)
                return _Verdict("in", oldest)


class _Ask(NamedTuple):
    """A run that wants a place; or, without an effect, gives its own up."""

    state: RunState
    effect: Admit | None
    done: asyncio.Future[Ack]


class Places:
    """Takes and gives up places: all that is asked of one board at a time is done in one go.

    Args:
        bus: The bucket, and the log.
        runs: Runs whose place is taken.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._cancelling = Cancelling(runs)
        self._asked: dict[str, list[_Ask]] = {}
        self._looked_at: dict[str, int] = {}
        self._working = Background()

    async def take(self, state: RunState, effect: Admit) -> Ack:
        """Get a run in, or in line, or refuse it; what becomes of it is written in its log."""
        return await self._ask(effect.group, state, effect)

    async def leave(self, state: RunState) -> Ack:
        """Give up a run's place and let the next one in."""
        return await self._ask(f"{state.workflow_id}/{state.concurrency_key}", state, None)

    async def _ask(self, group: str, state: RunState, effect: Admit | None) -> Ack:
        ask = _Ask(state, effect, asyncio.get_running_loop().create_future())
        if group in self._asked:
            self._asked[group].append(ask)
        else:
            self._asked[group] = [ask]
            self._working.start(self._work(group))
        return await ask.done

    async def _work(self, group: str) -> None:
        """Do what is asked of a board until nothing is."""
        while asks := self._asked[group]:
            self._asked[group] = []
            try:
                acks = await self._settle(group, asks)
            except Exception as error:  # noqa: BLE001 -- theirs who asked
                for ask in asks:
                    if not ask.done.done():
                        ask.done.set_exception(error)
            else:
                for ask, ack in zip(asks, acks, strict=True):
                    if not ask.done.done():
                        ask.done.set_result(ack)
        del self._asked[group]

    async def _settle(self, group: str, asks: list[_Ask]) -> list[Ack]:
        for attempt in range(TRIES):
            board, revision = await self._read(group)
            was = msgspec.json.encode(board)
            board.entering = [one for one in board.entering if not await self._is_told(one)]
            verdicts = [await self._place(group, board, ask) for ask in asks]
            for ask, verdict in zip(asks, verdicts, strict=True):
                if verdict.displaced:
                    # First, as a place of a run that is over can be taken by anyone.
                    await self._displace(ask.state.run_id, verdict.displaced)
            now = msgspec.json.encode(board)
            if now != was and not await self._write(group, now, revision):
                await asyncio.sleep(PAUSE * attempt)
                continue
            return await self._tell(group, board, asks, verdicts)
        raise BusUnavailable(f"the places of {group!r} could not be settled")

    async def _place(self, group: str, board: _Board, ask: _Ask) -> _Verdict:
        run_id, effect = ask.state.run_id, ask.effect
        if effect is None:
            room = len(board.holding)
            if board.remove(run_id):
                await self._fill(board, room)
            return _Verdict("left")
        if run_id not in board.holding:
            if len(board.holding) >= effect.limit:
                await self._clear(group, board, whole=effect.when_full != "queue")
            await self._fill(board, effect.limit)
            if run_id not in board.holding and len(board.holding) < effect.limit:
                board.let_in(run_id)
        elif run_id not in board.entering:
            board.entering.append(run_id)
        return _Verdict("in") if run_id in board.holding else board.when_full(run_id, effect)

    async def _fill(self, board: _Board, room: int) -> None:
        """Let those in who are next and not over, as long as there is room."""
        while board.waiting and len(board.holding) < room:
            following = board.waiting.pop(0)
            if not await self._is_over(following):
                board.let_in(following)

    async def _clear(self, group: str, board: _Board, *, whole: bool) -> None:
        """Take away those who hold a place and are over; of many, only some each time."""
        looked_at = board.holding
        if not whole and len(looked_at) > LOOKED_AT:
            first = self._looked_at.get(group, 0) % len(looked_at)
            self._looked_at[group] = first + LOOKED_AT
            looked_at = (looked_at + looked_at)[first : first + LOOKED_AT]
        over = await asyncio.gather(*map(self._is_over, looked_at))
        for run_id, is_over in zip(tuple(looked_at), over, strict=True):
            if is_over:
                board.remove(run_id)

    async def _tell(
        self, group: str, board: _Board, asks: list[_Ask], verdicts: list[_Verdict]
    ) -> list[Ack]:
        """Write in the logs what has become of the runs."""
        workflow_id = group.partition("/")[0]
        told = await asyncio.gather(
            *(self._bus.events.append(_admitted(workflow_id, one)) for one in board.entering)
        )
        acks = dict(zip(board.entering, told, strict=True))
        return [
            await self._bus.events.append(_refused(ask.state, ask.effect))
            if verdict.what == "refused" and ask.effect is not None
            else acks.get(ask.state.run_id, Ack(0))
            for ask, verdict in zip(asks, verdicts, strict=True)
        ]

    async def _displace(self, run_id: str, oldest: str) -> None:
        """End the run whose place is taken. One that compensates does so without a place."""
        first = await self._bus.events.first_event(oldest)
        if first is not None:
            reason = f"run {run_id!r} of the same concurrency key took its place"
            event = await self._cancelling.event(first, reason, why="displaced")
            await self._bus.events.append(event)

    async def _is_told(self, run_id: str) -> bool:
        return await self._bus.events.has_event(run_id, "run_admitted")

    async def _is_over(self, run_id: str) -> bool:
        began, ended = await asyncio.gather(
            self._bus.events.has_event(run_id, "run_started"),
            self._bus.events.has_event(run_id, *RUN_ENDINGS),
        )
        return ended or not began

    async def _read(self, group: str) -> tuple[_Board, int]:
        entry = await self._bus.places.get(bucket_key(group))
        if entry is None or not entry[0]:
            return _Board(), 0 if entry is None else entry[1]
        try:
            return read_json(entry[0], _Board), entry[1]
        except Undecodable as error:
            # It is written anew by those who come; those inside it before hold no place.
            log.warning("concurrency cannot be read", group=group, reason=str(error))
            return _Board(), entry[1]

    async def _write(self, group: str, board: bytes, revision: int) -> bool:
        """Whether the board was still as it had been read."""
        try:
            await self._bus.places.update(bucket_key(group), board, revision)
        except Conflict:
            return False
        return True


def _admitted(workflow_id: str, run_id: str) -> RunAdmitted:
    return RunAdmitted(id=f"{run_id}:run_admitted", run_id=run_id, workflow_id=workflow_id)


def _refused(state: RunState, effect: Admit) -> RunFailed:
    full = f"{effect.limit} runs under way"
    if effect.when_full == "queue":
        full += f" and {LONGEST} waiting"
    message = (
        f"workflow {state.workflow_id!r} has {full} with concurrency key "
        f"{state.concurrency_key!r}: try again when one has ended"
    )
    return RunFailed(
        id=f"{state.run_id}:run_failed",
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        error=Failure(code="run.concurrency", message=message, kind="limit", retryable=True),
    )
