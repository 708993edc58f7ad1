"""Dead letters: list, read, queue again, drop."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post
from litestar.params import Parameter

from runfold.contracts import queries as q
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.dead import Letter, Letters, Requeued, letter, summary
from runfold_gateway.http.bodies import Req


@get("/dead", operation_id="listDeadLetters", tags=["dead letters"])
async def list_letters(
    request: Req, limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50
) -> Letters:
    """The newest dead letters, newest last, without their bodies."""
    letters = await backend_of(request).bus.dead.list(limit=limit)
    return Letters([summary(kept) for kept in letters])


@get("/dead/{seq:int}", operation_id="getDeadLetter", tags=["dead letters"])
async def get_letter(request: Req, seq: int) -> Letter:
    """One dead letter with its body, and whether that was kept whole."""
    return letter(await backend_of(request).bus.dead.get(seq))


@post(
    "/dead/{seq:int}/requeue",
    operation_id="requeueDeadLetter",
    status_code=202,
    tags=["dead letters"],
)
async def requeue_letter(request: Req, seq: int) -> Requeued:
    """Put a task or a request back in its queue, and remove the letter."""
    await backend_of(request).bus.dead.requeue(seq)
    return Requeued(seq)


@delete("/dead/{seq:int}", operation_id="dropDeadLetter", tags=["dead letters"])
async def drop_letter(request: Req, seq: int) -> None:
    """Remove a dead letter."""
    await backend_of(request).bus.dead.drop(seq)


ROUTES = (list_letters, get_letter, requeue_letter, drop_letter)
