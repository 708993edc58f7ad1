"""Whether and when an attempt begins: the circuit breaker, the rate limit, the slots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog

from runfold.background import until
from runfold.contracts.protection import RateLimit
from runfold.contracts.tasks import Hold
from runfold.errors import BusUnavailable
from runfold.executor.node import Outcome
from runfold.executor.protection import breaker, limits, slots
from runfold.executor.protection.board import Boards
from runfold.executor.protection.call import (
    Call,
    Came,
    Later,
    Next,
    breaker_open,
    fallback,
    limit_exceeded,
)
from runfold.executor.protection.clock import LogClock
from runfold.executor.protection.held import KEPT, holding, let_go

MOMENT = 1.0
"""Seconds that a call waits here for its turn or a slot; for longer it is given back."""
LEAD = 0.5
"""Seconds before its turn at which a call that was given back comes again."""
LATE = 0.1
"""Seconds by which a call may be late for its turn at least; one that is later takes another."""
LATE_SHARE = 0.02
"""The same as a share of `per`, where that is more."""
POLL = 0.1
"""Seconds between two looks at whether a slot has got free elsewhere."""
AGAIN = 1.0
"""Seconds for which a call that is given back for want of a slot stays away."""
PATIENCE = 2.0
"""Seconds for which a place in line for a slot is kept without a sign."""
TRIAL = 60.0
"""Seconds after which a breaker's trial counts as lost, when its node has no timeout."""

log = structlog.get_logger("executor")


class Passing:
    """Lets attempts begin.

    Args:
        boards: What all replicas know.
        clock: What time it is for all of them.
    """

    def __init__(self, boards: Boards, clock: LogClock) -> None:
        self._boards = boards
        self._clock = clock
        self._freed = asyncio.Event()
        """Set when a slot gets free in this process."""

    # --- circuit breaker ------------------------------------------------------------------------

    async def breaker(self, call: Call, then: Next) -> Came:
        """What `then` comes to, unless the breaker is open; it is told of the result."""
        policy = call.protection.breaker
        if policy is None:
            return await then(call)
        board, who = self._boards.on(call.keys.breaker, breaker.State()), call.keys.who
        patience = call.task.timeout or TRIAL
        admitted: breaker.Admission = await board.change(
            lambda state, now: breaker.admit(policy, state, now, who, patience)
        )
        if admitted.refused_until is not None:
            instead = fallback(call, policy)
            if instead is not None:
                return instead
            wait = admitted.refused_until - await self._clock.now()
            raise breaker_open(call, max(0.0, wait))
        result: breaker.Result = "neutral"
        try:
            came = await then(call)
            result = _said_by(came)
            return came
        finally:
            try:
                await board.change(
                    lambda state, now: (
                        breaker.named(
                            state,
                            breaker.record(policy, state, now, who, admitted, result),
                            call.task.workflow_id,
                            call.task.node_id,
                        ),
                        None,
                    )
                )
            except BusUnavailable as error:
                # The result is worth more; the next caller has to ask the same bus.
                log.warning("breaker not told", run_id=call.task.run_id, reason=str(error))

    # --- rate limit and slots -------------------------------------------------------------------

    async def in_turn(self, call: Call) -> Came:
        """The attempt itself, when its turn has come and there is a slot."""
        limit = call.protection.rate_limit
        place = 0.0 if limit is None else await self._turn(call, limit, call.place)
        async with self._slot(call):
            if limit is not None:
                # Should the turn be over by the time there is a slot, another one is due.
                await self._turn(call, limit, place)
            return await call.begin()

    async def _turn(self, call: Call, limit: RateLimit, place: float) -> float:
        """Wait for a turn that was taken, or take one; returns when it is."""
        late = max(LATE, LATE_SHARE * limit.per)
        while True:
            now = await self._clock.now()
            if not place or now > place + late:
                place = await self._take_turn(call, limit)
            if place - now > MOMENT:
                raise Later(Hold(place - LEAD, place, call.since))
            if place > now:
                await asyncio.sleep(place - now)
            if await self._clock.now() <= place + late:
                return place

    async def _take_turn(self, call: Call, limit: RateLimit) -> float:
        board = self._boards.on(call.keys.limit, limits.empty(limit))
        whose = call.task.workflow_id, call.task.node_id

        def step(state: limits.State, now: float) -> tuple[limits.State, limits.Turn]:
            after, turn = limits.take_turn(limit, state, now, limit.wait)
            return limits.owned(state, after, limit, *whose), turn

        turn: limits.Turn = await board.change(step)
        if not turn.granted:
            raise limit_exceeded(call, limit, max(0.0, turn.at - await self._clock.now()))
        return turn.at

    @asynccontextmanager
    async def _slot(self, call: Call) -> AsyncIterator[None]:
        """One of the node's slots, when it has any."""
        if not call.keys.slots:
            yield
            return
        board, who, run_id = (
            self._boards.on(call.keys.slots, slots.State()),
            call.keys.who,
            call.task.run_id,
        )
        leave: Callable[[slots.State], slots.State] = partial(slots.leave, who=who)
        try:
            try:
                await self._enter(call)
            except Later as later:
                leave = partial(slots.give_back, who=who, until=later.hold.until + KEPT)
                raise
            async with holding(board, lambda s, now: slots.stay(s, now, who, KEPT), run_id):
                yield
        finally:
            await let_go(board, leave, run_id)
            freed, self._freed = self._freed, asyncio.Event()
            freed.set()

    async def _enter(self, call: Call) -> None:
        """Wait for a slot."""
        board, loop = self._boards.on(call.keys.slots, slots.State()), asyncio.get_running_loop()
        ends = loop.time() + MOMENT
        limit, whose = call.protection.concurrency, (call.task.workflow_id, call.task.node_id)

        def step(state: slots.State, now: float) -> tuple[slots.State, int | None]:
            after, before = slots.enter(
                state,
                limit,
                now,
                call.keys.who,
                since=call.since,
                kept=KEPT,
                patience=PATIENCE,
            )
            return slots.owned(state, after, *whose, limit), before

        while True:
            freed = self._freed
            before: int | None = await board.change(step)
            if before is None:
                return
            if loop.time() >= ends:
                raise Later(Hold(await self._clock.now() + AGAIN, since=call.since))
            await until(freed, timeout=POLL)


def _said_by(came: Came) -> breaker.Result:
    """What a result says about the other side."""
    if isinstance(came, Outcome):
        return "good"
    return "bad" if came.kind in breaker.TELLING else "neutral"
