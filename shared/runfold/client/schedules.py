"""Schedules of stored workflows: when they come next, which run they began last; pause, run now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.stores import Scheduled
from runfold.client.runs import RunClient
from runfold.contracts import queries as q
from runfold.contracts.requests import RunRequest
from runfold.definitions.heads import SchedulePause
from runfold.definitions.schedules import (
    LABEL,
    declared_schedules,
    schedule_id,
    scheduled,
)
from runfold.definitions.store import DefinitionStore, Head
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidRequest, NotFound, RunfoldError
from runfold.graph.definition import Schedule
from runfold.ids import is_id
from runfold.values.cron import checked_zone
from runfold.values.cron_times import cron_times

UPCOMING = 5
"""Times of a schedule that a list has."""
LONGEST_REASON = 500
"""Characters of why schedules are paused."""


class LastRun(msgspec.Struct, frozen=True):
    """The newest run of a schedule."""

    run_id: str
    status: str
    started_at: float | None


class ScheduleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One schedule of a workflow's newest published version."""

    workflow_id: str
    id: Annotated[
        str, Meta(description="The same as long as it is the same; its runs have it as a label.")
    ]
    version: int
    cron: str
    timezone: Annotated[str, Meta(description="Empty: UTC.")]
    inputs: dict[str, Any]
    active: Annotated[bool, Meta(description="Whether the broker has it.")]
    paused_at: Annotated[float | None, Meta(description="Unix seconds; null: it is not paused.")]
    pause_reason: str
    next_at: Annotated[float | None, Meta(description="Unix seconds; null: it does not come.")]
    upcoming: Annotated[
        list[float],
        Meta(description="The next times, Unix seconds; the first is `next_at`. At most five."),
    ]
    last_run: Annotated[
        LastRun | None, Meta(description="Begun by the clock or by hand; null: none is known.")
    ]


class UnreadableSchedules(msgspec.Struct, frozen=True):
    """A workflow whose schedules cannot be read, as of a version that another release stored."""

    workflow_id: str
    code: str
    reason: str


class ScheduleList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of schedules, by workflow; a workflow's are never parted."""

    items: list[ScheduleDocument]
    unreadable: list[UnreadableSchedules]
    next_cursor: str | None


class Schedules:
    """The schedules on a bus.

    Args:
        bus: The bus; what a schedule began last is asked of a projection.
        store: The stored workflows on that bus, when they are at hand already.
        wall: The clock, in Unix seconds.
    """

    def __init__(
        self,
        bus: Bus,
        store: DefinitionStore | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._bus = bus
        self._store = store or DefinitionStore(bus.definitions)
        self._wall = wall

    async def page(
        self, workflow_id: str = "", *, cursor: str = "", limit: int = q.MAX_LIMIT
    ) -> ScheduleList:
        """Schedules of one workflow or of all, by workflow.

        Raises:
            NotFound: The workflow is not stored.
            InvalidRequest: `cursor.invalid`.
            BusUnavailable: No projection answers.
        """
        if cursor and not is_id(cursor):
            message = f"invalid cursor {cursor[:80]!r}: use next_cursor of the previous page"
            raise InvalidRequest(message, code="cursor.invalid")
        if workflow_id:
            found = await self.of(workflow_id) if workflow_id > cursor else []
            return ScheduleList(items=found, unreadable=[], next_cursor=None)
        items: list[ScheduleDocument] = []
        unreadable: list[UnreadableSchedules] = []
        heads = await self._store.list()
        here = ""
        for head in heads:
            if head.archived_at or head.workflow_id <= cursor:
                continue
            if len(items) >= limit:
                return ScheduleList(items=items, unreadable=unreadable, next_cursor=here)
            here = head.workflow_id
            try:
                items += await self._documents(head)
            except RunfoldError as error:
                if error.retryable:
                    raise
                about = UnreadableSchedules(head.workflow_id, error.code, error.message)
                unreadable.append(about)
        return ScheduleList(items=items, unreadable=unreadable, next_cursor=None)

    async def of(self, workflow_id: str) -> list[ScheduleDocument]:
        """The schedules of one workflow. Raises `NotFound` for one that is not stored."""
        return await self._documents(await self._store.head(workflow_id))

    async def times(self, workflow_id: str, count: int) -> dict[str, list[float]]:
        """Schedule → the next times at which it comes; none for one that the broker has not.

        Raises:
            NotFound: The workflow is not stored, or has no schedule.
        """
        head, declared = await self._declared(workflow_id)
        plans = await self._plans(head, declared)
        return {
            schedule_id(workflow_id, one): [*islice(self._from_now(plan, since), count)]
            for one, (plan, since) in zip(declared, plans, strict=True)
        }

    async def pause(self, workflow_id: str, reason: str = "") -> SchedulePause:
        """Let none of a workflow's schedules begin a run; a scheduler takes them from the broker.

        Raises:
            NotFound: The workflow is not stored, or has no schedule.
            InvalidRequest: `schedule.reason_too_long`.
        """
        if len(reason) > LONGEST_REASON:
            message = (
                f"a reason has at most {LONGEST_REASON:,} characters, this one {len(reason):,}"
            )
            raise InvalidRequest(message, code="schedule.reason_too_long")
        await self._declared(workflow_id)
        pause = SchedulePause(self._wall(), reason)
        await self._store.change(workflow_id, lambda head: replace(head, schedules_paused=pause))
        return pause

    async def resume(self, workflow_id: str) -> None:
        """Let a workflow's schedules begin runs again; what came meanwhile is not made up for.

        Raises:
            NotFound: The workflow is not stored, or has no schedule.
        """
        await self._declared(workflow_id)
        await self._store.change(workflow_id, lambda head: replace(head, schedules_paused=None))

    async def run_now(self, workflow_id: str, wanted: str = "") -> str:
        """Ask for a run as a schedule begins it, paused or not; returns the run's id.

        Args:
            workflow_id: The workflow.
            wanted: The schedule's id; empty: the only one.

        Raises:
            NotFound: The workflow is not stored, or has no such schedule.
            InvalidRequest: It has several and none was named.
            Conflict: The workflow is archived.
        """
        await self._store.runnable(workflow_id)
        _, declared = await self._declared(workflow_id)
        known = {schedule_id(workflow_id, one): one for one in declared}
        if not wanted and len(known) > 1:
            message = (
                f"workflow {workflow_id!r} has several schedules: name one of {', '.join(known)}"
            )
            raise InvalidRequest(message, code="schedule.several")
        chosen = known.get(wanted) if wanted else declared[0]
        if chosen is None:
            message = f"workflow {workflow_id!r} has no schedule {wanted[:80]!r}; it has: "
            raise NotFound(message + ", ".join(known), code="schedule.not_found")
        request = RunRequest(
            workflow_id=workflow_id,
            inputs=chosen.inputs,
            source=f"by hand, cron {chosen.cron}",
            labels={LABEL: schedule_id(workflow_id, chosen)},
        )
        return await RunClient(self._bus).start(request)

    async def _declared(self, workflow_id: str) -> tuple[Head, tuple[Schedule, ...]]:
        head = await self._store.head(workflow_id)
        declared = await declared_schedules(self._store, head)
        if not declared:
            message = f"workflow {workflow_id!r} has no schedule in a published version"
            raise NotFound(message, code="schedule.not_found")
        return head, declared

    async def _plans(
        self, head: Head, declared: tuple[Schedule, ...]
    ) -> list[tuple[Scheduled, float | None]]:
        for one in declared:
            checked_zone(one.timezone, one.cron)
        plans = [scheduled(head.workflow_id, one) for one in declared]
        since = await self._bus.crons.since(head.workflow_id, plans)
        return [*zip(plans, since, strict=True)]

    def _from_now(self, plan: Scheduled, since: float | None) -> Iterator[float]:
        if since is not None:
            yield from cron_times(plan.cron, plan.zone, self._wall(), since)

    async def _documents(self, head: Head) -> list[ScheduleDocument]:
        declared = await declared_schedules(self._store, head)
        if not declared:
            return []
        pause = head.schedules_paused
        documents = []
        for one, (plan, since) in zip(declared, await self._plans(head, declared), strict=True):
            times = [*islice(self._from_now(plan, since), UPCOMING)] if pause is None else []
            name = schedule_id(head.workflow_id, one)
            documents.append(
                ScheduleDocument(
                    workflow_id=head.workflow_id,
                    id=name,
                    version=head.latest,
                    cron=one.cron,
                    timezone=one.timezone,
                    inputs=one.inputs,
                    active=since is not None,
                    paused_at=pause.paused_at if pause else None,
                    pause_reason=pause.reason if pause else "",
                    next_at=times[0] if times else None,
                    upcoming=times,
                    last_run=await self._last_run(head.workflow_id, name),
                )
            )
        return documents

    async def _last_run(self, workflow_id: str, name: str) -> LastRun | None:
        query = q.ListRuns(workflow_id=workflow_id, labels=((LABEL, name),), limit=1)
        body = await self._bus.query(q.LIST_RUNS, msgspec.json.encode(query))
        page = msgspec.json.decode(body, type=q.Answer[RunView])
        return next((LastRun(run.run_id, run.status, run.started_at) for run in page.items), None)
