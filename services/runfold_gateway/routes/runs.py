"""Runs: read, list, events, and what is done to them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from runfold.client.run_events import MAX_SEQ
from runfold.client.run_filters import WrittenFilters, asked
from runfold.contracts import queries as q
from runfold.engine.views.documents import (
    RunDocument,
    RunPage,
    queued_document,
    run_document,
    run_page,
)
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.runs import RunAsked, RunBegun
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import LOCATION, declare
from runfold_gateway.http.links import link_to


def _says(description: str) -> Any:
    return Parameter(description=description)


class Retry(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """From where, and on which version, a run is to be run again."""

    node: str = ""
    """Address of a node; empty: the one that failed the run."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


class Fork(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """From which event, and with what, a run is to be forked."""

    at: int
    """A sequence; the run's newest event up to there counts."""
    inputs: dict[str, Any] | None = None
    """Changed inputs, laid over the run's own."""
    version: str = ""
    """Empty: the definition the run pinned. Else `newest`, a number, or `draft`."""


@get("/runs", operation_id="listRuns", tags=["runs"])
async def list_runs(
    request: Req,
    workflow_id: str = "",
    status: Annotated[tuple[str, ...], _says("Any of these; also with commas between")] = (),
    started_from: Annotated[
        str,
        Parameter(query="from", description="Started then or later: Unix seconds or ISO 8601"),
    ] = "",
    started_to: Annotated[
        str, Parameter(query="to", description="Started before then: Unix seconds or ISO 8601")
    ] = "",
    version: Annotated[str, _says("Of the workflow: a number, or `draft`")] = "",
    label: Annotated[tuple[str, ...], _says("`name:value`; all of them")] = (),
    node: Annotated[str, _says("Address of a node, or its id in any scope")] = "",
    node_status: Annotated[
        tuple[str, ...], _says("What that node is; without it: failed or under way")
    ] = (),
    error_code: Annotated[str, _says("Code of the error that ended the run")] = "",
    origin: Annotated[str, _says("Run that it goes on from, as a fork or a retry")] = "",
    text: Annotated[
        str, _says("Part of its ids, inputs, outputs or error message, in any letter case")
    ] = "",
    counts: Annotated[bool, _says("Whether to count by status, over all pages")] = False,  # noqa: FBT002 -- a query parameter
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> RunPage:
    """Runs that fit all the filters, newest first, a page at a time."""
    query = asked(
        WrittenFilters(
            workflow_id=workflow_id,
            status=status,
            started_from=started_from,
            started_to=started_to,
            version=version,
            label=label,
            node=node,
            node_status=node_status,
            error_code=error_code,
            origin=origin,
            text=text,
            cursor=cursor,
            limit=limit,
            counts=counts,
        )
    )
    found = await backend_of(request).list_runs(query)
    return run_page(found.items, found.next_cursor, found.counts)


@get("/runs/{run_id:str}", operation_id="getRun", opt=declare(problems=(409,)), tags=["runs"])
async def get_run(request: Req, run_id: str) -> RunDocument:
    """A run's state, with what each node came to."""
    view = await backend_of(request).run(run_id)
    return queued_document(run_id) if view is None else run_document(view)


@post("/runs/{run_id:str}/cancel", operation_id="cancelRun", status_code=202, tags=["runs"])
async def cancel_run(request: Req, run_id: str, reason: str = "") -> RunAsked:
    """End a run."""
    await backend_of(request).cancel(run_id, reason)
    return RunAsked(run_id, "cancelling")


@post("/runs/{run_id:str}/pause", operation_id="pauseRun", status_code=202, tags=["runs"])
async def pause_run(request: Req, run_id: str, reason: str = "") -> RunAsked:
    """Let a run begin nothing new; what has begun may finish."""
    await backend_of(request).runs.pause(run_id, reason)
    return RunAsked(run_id, "pausing")


@post("/runs/{run_id:str}/resume", operation_id="resumeRun", status_code=202, tags=["runs"])
async def resume_run(request: Req, run_id: str) -> RunAsked:
    """Let a paused run go on."""
    await backend_of(request).runs.resume(run_id)
    return RunAsked(run_id, "resuming")


@post(
    "/runs/{run_id:str}/retry",
    operation_id="retryRun",
    opt=declare(headers=(LOCATION,)),
    status_code=202,
    tags=["runs"],
)
async def retry_run(request: Req, run_id: str, data: Retry | None = None) -> Response[RunBegun]:
    """Run an ended run again from a node on, as a new run that keeps what came before."""
    wanted = data or Retry()
    new_run_id = await backend_of(request).successor(
        lambda runs: runs.retry(run_id, from_node=wanted.node, version=wanted.version)
    )
    return _begun(new_run_id, run_id)


@post(
    "/runs/{run_id:str}/fork",
    operation_id="forkRun",
    opt=declare(headers=(LOCATION,)),
    status_code=202,
    tags=["runs"],
)
async def fork_run(request: Req, run_id: str, data: Fork) -> Response[RunBegun]:
    """Begin a new run from what a run was at a sequence."""
    new_run_id = await backend_of(request).successor(
        lambda runs: runs.fork(run_id, data.at, inputs=data.inputs, version=data.version)
    )
    return _begun(new_run_id, run_id)


@get(
    "/runs/{run_id:str}/state",
    operation_id="getRunState",
    opt=declare(problems=(409,)),
    tags=["runs"],
)
async def get_state(
    request: Req, run_id: str, at: Annotated[int | None, Parameter(ge=1, le=MAX_SEQ)] = None
) -> RunDocument:
    """A run's state as it was at a sequence, folded from the log as everywhere."""
    return run_document(await backend_of(request).run_from_log(run_id, until=at))


def _begun(new_run_id: str, run_id: str) -> Response[RunBegun]:
    return Response(
        RunBegun(new_run_id, run_id, "queued"),
        status_code=202,
        headers={"Location": link_to("runs", new_run_id)},
    )


ROUTES = (
    list_runs,
    get_run,
    get_state,
    cancel_run,
    pause_run,
    resume_run,
    retry_run,
    fork_run,
)
