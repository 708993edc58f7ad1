"""What events say of runs as a whole, and of what waits in them for a person.

An event's type is enough for most of it. What waits is read off the run's state, since a wait may
end in many ways: by an answer, by time, with its loop, or with its run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.notices import Notice
from runfold.bus.run_log import RunLog
from runfold.client.change_documents import ReviewChange, RunChange
from runfold.contracts import events as e
from runfold.contracts import queries as q
from runfold.engine.history.fold import Folder
from runfold.engine.state.runs import UNENDED, RunStatus
from runfold.engine.views.runs import NodeView, node_document
from runfold.errors import ArchiveCorrupt, BusUnavailable, Conflict, Undecodable
from runfold.ids import run_of_review
from runfold.lru import LruMap

T = TypeVar("T")

log = structlog.get_logger("changes")


def _types(*kinds: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(str(kind.__struct_config__.tag) for kind in kinds)


STATUSES: dict[str, RunStatus] = {
    "run_admitted": "running",
    "run_compensating": "compensating",
    "run_succeeded": "succeeded",
    "run_partial_succeeded": "partial_succeeded",
    "run_failed": "failed",
    "run_cancelled": "cancelled",
    "run_compensated": "compensated",
    "run_compensation_failed": "compensation_failed",
}
"""Types of events that say by themselves what their run is."""
(STARTED,) = _types(e.RunStarted)
HELD = _types(e.RunPaused, e.RunResumed)
"""Types whose effect depends on what the run was."""
ASKS = _types(e.NodeRunWaiting, e.StateMachineStarted)
"""Types after which something may wait for a person."""
MAY_CLOSE = _types(
    *(e.InputReceived, e.TimerFired, e.StateChanged, e.StateHandlerSucceeded),
    *(e.NodeRunFailed, e.NodeRunException, e.NodeRunCancelled),
    *(e.LoopItemSucceeded, e.LoopItemFailed, e.LoopSucceeded, e.LoopFailed),
    *(e.ParallelBranchSucceeded, e.ParallelBranchFailed, e.RunCompensating),
)
"""Types after which what waited may wait no more, beside the run's end."""
TYPES = tuple(dict.fromkeys((STARTED, *HELD, *STATUSES, *ASKS, *MAY_CLOSE)))
KNOWN = 10_000
"""Runs whose beginning, and whether they have ended, is remembered."""
MOST_OPEN = 10_000
"""Open reviews that are asked for at the beginning."""
AT_ONCE = 50
"""Runs that are read at a time."""
ANSWERED = ("human", "state_machine")
"""What a node waits for that somebody can send."""


class _Beginning(NamedTuple):
    version: str = ""
    is_queued: bool = False
    started_at: float | None = None


class RunChanges:
    """Follows what becomes of runs, batch by batch.

    Args:
        bus: Where the logs are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._runs = RunLog(bus)
        self._beginnings: LruMap[str, _Beginning] = LruMap(KNOWN)
        self._ended: LruMap[str, bool] = LruMap(KNOWN)
        self._open: dict[str, dict[str, str]] = {}
        """Run → token → address, of what waits."""

    async def begin(self) -> None:
        """Learn what waits now; without a projection only what begins to wait later is known."""
        cursor, found = "", 0
        try:
            while found < MOST_OPEN:
                asked = msgspec.json.encode(q.GetWaiting(limit=q.MAX_LIMIT, cursor=cursor))
                body = await self._bus.query(q.GET_WAITING, asked)
                page = msgspec.json.decode(body, type=q.Answer[NodeView])
                for node in page.items:
                    token = node.waiting.token if node.waiting else ""
                    self._open.setdefault(run_of_review(token), {})[token] = node.address
                found += len(page.items)
                cursor = page.next_cursor
                if not cursor:
                    return
        except BusUnavailable as error:
            log.warning("what waits from before is not known", reason=str(error))

    async def of(self, batch: list[Notice]) -> list[tuple[int, ReviewChange | RunChange]]:
        """What a batch of events changed, each with the event's sequence.

        Reviews come first: they are what a run's state says after the whole batch. Runs follow in
        the order of the log.

        Raises:
            BusUnavailable: A log cannot be read; the same batch may be given again.
        """
        looked_at = {one.run_id: one.workflow_id for one in batch if self._needs_state(one)}
        folders = dict(zip(looked_at, await _each(self._folder, looked_at), strict=True))
        unknown = {one.run_id for one in batch if self._is_of_run(one)}
        unknown = {run_id for run_id in unknown if run_id not in self._beginnings}
        for run_id, beginning in zip(unknown, await _each(self._read, unknown), strict=True):
            self._beginnings[run_id] = beginning
        last = batch[-1].seq
        changes: list[tuple[int, ReviewChange | RunChange]] = []
        for run_id, workflow_id in looked_at.items():
            found = self._reviews(run_id, workflow_id, folders[run_id])
            changes += [(last, change) for change in found]
        for one in batch:
            if self._is_of_run(one) and (changed := self._run(one, folders)) is not None:
                changes.append((one.seq, changed))
        return changes

    @staticmethod
    def _is_of_run(notice: Notice) -> bool:
        return notice.type in STATUSES or notice.type == STARTED or notice.type in HELD

    def _needs_state(self, notice: Notice) -> bool:
        if notice.type in ASKS or notice.type in HELD:
            return True
        return notice.run_id in self._open and notice.type != STARTED

    def _reviews(self, run_id: str, workflow_id: str, folder: Folder | None) -> list[ReviewChange]:
        before = self._open.pop(run_id, {})
        now = _waiting(folder) if folder is not None else {}
        if now:
            self._open[run_id] = now
        about = {"run_id": run_id, "workflow_id": workflow_id}
        closed = [
            ReviewChange(review_id=token, node=address, status="closed", **about)
            for token, address in before.items()
            if token not in now
        ]
        opened = [
            ReviewChange(review_id=token, node=address, status="open", **about)
            for token, address in now.items()
            if token not in before
        ]
        return closed + opened

    def _run(self, notice: Notice, folders: dict[str, Folder | None]) -> RunChange | None:
        """What an event makes of its run; None when it changes nothing."""
        run_id = notice.run_id
        if self._ended.get(run_id):
            return None
        beginning = self._beginnings.get(run_id) or _Beginning()
        status = STATUSES.get(notice.type)
        if notice.type == STARTED:
            status = "queued" if beginning.is_queued else "running"
        elif status is None:
            folder = folders.get(run_id)
            if folder is None or folder.state.ended:
                return None
            status = folder.state.status
        has_ended = status not in UNENDED
        if has_ended:
            self._ended[run_id] = True
        return RunChange(
            run_id=run_id,
            workflow_id=notice.workflow_id,
            version=beginning.version,
            status=status,
            started_at=beginning.started_at,
            ended_at=notice.time if has_ended else None,
        )

    async def _folder(self, run_id: str) -> Folder | None:
        """A run as it is now; None for one that is gone or damaged."""
        try:
            return await self._runs.find(run_id)
        except (ArchiveCorrupt, Conflict) as error:
            log.warning("run cannot be read", run_id=run_id, reason=str(error))
            return None

    async def _read(self, run_id: str) -> _Beginning:
        try:
            first = await self._bus.events.first_event(run_id)
        except (ArchiveCorrupt, Undecodable) as error:
            log.warning("run cannot be read", run_id=run_id, reason=str(error))
            first = None
        if first is None or not isinstance(first.event, e.RunStarted):
            return _Beginning()
        started = first.event
        return _Beginning(started.version, bool(started.concurrency_key), first.time)


async def _each(read: Callable[[str], Awaitable[T]], run_ids: Iterable[str]) -> list[T]:
    """What reading each run gives, so many at a time."""
    wanted, found = list(run_ids), list[T]()
    for place in range(0, len(wanted), AT_ONCE):
        found += await asyncio.gather(*map(read, wanted[place : place + AT_ONCE]))
    return found


def _waiting(folder: Folder) -> dict[str, str]:
    """Token → address of what waits in a run for a person or an event."""
    plan, state = folder.plan, folder.state
    if state.ended:
        return {}
    views = (node_document(plan, state, address) for address in state.open)
    return {
        view.waiting.token: view.address
        for view in views
        if view.status == "waiting" and view.waiting and view.waiting.waiting_for in ANSWERED
    }
