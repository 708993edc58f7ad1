"""Results instead of executions: the cache, and one execution for each idempotency key."""

from __future__ import annotations

import asyncio

import structlog

from runfold.contracts.tasks import Hold
from runfold.errors import BusUnavailable
from runfold.executor.node import Outcome
from runfold.executor.protection import once
from runfold.executor.protection.board import Board, Boards
from runfold.executor.protection.call import Call, Came, Later, Next
from runfold.executor.protection.clock import LogClock
from runfold.executor.protection.held import KEPT, holding, let_go
from runfold.executor.protection.results import Results

MOMENT = 1.0
"""Seconds that a call waits here for another one's result; for longer it is given back."""
POLL = 0.1
"""Seconds between two looks at whether it is there."""
AGAIN = 1.0
"""Seconds for which a call that is given back stays away."""
DAY = 86_400.0
"""Seconds for which the result of an idempotency key is kept."""
PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between tries to keep the result of an execution that must not be made again."""

log = structlog.get_logger("executor")


class Serving:
    """Serves results that are there already.

    Args:
        boards: Where they are.
        clock: What time it is for all.
        results: What is kept of an outcome.
    """

    def __init__(self, boards: Boards, clock: LogClock, results: Results) -> None:
        self._boards = boards
        self._clock = clock
        self._results = results

    async def cached(self, call: Call, then: Next) -> Came:
        """The cached result of the same key, or what `then` comes to, which is cached."""
        cache = call.protection.cache
        if cache is None:
            return await then(call)
        board = self._boards.on(call.keys.cache, once.State())
        found = await board.change(once.look)
        if found is not None:
            return await self._results.outcome(found, "cache")
        came = await then(call)
        if isinstance(came, Outcome) and came.served_by != "fallback":
            try:
                kept = await self._results.kept(came, await self._clock.now() + cache.ttl)
                await board.change(lambda _, __: (once.State(kept=kept), None))
            except BusUnavailable as error:
                log.warning("result not cached", run_id=call.task.run_id, reason=str(error))
        return came

    async def executed_once(self, call: Call, then: Next) -> Came:
        """The result of the call's idempotency key, executed here or elsewhere."""
        if not call.keys.once:
            return await then(call)
        board, who, run_id = self._once_board(call), call.keys.who, call.task.run_id
        found = await self._claimed(call, board)
        if found is not None:
            return await self._results.outcome(found, "idempotency")
        kept = False
        try:
            async with holding(board, lambda s, now: once.stay(s, now, who, KEPT), run_id):
                came = await then(call)
                if isinstance(came, Outcome) and came.served_by != "fallback":
                    kept = await self._keep(call, board, came)
            return came
        finally:
            if not kept:
                await let_go(board, lambda state: once.settle(state, who, None), run_id)

    def _once_board(self, call: Call) -> Board[once.State]:
        return self._boards.on(call.keys.once, once.State())

    async def _claimed(self, call: Call, board: Board[once.State]) -> once.Kept | None:
        """The result there is; None: it is on this call to execute."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + MOMENT
        while True:
            found: once.Kept | bool = await board.change(
                lambda state, now: once.claim(state, now, call.keys.who, KEPT)
            )
            if isinstance(found, once.Kept):
                return found
            if found:
                return None
            if loop.time() >= ends:
                raise Later(Hold(await self._clock.now() + AGAIN, since=call.since))
            await asyncio.sleep(POLL)

    async def _keep(self, call: Call, board: Board[once.State], outcome: Outcome) -> bool:
        """Keep a result before anybody is told of it, however long that takes."""
        pause = PAUSE
        while True:
            try:
                return await self._kept(call, board, outcome)
            except BusUnavailable as error:
                log.warning("result waits to be kept", run_id=call.task.run_id, reason=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _kept(self, call: Call, board: Board[once.State], outcome: Outcome) -> bool:
        kept = await self._results.kept(outcome, await self._clock.now() + DAY)
        if kept is not None:
            await board.change(lambda state, _: (once.settle(state, call.keys.who, kept), None))
        return kept is not None
