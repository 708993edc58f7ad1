"""Schedules: when workflows run by the clock, paused, resumed, run by hand."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter

from runfold.client.schedules import ScheduleList
from runfold.contracts import queries as q
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.schedules import ScheduleRun, SchedulesPaused
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import LOCATION, declare
from runfold_gateway.http.links import link_to


@get(
    "/schedules",
    operation_id="listSchedules",
    opt=declare(problems=(404,)),
    tags=["schedules"],
)
async def list_schedules(
    request: Req,
    workflow_id: str = "",
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> ScheduleList:
    """Schedules with their next time and newest run: of one workflow, or of all, a page at a time.

    A page ends with the last schedule of a workflow, so it may have a few more than `limit`.
    """
    return await backend_of(request).schedules.page(workflow_id, cursor=cursor, limit=limit)


@post(
    "/schedules/{workflow_id:str}/pause",
    operation_id="pauseSchedules",
    status_code=200,
    tags=["schedules"],
)
async def pause_schedules(request: Req, workflow_id: str, reason: str = "") -> SchedulesPaused:
    """Let a workflow run by the clock no more until it is resumed."""
    pause = await backend_of(request).schedules.pause(workflow_id, reason)
    return SchedulesPaused(workflow_id, pause.paused_at, pause.reason)


@post(
    "/schedules/{workflow_id:str}/resume",
    operation_id="resumeSchedules",
    status_code=200,
    tags=["schedules"],
)
async def resume_schedules(request: Req, workflow_id: str) -> SchedulesPaused:
    """Let a workflow run by the clock again; what came meanwhile is not made up for."""
    await backend_of(request).schedules.resume(workflow_id)
    return SchedulesPaused(workflow_id, None)


@post(
    "/schedules/{workflow_id:str}/{schedule_id:str}/run",
    operation_id="runSchedule",
    status_code=202,
    opt=declare(headers=(LOCATION,)),
    tags=["schedules"],
)
async def run_schedule(request: Req, workflow_id: str, schedule_id: str) -> Response[ScheduleRun]:
    """Begin a run as the schedule would, paused or not."""
    backend = backend_of(request)
    run_id = await backend.successor(
        lambda _runs: backend.schedules.run_now(workflow_id, schedule_id)
    )
    return Response(ScheduleRun(run_id), headers={"Location": link_to("runs", run_id)})


ROUTES = (list_schedules, pause_schedules, resume_schedules, run_schedule)
