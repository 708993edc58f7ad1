"""Runs: read, list, events, and what is done to them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Stream

from runfold.contracts import queries as q
from runfold.contracts.codec import encode
from runfold.engine.state.runs import UNENDED
from runfold.errors import Conflict
from runfold.ids import is_token
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.runs import queued_document, run_document
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.links import link_to

NDJSON = "application/x-ndjson"


class Retry(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """From where, and on which version, a run is to be run again."""

    node: str = ""
    """Address of a node; empty: the one that failed the run."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


class Fork(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """From which event, and with what, a run is to be forked."""

    at: int
    """Sequence of one of the run's events."""
    inputs: dict[str, Any] | None = None
    """Changed inputs, laid over the run's own."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


@get("/runs", operation_id="listRuns", tags=["runs"])
async def list_runs(
    request: Req,
    workflow_id: str = "",
    status: str = "",
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> dict[str, Any]:
    """Runs, newest first, a page at a time."""
    query = q.ListRuns(workflow_id=workflow_id, status=status, cursor=cursor, limit=limit)
    runs, following = await backend_of(request).list_runs(query)
    items = [{**msgspec.to_builtins(run), "nodes": None} for run in runs]
    for item in items:
        del item["nodes"], item["compensation"]
    return {"items": items, "next_cursor": following or None}


@get("/runs/{run_id:str}", operation_id="getRun", tags=["runs"])
async def get_run(request: Req, run_id: str) -> dict[str, Any]:
    """A run's state, with what each node came to."""
    view = await backend_of(request).run(run_id)
    return queued_document(run_id) if view is None else run_document(view)


@get("/runs/{run_id:str}/events", operation_id="getRunEvents", tags=["runs"])
async def get_events(request: Req, run_id: str) -> Stream:
    """A run's events straight from the log, one JSON object a line."""
    backend = backend_of(request)
    records = await backend.bus.events.read_run(run_id) if is_token(run_id) else []
    if not records:
        await backend.run(run_id)
    lines = (
        encode(
            {"seq": record.seq, "time": record.time, **msgspec.json.decode(encode(record.event))}
        )
        + b"\n"
        for record in records
    )
    return Stream(lines, media_type=NDJSON)


@post("/runs/{run_id:str}/cancel", operation_id="cancelRun", status_code=202, tags=["runs"])
async def cancel_run(request: Req, run_id: str, reason: str = "") -> dict[str, Any]:
    """End a run."""
    backend = backend_of(request)
    view = await backend.run(run_id)
    if view is not None and view.status not in UNENDED:
        view = await backend.run_from_log(run_id)
    if view is not None and view.status not in UNENDED:
        message = f"run {run_id!r} has ended already: it is {view.status}"
        raise Conflict(message, code="run.ended", details={"run_status": view.status})
    await backend.runs.cancel(run_id, reason)
    return {"run_id": run_id, "status": "cancelling"}


@post("/runs/{run_id:str}/pause", operation_id="pauseRun", status_code=202, tags=["runs"])
async def pause_run(request: Req, run_id: str, reason: str = "") -> dict[str, Any]:
    """Let a run begin nothing new; what has begun may finish."""
    await backend_of(request).runs.pause(run_id, reason)
    return {"run_id": run_id, "status": "pausing"}


@post("/runs/{run_id:str}/resume", operation_id="resumeRun", status_code=202, tags=["runs"])
async def resume_run(request: Req, run_id: str) -> dict[str, Any]:
    """Let a paused run go on."""
    await backend_of(request).runs.resume(run_id)
    return {"run_id": run_id, "status": "resuming"}


@post("/runs/{run_id:str}/retry", operation_id="retryRun", status_code=202, tags=["runs"])
async def retry_run(request: Req, run_id: str, data: Retry | None = None) -> Response[Any]:
    """Run an ended run again from a node on, as a new run that keeps what came before."""
    wanted = data or Retry()
    new_run_id = await backend_of(request).successor(
        lambda runs: runs.retry(run_id, from_node=wanted.node, version=wanted.version)
    )
    return _begun(new_run_id, run_id)


@post("/runs/{run_id:str}/fork", operation_id="forkRun", status_code=202, tags=["runs"])
async def fork_run(request: Req, run_id: str, data: Fork) -> Response[Any]:
    """Begin a new run from what a run was at one of its events."""
    new_run_id = await backend_of(request).successor(
        lambda runs: runs.fork(run_id, data.at, inputs=data.inputs, version=data.version)
    )
    return _begun(new_run_id, run_id)


@get("/runs/{run_id:str}/state", operation_id="getRunState", tags=["runs"])
async def get_state(
    request: Req, run_id: str, at: Annotated[int | None, Parameter(ge=1)] = None
) -> dict[str, Any]:
    """A run's state as it was at a sequence, folded from the log as everywhere."""
    return run_document(await backend_of(request).run_from_log(run_id, until=at))


def _begun(new_run_id: str, run_id: str) -> Response[Any]:
    return Response(
        {"run_id": new_run_id, "origin": run_id, "status": "queued"},
        status_code=202,
        headers={"Location": link_to("runs", new_run_id)},
    )


ROUTES = (
    list_runs,
    get_run,
    get_events,
    get_state,
    cancel_run,
    pause_run,
    resume_run,
    retry_run,
    fork_run,
)
