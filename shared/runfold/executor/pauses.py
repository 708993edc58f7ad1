"""Which runs are paused: their tasks are held back until the run is resumed.

A notice of a pause makes its run suspect, and the log says what is so. Tasks from before this
process listened are asked about as well, which are few.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import TaskLease
from runfold.contracts import events as e
from runfold.contracts.tasks import Hold
from runfold.errors import BusUnavailable, RunfoldError
from runfold.executor.protection.clock import LogClock
from runfold.lru import LruMap

KEPT_RUNS = 100_000
"""Paused runs that are remembered."""
SOON, LATE = 1.0, 10.0
"""Seconds for which a task is held back at least and at most before the log is asked again."""
SHARE = 0.1
"""The same as a share of the pause so far: a long pause is looked at less often."""

log = structlog.get_logger("executor")


class Pauses:
    """What one executor process knows of paused runs.

    Args:
        bus: Notices, the log and its clock.
        listened: Whether notices reach this process since before a task was queued.
    """

    def __init__(self, bus: Bus, listened: Callable[[TaskLease], bool]) -> None:
        self._bus = bus
        self._listened = listened
        self._clock = LogClock(bus.events.now)
        self._suspects: LruMap[str, float] = LruMap(KEPT_RUNS)
        """Run → since when it is paused, as far as is known here."""
        self._unwatch: Callable[[], Awaitable[None]] | None = None

    async def open(self) -> None:
        """Listen from now on."""
        types = (e.RUN_PAUSED, *e.RUN_GOES_ON)
        self._unwatch = await self._bus.live.watch_types(types, self._on_event)

    async def close(self) -> None:
        """Listen no more."""
        if self._unwatch is not None:
            await self._unwatch()

    async def hold(self, lease: TaskLease) -> Hold | None:
        """For how long a task is to be held back; None: its run is not paused.

        Until it is known that the run goes on, the task does not begin.
        """
        run_id = lease.task.run_id
        # One that was held is queued anew, so that its place says nothing of what was heard.
        if run_id not in self._suspects and lease.hold is None and self._listened(lease):
            return None
        try:
            newest = await self._bus.events.newest_type(run_id, e.RUN_PAUSED, *e.RUN_GOES_ON)
            now = await self._clock.now()
        except BusUnavailable as error:
            log.warning("whether a run is paused is not known", run_id=run_id, reason=str(error))
            return Hold(lease.hold.until + SOON if lease.hold else 0.0, since=_since(lease))
        except RunfoldError as error:
            log.warning("whether a run is paused is not known", run_id=run_id, reason=str(error))
            return None
        if newest != e.RUN_PAUSED:
            self._suspects.discard(run_id)
            return None
        since = self._suspects.get(run_id)
        if since is None:
            since = now
            self._suspects[run_id] = now
        wait = min(LATE, max(SOON, SHARE * (now - since)))
        return Hold(now + wait, since=_since(lease))

    def _on_event(self, record: e.Recorded) -> None:
        if isinstance(record.event, e.RunPaused):
            self._suspects[record.event.run_id] = record.time
        else:
            self._suspects.discard(record.event.run_id)


def _since(lease: TaskLease) -> float:
    """When the task first asked for a place among others; it keeps that."""
    return lease.hold.since if lease.hold is not None else 0.0
