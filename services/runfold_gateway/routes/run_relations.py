"""Runs beside each other: two compared, and the family of one."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from runfold.client.run_diff import RunDiff, run_diff
from runfold.client.run_lists import listed_family
from runfold.contracts import queries as q
from runfold.contracts.cursors import run_after
from runfold.errors import UnknownRun
from runfold.ids import is_token
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.runs import FamilyPage
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import declare


@get(
    "/runs/{run_id:str}/diff/{other_id:str}",
    operation_id="diffRuns",
    opt=declare(problems=(409,)),
    tags=["runs"],
)
async def diff_runs(
    request: Req,
    run_id: str,
    other_id: str,
    changed: Annotated[  # noqa: FBT002 -- a query parameter
        bool, Parameter(description="Only nodes that are not the same in both")
    ] = False,
) -> RunDiff:
    """Two runs compared by their logs, node by node: the first is `a`, the other `b`.

    Outputs are compared and not shown; the route of a node has them.
    """
    for one in (run_id, other_id):
        if not is_token(one):
            raise UnknownRun(one)
    return await run_diff(backend_of(request).run_log, run_id, other_id, changed=changed)


@get("/runs/{run_id:str}/family", operation_id="getRunFamily", tags=["runs"])
async def get_family(
    request: Req,
    run_id: str,
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> FamilyPage:
    """The run that a run comes from, and all forks and retries of it, the oldest first."""
    run_after(cursor)
    backend = backend_of(request)
    run = await backend.run(run_id)  # raises for an unknown run
    found = await listed_family(backend.bus, q.ListFamily(run_id, cursor, limit), run)
    return FamilyPage(found.items, found.next_cursor or None)


ROUTES = (diff_runs, get_family)
