"""`/dify/<workflow>/v1`: a published workflow as an app of Dify, for the client libraries of Dify.

Errors here are of the shape that these clients read. Queries may hold what is not known here.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from runfold.engine.history.fold import Folder
from runfold.errors import BusUnavailable, RunfoldError, UnknownRun
from runfold.graph.definition import Workflow
from runfold.graph.loader import workflow_from_canonical
from runfold.values.json_text import to_json
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.dify_api import about
from runfold_gateway.dify_api.endings import STOPPED, SUCCEEDED, run_data, run_failed
from runfold_gateway.dify_api.errors import DIFY, failed, not_served, unforeseen
from runfold_gateway.dify_api.requests import (
    BEGUN_WITHIN,
    Asked,
    ChatAsked,
    Said,
    body_of,
    run_of,
    start_run,
    stop_run,
    user_of,
)
from runfold_gateway.dify_api.streams import streamed, to_the_end
from runfold_gateway.dify_api.telling import RunTold
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.leaving import left
from runfold_gateway.routes import dify_conversations, dify_files

WITHIN = 600.0
"""Seconds for which a run's end is waited for; the run goes on after that."""
STREAMED = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
SUCCESS = {"result": "success"}


@post("/workflows/run", status_code=200, request_max_body_size=None)
async def run_workflow(request: Req, workflow_id: str) -> Response[Any]:
    """Run the newest published version."""
    asked = await body_of(request, Asked)
    return await _answered(request, await start_run(backend_of(request), workflow_id, asked), asked)


@post("/workflows/{version:str}/run", status_code=200, request_max_body_size=None)
async def run_version(request: Req, workflow_id: str, version: str) -> Response[Any]:
    """Run one version of the workflow, by its number."""
    asked = await body_of(request, Asked)
    run_id = await start_run(backend_of(request), workflow_id, asked, version)
    return await _answered(request, run_id, asked)


@post("/chat-messages", status_code=200, request_max_body_size=None)
async def chat(request: Req, workflow_id: str) -> Response[Any]:
    """Say something in a conversation, a new one or one there is, and answer with what is said."""
    asked = await body_of(request, ChatAsked)
    return await _answered(request, await start_run(backend_of(request), workflow_id, asked), asked)


@post(["/workflows/tasks/{task_id:str}/stop", "/chat-messages/{task_id:str}/stop"], status_code=200)
async def stop(request: Req, workflow_id: str, task_id: str) -> dict[str, str]:
    """End a run of the user; one that has ended stays as it is."""
    said = await body_of(request, Said)
    await stop_run(backend_of(request), workflow_id, task_id, said.user)
    return SUCCESS


@get("/workflows/run/{run_id:str}")
async def get_run(request: Req, workflow_id: str, run_id: str) -> dict[str, Any]:
    """A run as it is now."""
    backend = backend_of(request)
    await run_of(backend, workflow_id, run_id)
    state = (await _folded(backend, run_id)).state
    return {**run_data(state), "inputs": to_json(state.inputs)}


@get("/workflow/{task_id:str}/events")
async def get_events(request: Req, workflow_id: str, task_id: str) -> Stream:
    """A user's run from its beginning, as it was streamed: for a client that was cut off."""
    backend = backend_of(request)
    await run_of(backend, workflow_id, task_id, user_of(request))
    return _stream(backend, task_id)


@get("/parameters")
async def parameters(request: Req, workflow_id: str) -> dict[str, Any]:
    """The form of the workflow's inputs, and limits."""
    backend = backend_of(request)
    workflow = await _workflow(backend, workflow_id)
    return about.parameters(workflow, backend.settings.file_limit)


@get("/info")
async def info(request: Req, workflow_id: str) -> dict[str, Any]:
    """What the workflow is called."""
    return about.info(await _workflow(backend_of(request), workflow_id))


@get("/meta")
async def meta(request: Req, workflow_id: str) -> dict[str, Any]:
    """Icons of tools, of which there are none."""
    await _workflow(backend_of(request), workflow_id)
    return {"tool_icons": {}}


async def _workflow(backend: Backend, workflow_id: str) -> Workflow:
    return workflow_from_canonical((await backend.definitions.runnable(workflow_id)).body)


async def _folded(backend: Backend, run_id: str) -> Folder:
    """A run with all its nodes."""
    folder = Folder.fold(await backend.bus.events.read_run(run_id), backend.plans)
    if folder is None:
        raise UnknownRun(run_id)
    return folder


async def _answered(request: Req, run_id: str, asked: Asked) -> Response[Any]:
    """The answer to a request for a run: as it goes, or when it has ended."""
    backend = backend_of(request)
    if asked.streams:
        await backend.begun(run_id, BEGUN_WITHIN)
        return _stream(backend, run_id)
    told = RunTold(run_id, backend.plans)
    ended = await backend.seen(run_id, to_the_end(backend, told), WITHIN, left(request))
    if isinstance(asked, ChatAsked):
        return Response(_chat_answer(told, has_ended=ended is not None))
    return Response(_workflow_answer(told))


def _stream(backend: Backend, run_id: str) -> Stream:
    pieces = streamed(backend, RunTold(run_id, backend.plans))
    return Stream(pieces, media_type="text/event-stream", headers=STREAMED)


def _workflow_answer(told: RunTold) -> dict[str, Any]:
    """A run that has ended; one that goes on has the status `running`.

    Raises:
        BusUnavailable: It has not even begun.
    """
    if told.state is None:
        raise _not_ended(told.run_id)
    data = run_data(told.state)
    return {"workflow_run_id": told.run_id, "task_id": told.run_id, "data": data}


def _chat_answer(told: RunTold, *, has_ended: bool) -> dict[str, Any]:
    """What a run says.

    Raises:
        BusUnavailable: It has not ended.
        InvalidRequest: `chat.run_failed`.
    """
    if told.state is None or not has_ended:
        raise _not_ended(told.run_id)
    if told.state.status not in (*SUCCEEDED, STOPPED):
        raise run_failed(told.state)
    return {
        "event": "message",
        **told.message,
        "mode": "advanced-chat",
        "answer": told.answer,
        **told.closing(),
    }


def _not_ended(run_id: str) -> BusUnavailable:
    message = f"run {run_id!r} has not ended in time; it goes on"
    return BusUnavailable(message, code="chat.not_ended", details={"run_id": run_id})


ROUTER = Router(
    path=DIFY + "{workflow_id:str}/v1",
    route_handlers=[
        run_workflow,
        run_version,
        chat,
        stop,
        get_run,
        get_events,
        parameters,
        info,
        meta,
        *dify_conversations.ROUTES,
        *dify_files.ROUTES,
    ],
    include_in_schema=False,
    exception_handlers={
        RunfoldError: failed,
        HTTPException: not_served,
        HTTP_500_INTERNAL_SERVER_ERROR: unforeseen,
    },
)
