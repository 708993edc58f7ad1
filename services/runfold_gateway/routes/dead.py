"""Dead letters: list, read, queue again, drop, one or many."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post
from litestar.params import Parameter

from runfold.client.dead import MAX_REASON, fitting
from runfold.contracts import queries as q
from runfold.contracts.cursors import run_before, run_cursor
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.dead import (
    Letter,
    LetterDone,
    Letters,
    LettersAsked,
    LettersDone,
    Requeued,
    letter,
    summary,
)
from runfold_gateway.documents.problems import Problem
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.bulk import checked_ids, each


@get("/dead", operation_id="listDeadLetters", tags=["dead letters"])
async def list_letters(
    request: Req,
    reason: Annotated[
        str,
        Parameter(
            max_length=MAX_REASON,
            description="Part of its code or of its reason, in any letter case",
        ),
    ] = "",
    run_id: Annotated[str, Parameter(description="Those about this run")] = "",
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> Letters:
    """The newest dead letters, newest last, without their bodies; a cursor leads to older ones."""
    found = await backend_of(request).bus.dead.list(
        limit=limit + 1, before=run_before(cursor), fits=fitting(reason=reason, run_id=run_id)
    )
    page = found[-limit:]
    following = run_cursor(page[0].seq) if len(found) > limit else None
    return Letters([summary(kept) for kept in page], following)


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


@post("/dead/requeue", operation_id="requeueDeadLetters", status_code=200, tags=["dead letters"])
async def requeue_letters(request: Req, data: LettersAsked) -> LettersDone:
    """Put many letters' tasks and requests back in their queues; says of each what became of it."""
    letters = backend_of(request).bus.dead

    async def requeue(seq: int) -> LetterDone:
        await letters.requeue(seq)
        return LetterDone(seq, "requeued")

    return LettersDone(await each(checked_ids("seqs", data.seqs), requeue, _failed))


@post("/dead/drop", operation_id="dropDeadLetters", status_code=200, tags=["dead letters"])
async def drop_letters(request: Req, data: LettersAsked) -> LettersDone:
    """Remove many letters; says of each what became of it."""
    letters = backend_of(request).bus.dead

    async def drop(seq: int) -> LetterDone:
        await letters.drop(seq)
        return LetterDone(seq, "dropped")

    return LettersDone(await each(checked_ids("seqs", data.seqs), drop, _failed))


def _failed(seq: int, problem: Problem) -> LetterDone:
    return LetterDone(seq, "failed", problem)


ROUTES = (
    list_letters,
    requeue_letters,
    drop_letters,
    get_letter,
    requeue_letter,
    drop_letter,
)
