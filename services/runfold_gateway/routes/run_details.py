"""What is looked up inside a run: its events, a node with its inputs, and a case made of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.response import Stream

from runfold.client.run_events import (
    MAX_LIMIT,
    MAX_SEQ,
    EventQuery,
    checked_query,
    event_line,
    event_pages,
    found_events,
)
from runfold.contracts.events import Recorded
from runfold.engine.views.documents import NodeDocument
from runfold.errors import UnknownRun
from runfold.ids import is_token
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.cases import RunCase, run_case
from runfold_gateway.documents.stream import LoggedEvent
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import Success, declare
from runfold_gateway.http.head import is_head

NDJSON = "application/x-ndjson"
NEXT_AFTER = "Runfold-Next-After"
"""Says where the next events begin, when a limit left some out."""
AT_ONCE = 200
"""Events that are written before others get their turn."""
MAX_ATTEMPT = 1_000_000

Seq = Annotated[
    int | None, Parameter(ge=0, le=MAX_SEQ, description="A sequence, which need not be the run's")
]


@get(
    "/runs/{run_id:str}/events",
    operation_id="getRunEvents",
    opt=declare(
        Success(
            200,
            LoggedEvent,
            media=(NDJSON,),
            description="The events, one a line; the schema is of one line",
            headers=((NEXT_AFTER, "The `after` of the next events, when a limit left some out"),),
        ),
        problems=(409,),
    ),
    tags=["runs"],
)
async def get_events(
    request: Req,
    run_id: str,
    after: Seq = None,
    before: Seq = None,
    limit: Annotated[
        int | None,
        Parameter(
            ge=1,
            le=MAX_LIMIT,
            description=f"At most so many; {NEXT_AFTER} says where the next ones begin",
        ),
    ] = None,
    types: Annotated[
        tuple[str, ...], Parameter(description="Of these types; also with commas between")
    ] = (),
    node: Annotated[
        str, Parameter(description="About this node: its address, or its id in any scope")
    ] = "",
) -> Stream:
    """A run's events straight from the log, one JSON object a line, oldest first.

    With a `limit`, the header `Runfold-Next-After` has the `after` of the next ones; it is left out
    when there are none so far.
    """
    backend = backend_of(request)
    query = checked_query(EventQuery(after or 0, before, types, node))
    pages, more = _given(), None
    if is_token(run_id) and limit is None:
        pages = event_pages(backend.bus.events, run_id, query)
    elif is_token(run_id) and limit is not None:
        found, more = await found_events(backend.bus.events, run_id, query, limit)
        pages = _given(found)
    # Once the answer has begun, it can say nothing any more of a log that cannot be read.
    first = await anext(pages, None)
    if first is None:
        await backend.run(run_id)  # raises for an unknown run
    headers = {} if more is None else {NEXT_AFTER: str(more)}
    if is_head(request.scope):
        await pages.aclose()
        pages = _given()
    return Stream(_lines(first or [], pages), media_type=NDJSON, headers=headers)


async def _given(*pages: list[Recorded]) -> AsyncGenerator[list[Recorded], None]:
    for page in pages:
        if page:
            yield page


async def _lines(
    first: list[Recorded], pages: AsyncGenerator[list[Recorded], None]
) -> AsyncIterator[bytes]:
    """A line for each event; a piece holds as many as are written before others get their turn."""
    async with aclosing(pages):
        page: list[Recorded] | None = first
        while page is not None:
            for place in range(0, len(page), AT_ONCE):
                yield b"".join(
                    event_line(record) + b"\n" for record in page[place : place + AT_ONCE]
                )
                await asyncio.sleep(0)
            page = await anext(pages, None)


@get(
    "/runs/{run_id:str}/nodes/{address:path}",
    operation_id="getRunNode",
    opt=declare(problems=(409,)),
    tags=["runs"],
)
async def get_node(
    request: Req,
    run_id: str,
    address: str,
    attempt: Annotated[
        int | None,
        Parameter(ge=1, le=MAX_ATTEMPT, description="Whose inputs; without it, the newest"),
    ] = None,
) -> NodeDocument:
    """A node of a run by its address, with all its attempts and what one of them was given.

    The address is as in the run's `nodes`: `each[2]/call`, percent-encoded or not.
    """
    if not is_token(run_id):
        raise UnknownRun(run_id)
    return await backend_of(request).runs.node(run_id, address.removeprefix("/"), attempt)


@post(
    "/runs/{run_id:str}/case",
    operation_id="makeCase",
    status_code=200,
    tags=["runs"],
)
async def make_case(
    request: Req,
    run_id: str,
    name: Annotated[
        str, Parameter(max_length=256, description="Of the case; empty: after the run.")
    ] = "",
) -> RunCase:
    """A case of `runfold test` made of an ended run; nothing is stored.

    It has the run's inputs, what its nodes of models and services and its people gave, and what
    came out. What a case cannot have is listed.
    """
    if not is_token(run_id):
        raise UnknownRun(run_id)
    return run_case(await backend_of(request).runs.case(run_id, name))


ROUTES = (get_events, get_node, make_case)
