"""Which runs have ended or compensate: heard of, and asked of the log for tasks from before.

A task that was queued while this listens already needs no asking, which is nearly every one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import TaskLease
from runfold.contracts.events import (
    RUN_COMPENSATING,
    RUN_ENDINGS,
    AnswerExtracted,
    AnyEvent,
    NodeRunFailed,
    NodeRunSucceeded,
)
from runfold.contracts.tasks import Task
from runfold.errors import BusUnavailable, RunfoldError
from runfold.lru import LruMap

ENDED_RUNS = 10_000
"""Ended runs that are remembered, so that their waiting tasks are dropped when they come."""
AGAIN = 1.0
"""Seconds until the queue is asked again for its newest place."""

log = structlog.get_logger("executor")


def _ends(event: AnyEvent, task: Task) -> bool:
    """Whether an event ends a task's attempt, or a later one of the same node."""
    return (
        isinstance(event, NodeRunSucceeded | NodeRunFailed | AnswerExtracted)
        and (event.node_id, event.scope) == (task.node_id, task.scope)
        and event.attempt >= task.attempt
    )


class Endings:
    """What one executor process knows of runs that ended.

    Args:
        bus: Notices, the log, and the queue.
        group: Whose queue.
        on_end: Called with each run that is found to have ended.
        in_flight: The runs that are being worked for, at any time.
    """

    def __init__(
        self, bus: Bus, group: str, on_end: Callable[[str], None], in_flight: Collection[str]
    ) -> None:
        self._bus = bus
        self._group = group
        self._tell = on_end
        self._in_flight = in_flight
        self._known: LruMap[str, None] = LruMap(ENDED_RUNS)
        self._compensating: LruMap[str, None] = LruMap(ENDED_RUNS)
        self._heard_after: int | None = None
        """Runs of tasks after this place cannot end unheard. None: it is not known yet."""
        self._catching_up: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], Awaitable[None]] | None = None

    async def open(self) -> None:
        """Listen from now on."""
        self._unwatch = await self._bus.live.watch_run_ends(
            self._on_end, self._on_gap, self._on_compensating
        )
        self._on_gap()

    async def close(self) -> None:
        """Listen no more."""
        if self._unwatch is not None:
            await self._unwatch()
        if self._catching_up is not None:
            self._catching_up.cancel()

    def listened(self, lease: TaskLease) -> bool:
        """Whether this listens since before the task was queued."""
        return self._heard_after is not None and lease.seq > self._heard_after

    async def ended(self, lease: TaskLease) -> bool:
        """Whether the run of a task that was taken has ended."""
        run_id = lease.task.run_id
        if run_id not in self._known and not self.listened(lease):
            await self._ask(run_id)
        return run_id in self._known

    async def settled(self, lease: TaskLease) -> bool:
        """Whether the attempt of a task that is delivered again has ended: its ack was lost.

        Raises:
            BusUnavailable: The log cannot be asked.
        """
        task = lease.task
        records = await self._bus.events.read_run(task.run_id, after=task.after)
        return any(_ends(record.event, task) for record in records)

    def compensates(self, run_id: str) -> bool:
        """Whether a run that `ended` was asked about begins nothing any more but to undo."""
        return run_id in self._compensating

    def _on_end(self, run_id: str) -> None:
        self._known[run_id] = None
        self._tell(run_id)

    def _on_compensating(self, run_id: str) -> None:
        self._compensating[run_id] = None

    def _on_gap(self) -> None:
        """Until now runs may have ended unheard."""
        self._heard_after = None
        if self._catching_up is not None:
            self._catching_up.cancel()
        self._catching_up = asyncio.create_task(self._catch_up(), name="catch up with run ends")

    async def _catch_up(self) -> None:
        # All that is asked of the server from here on is asked after it knew that this listens.
        while self._heard_after is None:
            try:
                self._heard_after = await self._bus.tasks.last_seq(self._group)
            except BusUnavailable as error:
                log.warning("every task's run is asked for", reason=str(error))
                await asyncio.sleep(AGAIN)
        await asyncio.gather(*(self._ask(run_id) for run_id in tuple(self._in_flight)))

    async def _ask(self, run_id: str) -> None:
        try:
            if not await self._bus.events.has_event(run_id, *RUN_ENDINGS, RUN_COMPENSATING):
                return
            if await self._bus.events.has_event(run_id, *RUN_ENDINGS):
                self._on_end(run_id)
            else:
                self._on_compensating(run_id)
        except RunfoldError as error:
            # Then it is worked for: in vain, should it have ended, but without harm.
            log.warning("whether a run has ended is not known", run_id=run_id, reason=str(error))
