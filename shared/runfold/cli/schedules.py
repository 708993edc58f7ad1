"""`runfold schedules`: when workflows run by the clock, and what is done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from runfold.cli.outcome import OK, say
from runfold.cli.output import print_json, print_table
from runfold.cli.stack import open_stack, settings_for
from runfold.client.schedules import ScheduleDocument, ScheduleList, Schedules

READS = ("projection",)
"""What a command needs that says which run a schedule began last."""


async def listed(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print all schedules, by workflow."""
    async with open_stack(settings_for(server, data_dir), READS) as stack:
        found = await all_schedules(Schedules(stack.bus))
    if as_json:
        print_json(found)
        return OK
    rows = []
    for one in found.items:
        last = one.last_run
        begun = _when(last.started_at if last else None, one.timezone)
        ran = f"{last.status} {begun}" if last else ""
        name = f"{one.cron} {one.timezone}".strip()
        rows.append((one.workflow_id, one.id, name, state_of(one), _next(one), ran))
    print_table(("WORKFLOW", "ID", "CRON", "STATE", "NEXT", "LAST RUN"), rows)
    for broken in found.unreadable:
        say(f"{broken.workflow_id}: {broken.reason}")
    return OK


async def all_schedules(schedules: Schedules) -> ScheduleList:
    """Every page of schedules, as one."""
    page = await schedules.page()
    items, unreadable = page.items, page.unreadable
    while page.next_cursor:
        page = await schedules.page(cursor=page.next_cursor)
        items, unreadable = items + page.items, unreadable + page.unreadable
    return ScheduleList(items=items, unreadable=unreadable, next_cursor=None)


async def shown(workflow: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print the schedules of one workflow, whole.

    Raises:
        NotFound: It is not stored.
    """
    async with open_stack(settings_for(server, data_dir), READS) as stack:
        items = await Schedules(stack.bus).of(workflow)
    if as_json:
        print_json(ScheduleList(items=items, unreadable=[], next_cursor=None))
        return OK
    for one in items:
        print(f"{one.id}  {one.cron}  {one.timezone or 'UTC'}  {state_of(one)}")
        print(f"  next      {_next(one) or '-'}")
        for at in one.upcoming[1:]:
            print(f"            {_when(at, one.timezone)}")
        if one.last_run:
            print(f"  last run  {one.last_run.run_id}  {one.last_run.status}")
        if one.pause_reason:
            print(f"  paused    {one.pause_reason!r}")
        for name, value in one.inputs.items():
            print(f"  {name} = {value!r}")
    return OK


async def times(
    workflow: str, count: int, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Print the next times of a workflow's schedules, soonest first.

    Raises:
        NotFound: It is not stored, or has no schedule.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        found = await Schedules(stack.bus).times(workflow, count)
    if as_json:
        print_json({"workflow_id": workflow, "times": found})
        return OK
    in_order = sorted((at, name) for name, several in found.items() for at in several)
    print_table(("AT", "SCHEDULE"), [(_when(at, ""), name) for at, name in in_order])
    if not all(found.values()):
        say("schedules that are paused, or that the broker has not, do not come")
    return OK


async def paused(
    workflow: str, reason: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Pause a workflow's schedules.

    Raises:
        NotFound: It is not stored, or has no schedule.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        pause = await Schedules(stack.bus).pause(workflow, reason)
    return _done(workflow, pause.paused_at, as_json=as_json)


async def resumed(workflow: str, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Resume a workflow's schedules.

    Raises:
        NotFound: It is not stored, or has no schedule.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await Schedules(stack.bus).resume(workflow)
    return _done(workflow, None, as_json=as_json)


async def run_now(
    workflow: str, schedule: str, server: str, data_dir: Path | None, *, as_json: bool
) -> int:
    """Ask for a run as a schedule begins it.

    Raises:
        NotFound: The workflow is not stored, or has no such schedule.
        InvalidRequest: It has several and none was named.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        run_id = await Schedules(stack.bus).run_now(workflow, schedule)
    if as_json:
        print_json({"run_id": run_id})
    else:
        print(run_id)
    return OK


def _done(workflow: str, paused_at: float | None, *, as_json: bool) -> int:
    if as_json:
        print_json({"workflow_id": workflow, "paused_at": paused_at})
    else:
        print(f"schedules of {workflow}: {'paused' if paused_at is not None else 'go on'}")
    return OK


def state_of(one: ScheduleDocument) -> str:
    """Whether a schedule comes, in a word or two."""
    if one.paused_at is not None:
        return "paused"
    return "active" if one.active else "not with the broker"


def _next(one: ScheduleDocument) -> str:
    return _when(one.next_at, one.timezone)


def _when(at: float | None, zone: str) -> str:
    """A time with its offset: by the schedule's own clock, so that it reads as its cron does."""
    if at is None:
        return ""
    clock = ZoneInfo(zone) if zone else UTC
    return datetime.fromtimestamp(at, clock).isoformat(timespec="seconds")
