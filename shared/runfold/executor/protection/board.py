"""A small state that all replicas of a group see and change, one change after the other.

Each board is a key of the bucket and changes by compare-and-set. All that one process asks of a
board while it is being written is done in the next write, so a board that many ask costs a round
trip for many, not for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.codec import encode
from runfold.contracts.json_reader import WIRE, check_bounds
from runfold.errors import BusUnavailable, Conflict, Undecodable
from runfold.executor.protection.clock import LogClock
from runfold.lru import LruMap

S = TypeVar("S")

log = structlog.get_logger("executor")

TRIES = 100
"""Times somebody else may write a board between our reading and our writing it."""
PAUSE = 0.001
LONGEST_PAUSE = 0.05
"""Seconds between those tries, growing by `PAUSE` each time."""
BOARDS = 1000
"""Boards whose newest state is remembered, to save reading it."""

Step = Callable[[S, float], tuple[S, Any]]
"""From the state and the time to the state after and an answer. Pure: it may be asked again."""


class _Ask(NamedTuple):
    step: Step[Any]
    answer: asyncio.Future[Any]


class Board(Generic[S]):
    """One state.

    Args:
        bucket: Where it is.
        clock: What time it is for all.
        key: Its key there.
        empty: The state when there is none yet.
    """

    def __init__(self, bucket: KeyValue, clock: LogClock, key: str, empty: S) -> None:
        self._bucket = bucket
        self._clock = clock
        self._key = key
        self._empty = empty
        self._decoder = msgspec.json.Decoder(type(empty))
        self._known: tuple[S, int] | None = None
        self._asked: list[_Ask] = []
        self._working: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether no caller waits for an answer."""
        return self._working is None

    async def change(self, step: Step[S]) -> Any:
        """Change the state, and give the step's answer once that is stored.

        Raises:
            BusUnavailable: When the state cannot be read or written.
        """
        loop = asyncio.get_running_loop()
        ask = _Ask(step, loop.create_future())
        self._asked.append(ask)
        if self._working is None:
            self._working = loop.create_task(self._work(), name=f"board {self._key}")
        return await ask.answer

    async def _work(self) -> None:
        while self._asked:
            batch = [ask for ask in self._asked if not ask.answer.done()]
            self._asked = []
            try:
                answers = await self._settle(batch)
            except Exception as error:  # noqa: BLE001 -- the caller is told, of any error
                self._known = None
                for ask in batch:
                    if not ask.answer.done():
                        ask.answer.set_exception(error)
            else:
                for ask, answer in zip(batch, answers, strict=True):
                    if not ask.answer.done():
                        ask.answer.set_result(answer)
        self._working = None

    async def _settle(self, batch: list[_Ask]) -> list[Any]:
        """Do all steps at once. What changes nothing is only true of what was just read."""
        for attempt in range(TRIES):
            is_fresh = self._known is None
            before, revision = self._known or await self._read()
            now = await self._clock.now()
            after, answers = before, []
            for ask in batch:
                after, answer = ask.step(after, now)
                answers.append(answer)
            if after == before and is_fresh:
                return answers
            self._known = None
            if after == before:
                continue
            try:
                revision = await self._bucket.update(self._key, encode(after), revision)
            except Conflict:
                await asyncio.sleep(min(PAUSE * attempt, LONGEST_PAUSE))
                continue
            self._known = after, revision
            return answers
        message = f"protection state {self._key!r} is written by too many at once"
        raise BusUnavailable(message, code="protection.contended")

    async def _read(self) -> tuple[S, int]:
        entry = await self._bucket.get(self._key)
        if entry is None:
            return self._empty, 0
        try:
            check_bounds(entry[0], WIRE)
            return self._decoder.decode(entry[0]), entry[1]
        except (Undecodable, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("protection state cannot be read", key=self._key, reason=str(error))
            return self._empty, entry[1]


class Boards:
    """The boards that this process has looked at, by key.

    Args:
        bucket: Where they are.
        clock: What time it is for all.
    """

    def __init__(self, bucket: KeyValue, clock: LogClock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._boards: LruMap[str, Board[Any]] = LruMap(BOARDS, may_drop=lambda board: board.idle)

    def on(self, key: str, empty: S) -> Board[S]:
        """The board of a key."""
        board = self._boards.get(key)
        if board is None:
            board = self._boards[key] = Board(self._bucket, self._clock, key, empty)
        return board
