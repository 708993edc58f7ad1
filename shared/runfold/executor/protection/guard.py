"""Leads an attempt through its node's protections, each around the next.

cache → idempotency → breaker → rate limit → concurrency → the attempt. What has to wait for
longer than a moment gives its task back with a hold, so that it takes no place meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from runfold.bus.ports.bus import Bus
from runfold.contracts.protection import Protection
from runfold.contracts.tasks import Hold, Task
from runfold.errors import BusUnavailable, RunfoldError
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.protection.board import Boards
from runfold.executor.protection.call import Call, Came, Later, Refused
from runfold.executor.protection.clock import LogClock
from runfold.executor.protection.keys import keys_of
from runfold.executor.protection.passing import Passing
from runfold.executor.protection.results import Results
from runfold.executor.protection.serving import Serving
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Roots, Secrets
from runfold.settings import Settings
from runfold.telemetry import PROTECTED

AGAIN = 1.0
"""Seconds until the bus is asked again when it did not answer."""

log = structlog.get_logger("executor")


class Guard:
    """Protects the nodes that one executor process runs.

    Args:
        bus: The bucket, the log's clock and the object store.
        settings: What keys are rendered with, and what results are large.
        group: Whose replicas share what is shared.
    """

    def __init__(self, bus: Bus, settings: Settings, group: str) -> None:
        self._settings = settings
        self._group = group
        self._clock = LogClock(bus.events.now)
        boards = Boards(bus.protection, self._clock)
        self._serving = Serving(boards, self._clock, Results(bus.blobs, settings))
        self._passing = Passing(boards, self._clock)

    async def early(self, hold: Hold) -> float:
        """Seconds by which a held task has come too early."""
        try:
            return hold.until - await self._clock.now() if hold.until else 0.0
        except BusUnavailable as error:
            log.warning("what time it is for a held task is not known", reason=str(error))
            return AGAIN

    async def run(
        self,
        task: Task,
        protection: Protection,
        hold: Hold | None,
        executor: NodeExecutor,
        begin: Callable[[], Awaitable[Came]],
    ) -> Came | Hold:
        """What an attempt comes to, or for how long its task is to be held back.

        Args:
            task: The attempt's.
            protection: The task's.
            hold: What the task was given back with.
            executor: What would run it.
            begin: Runs it.
        """
        redaction = Redaction()
        roots = Roots(task, Secrets(self._settings, redaction))
        try:
            keys = await keys_of(task, protection, self._group, executor.kind, roots)
        except RunfoldError as error:
            return redaction.failure(error.failure())
        held = hold or Hold(0.0)
        try:
            since = held.since or await self._clock.now()
            call = Call(task, protection, executor, keys, since, held.place, begin)
            came = await self._serving.cached(call, self._executed_once)
        except Later as later:
            return later.hold
        except Refused as refused:
            _count(task, refused.failure.code)
            return refused.failure
        except BusUnavailable as error:
            # Never unprotected: what cannot be asked now is asked again.
            log.warning("protection waits for the bus", run_id=task.run_id, reason=str(error))
            await asyncio.sleep(AGAIN)
            return held
        if isinstance(came, Outcome) and came.served_by:
            _count(task, came.served_by)
        return came

    async def _executed_once(self, call: Call) -> Came:
        return await self._serving.executed_once(call, self._through_breaker)

    async def _through_breaker(self, call: Call) -> Came:
        return await self._passing.breaker(call, self._passing.in_turn)


def _count(task: Task, what: str) -> None:
    PROTECTED.labels(task.node_type, what).inc()
