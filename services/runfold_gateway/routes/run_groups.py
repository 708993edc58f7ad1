"""Runs by the many: those that failed, in groups, and what is done to several at once."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter

from runfold.client.run_filters import asked_failures
from runfold.contracts import queries as q
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.problems import Problem
from runfold_gateway.documents.runs import (
    CancelRuns,
    FailurePage,
    RetryRuns,
    RunDone,
    RunsDone,
)
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.bulk import checked_ids, each


@get("/runs/failures", operation_id="listFailures", tags=["runs"])
async def list_failures(
    request: Req,
    workflow_id: str = "",
    started_from: Annotated[
        str,
        Parameter(query="from", description="Started then or later: Unix seconds or ISO 8601"),
    ] = "",
    started_to: Annotated[
        str, Parameter(query="to", description="Started before then: Unix seconds or ISO 8601")
    ] = "",
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> FailurePage:
    """Failed runs by workflow, node and error, the largest group first."""
    query = asked_failures(workflow_id, started_from, started_to, cursor, limit)
    found = await backend_of(request).failures(query)
    return FailurePage(found.items, found.next_cursor or None)


@post("/runs/cancel", operation_id="cancelRuns", status_code=200, tags=["runs"])
async def cancel_runs(request: Req, data: CancelRuns) -> RunsDone:
    """End many runs; says of each whether it was asked for, and why not."""
    backend = backend_of(request)

    async def cancel(run_id: str) -> RunDone:
        await backend.cancel(run_id, data.reason)
        return RunDone(run_id, "cancelling")

    return RunsDone(await each(checked_ids("run_ids", data.run_ids), cancel, _failed))


@post("/runs/retry", operation_id="retryRuns", status_code=200, tags=["runs"])
async def retry_runs(request: Req, data: RetryRuns) -> RunsDone:
    """Run many ended runs again, each from the node that failed it, as new runs."""
    backend = backend_of(request)

    async def retry(run_id: str) -> RunDone:
        new_run_id = await backend.successor(lambda runs: runs.retry(run_id, version=data.version))
        return RunDone(run_id, "queued", new_run_id)

    return RunsDone(await each(checked_ids("run_ids", data.run_ids), retry, _failed))


def _failed(run_id: str, problem: Problem) -> RunDone:
    return RunDone(run_id, "failed", problem=problem)


ROUTES = (list_failures, cancel_runs, retry_runs)
