"""What waits for a person, and their answers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from runfold.client.run_filters import asked_reviews
from runfold.contracts import queries as q
from runfold.contracts.requests import AnswerRequest
from runfold.errors import Conflict, NotFound
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.documents.reviews import Answered, Reviews, review
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.declared import Success, declare


def _like(*examples: Any) -> msgspec.Meta:
    return msgspec.Meta(examples=list(examples))


class Reply(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A person's answer."""

    action: Annotated[str, _like("approved", "answered")] = ""
    """`approved`, `rejected`, `answered` or an option's id; empty: the only one there is, or what
    `text` says. For a state machine the name of an event."""
    option: Annotated[str, _like("tea")] = ""
    """Id of the chosen option: another name of `action`."""
    text: Annotated[str, _like("My name is Ann")] = ""
    """An answer in words: another name of `feedback`."""
    values: Annotated[dict[str, Any], _like({"name": "Ann", "size": 3})] = {}
    """What the form or the schema asks for."""
    feedback: Annotated[str, _like("too long")] = ""
    reason: str = ""
    """Another name of `feedback`."""
    token: str = ""
    node: Annotated[str, _like("each[2]/ask")] = ""
    """Address of the waiting node, instead of its token."""
    key: Annotated[str, _like("invoice-1")] = ""
    """To a state machine: the event with the same key counts once."""

    @property
    def words(self) -> str:
        """What was said in words, by any of the names."""
        return self.text or self.feedback or self.reason


SETTLED_OR_ACCEPTED = declare(
    Success(HTTP_200_OK, Answered, description="The log says that the answer counted"),
    Success(HTTP_202_ACCEPTED, Answered, description="No scheduler has carried it out yet"),
)


@post(
    "/runs/{run_id:str}/answer",
    operation_id="answerRun",
    status_code=202,
    tags=["reviews"],
)
async def answer_run(request: Req, run_id: str, data: Reply) -> Response[Answered]:
    """Answer a waiting node of a run, or send it an event, by `token` or by `node`."""
    backend = backend_of(request)
    view = await backend.run_from_log(run_id)
    wanted = [
        node.waiting.token
        for node in view.nodes
        if node.waiting is not None
        and node.waiting.waiting_for in ("human", "state_machine")
        and (not data.token or node.waiting.token == data.token)
        and (not data.node or data.node in (node.address, node.node_id))
    ]
    if len(wanted) != 1:
        message = (
            f"run {run_id!r} ({view.status}) has {len(wanted)} nodes that fit; "
            "name one that waits by `token` or `node`"
        )
        raise Conflict(message, code="review.closed", details={"run_status": view.status})
    action = data.option or data.action
    return await _answer(backend, wanted[0], action, data, HTTP_202_ACCEPTED)


@get("/reviews", operation_id="listReviews", tags=["reviews"])
async def list_reviews(
    request: Req,
    workflow_id: Annotated[str, Parameter(description="In runs of this workflow")] = "",
    assignee: Annotated[str, Parameter(description="For this person or group, exactly")] = "",
    kind: Annotated[
        str, Parameter(description="Of this kind of node: its type, or an alias of it")
    ] = "",
    cursor: str = "",
    limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50,
) -> Reviews:
    """What waits for a person and fits all filters, longest waiting first, a page at a time."""
    query = asked_reviews(workflow_id, assignee, kind, cursor, limit)
    found, following = await backend_of(request).waiting(query)
    items = [review(node, node.waiting) for node in found if node.waiting]
    return Reviews(items, following or None)


@post(
    "/reviews/{review_id:str}/answer",
    operation_id="answerReview",
    status_code=200,
    opt=SETTLED_OR_ACCEPTED,
    tags=["reviews"],
)
async def answer(request: Req, review_id: str, data: Reply) -> Response[Answered]:
    """Answer what waits: choose an option, say it in words, or fill in what is asked for."""
    return await _answer(
        backend_of(request), review_id, data.option or data.action, data, HTTP_200_OK
    )


@post(
    "/reviews/{review_id:str}/approve",
    operation_id="approveReview",
    status_code=200,
    opt=SETTLED_OR_ACCEPTED,
    tags=["reviews"],
)
async def approve(
    request: Req, review_id: str, data: Reply | None = None, feedback: str = ""
) -> Response[Answered]:
    """Approve what waits; feedback in the query or the body."""
    said = _with_words(data, feedback)
    return await _answer(backend_of(request), review_id, APPROVED, said, HTTP_200_OK)


@post(
    "/reviews/{review_id:str}/reject",
    operation_id="rejectReview",
    status_code=200,
    opt=SETTLED_OR_ACCEPTED,
    tags=["reviews"],
)
async def reject(
    request: Req, review_id: str, data: Reply | None = None, reason: str = ""
) -> Response[Answered]:
    """Reject what waits; the reason in the query or the body."""
    said = _with_words(data, reason)
    return await _answer(backend_of(request), review_id, REJECTED, said, HTTP_200_OK)


def _with_words(data: Reply | None, said: str) -> Reply:
    reply = data or Reply()
    return msgspec.structs.replace(reply, text=said) if said else reply


async def _answer(
    backend: Backend, token: str, action: str, reply: Reply, settled_status: int
) -> Response[Answered]:
    """Answer, and see in the log that it counted; 202 when no scheduler has carried it out yet."""
    request = AnswerRequest(
        token=token, action=action, values=reply.values, feedback=reply.words, key=reply.key
    )
    try:
        settled = await backend.runs.settle(request)
    except NotFound:
        raise NotFound(f"no review {token!r}", code="review.not_found") from None
    body = Answered(token, (action or ANSWERED) if settled else "accepted")
    return Response(body, status_code=settled_status if settled else HTTP_202_ACCEPTED)


ROUTES = (answer_run, list_reviews, answer, approve, reject)
