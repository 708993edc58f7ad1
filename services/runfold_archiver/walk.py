"""Walking the log at a distance: an event is looked at when it is as old as runs are kept.

Stream order is the order in which runs become due, so the place in the log is all there is to
remember: no list of runs that ended and are not due yet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Mark
from runfold.contracts.events import RUN_ENDINGS
from runfold.errors import BusUnavailable, RunfoldError
from runfold.lru import LruMap
from runfold_archiver.moving import Moving
from runfold_archiver.position import MOST_STUCK, Position, Positions

log = structlog.get_logger("archiver")

PAGE = 500
"""Events looked at per request."""
REMEMBERED = 20_000
"""Runs known to be in the log, or gone from it, so that they are not looked up again."""
NOTE_EVERY = 5.0
"""Seconds between notes of the position."""
AGAIN = 1.0
"""Seconds until something is tried again."""
SHORTEST_LOOK, LONGEST_LOOK = 0.5, 30.0
"""Seconds between looks at a log that has nothing new."""


class Walk:
    """Goes through the log once, and on as it grows.

    Args:
        bus: The log and the archive.
        retention: Seconds for which a run that ended stays in the log.
        clock: Unix seconds.
    """

    def __init__(self, bus: Bus, retention: float, clock: Callable[[], float] = time.time) -> None:
        self._bus = bus
        self._retention = retention
        self._clock = clock
        self._moving = Moving(bus)
        self._positions = Positions(bus.checkpoints)
        self._begun: LruMap[str, int] = LruMap(REMEMBERED)
        """Runs known to be in the log."""
        self._gone: LruMap[str, int] = LruMap(REMEMBERED)
        """Runs no longer in it, with the last sequence they had there."""
        self._noted_at = 0.0
        self._breaks = -1
        """Of the connection, when what is behind us was last looked through."""
        self.position = Position()

    async def begin(self) -> None:
        """Find out where to go on.

        Raises:
            BusUnavailable: NATS is not reachable.
        """
        self.position = await self._positions.read(await self._bus.events.last_seq())

    async def go(self) -> None:
        """Walk, for ever."""
        for run_id in self.position.stuck:
            if await self._patiently(self._moving.move, run_id) is not None:
                left = tuple(run for run in self.position.stuck if run != run_id)
                self.position = Position(self.position.after, left)
        look = min(LONGEST_LOOK, max(SHORTEST_LOOK, self._retention / 10))
        while True:
            await self._look_back()
            marks = await self._next_marks()
            for mark in marks:
                await self._until_due(mark)
                await self._look_at(mark)
                self.position = Position(mark.seq, self.position.stuck)
                await self._note_now_and_then()
            if not marks:
                await self.note()
                await asyncio.sleep(look)

    async def note(self) -> None:
        """Remember the position, if that is possible just now."""
        self._noted_at = asyncio.get_running_loop().time()
        try:
            await self._positions.write(self.position)
        except BusUnavailable as error:
            log.warning("position not noted", reason=str(error))

    async def _note_now_and_then(self) -> None:
        if asyncio.get_running_loop().time() - self._noted_at > NOTE_EVERY:
            await self.note()

    async def _look_back(self) -> None:
        """Purge once more what came back: of a killed broker, not all that it removed is gone."""
        breaks, seen = self._bus.raw.breaks, set[str]()
        if breaks == self._breaks:
            return
        self._breaks = breaks
        after, end = 0, self.position.after
        while after < end:
            marks = await self._next_marks(after)
            for mark in marks:
                if mark.seq <= end and mark.run_id not in seen:
                    seen.add(mark.run_id)
                    await self._patiently(self._moving.purge_archived, mark.run_id)
            after = marks[-1].seq if marks else end

    async def _next_marks(self, after: int | None = None) -> list[Mark]:
        while True:
            try:
                return await self._bus.raw.marks(
                    after=self.position.after if after is None else after, limit=PAGE
                )
            except BusUnavailable as error:
                log.warning("log cannot be read", reason=str(error))
                await asyncio.sleep(AGAIN)

    async def _until_due(self, mark: Mark) -> None:
        while (left := mark.time + self._retention - self._clock()) > 0:
            await self.note()
            await asyncio.sleep(min(left, LONGEST_LOOK))

    async def _look_at(self, mark: Mark) -> None:
        run_id = mark.run_id
        if mark.seq <= (self._gone.get(run_id) or 0):
            return
        if mark.type in RUN_ENDINGS:
            last = await self._patiently(self._moving.move, run_id)
            if last:
                self._begun.discard(run_id)
                self._gone[run_id] = last
            elif last == 0:
                log.warning("ending of a run that did not begin, or unreadable", run_id=run_id)
            return
        if mark.type == "run_started":
            # Of a killed broker, what it had removed may be there again.
            last = await self._patiently(self._moving.purge_archived, run_id)
            known = self._gone if last else self._begun
            known[run_id] = last or mark.seq
        elif run_id not in self._begun:
            await self._look_up(mark)

    async def _look_up(self, mark: Mark) -> None:
        """An event of a run that we did not see begin: it came late, or the run goes on long."""
        run_id = mark.run_id
        if await self._patiently(self._moving.sweep, run_id):
            self._gone[run_id] = mark.seq
        else:
            self._begun[run_id] = mark.seq

    async def _patiently(self, work: Callable[[str], Awaitable[int]], run_id: str) -> int | None:
        """Do it as often as it takes; None for what cannot be done, which is noted."""
        while True:
            try:
                return await work(run_id)
            except Exception as raised:  # noqa: BLE001 -- a log may hold anything: the walk goes on
                error = raised if isinstance(raised, RunfoldError) else _unforeseen(raised)
                if not error.retryable:
                    self._set_aside(run_id, error)
                    return None
                log.warning("run not archived yet", run_id=run_id, reason=str(error))
                await asyncio.sleep(AGAIN)

    def _set_aside(self, run_id: str, error: RunfoldError) -> None:
        stuck = self.position.stuck
        if run_id in stuck:
            return
        again = len(stuck) < MOST_STUCK
        log.error(
            "run cannot be archived: it stays in the log",
            run_id=run_id,
            code=error.code,
            reason=str(error),
            tried_again="when the archiver starts" if again else "never",
            record=error.details.get("seq"),
        )
        if again:
            self.position = Position(self.position.after, (*stuck, run_id))


def _unforeseen(error: Exception) -> RunfoldError:
    """A log may hold anything: what was not thought of keeps one run, and not the walk."""
    return RunfoldError(f"{type(error).__name__}: {error}")
