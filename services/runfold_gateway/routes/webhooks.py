"""Webhooks: requests from outside that begin runs, and the list of those there are."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import structlog
from litestar import Response, get, route
from litestar.exceptions import HTTPException

from runfold.client.triggers import WebhookList, webhook_list
from runfold.contracts.requests import RunRequest
from runfold.definitions.parts import calls_of, stored_parts
from runfold.definitions.webhooks import WebhookTarget
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidRequest
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.values.durations import parse_duration
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.documents.starting import RunAccepted
from runfold_gateway.door.guard import WEBHOOKS
from runfold_gateway.http.bodies import LARGE, MAX_BODY, Req, raw_body
from runfold_gateway.http.head import is_head
from runfold_gateway.http.leaving import left
from runfold_gateway.webhooks.bodies import body_of, fields_of, inputs_of
from runfold_gateway.webhooks.replies import SANDBOX, Reply, response_of
from runfold_gateway.webhooks.senders import delivery_in, delivery_of, shown_headers

log = structlog.get_logger("gateway")

P = ParamSpec("P")
T = TypeVar("T")
LABEL = "webhook"
"""Of the runs of a webhook: its path."""
SUCCEEDED = ("succeeded", "partial_succeeded")


@get("/webhooks", operation_id="listWebhooks", tags=["webhooks"])
async def list_webhooks(request: Req) -> WebhookList:
    """The webhooks of the newest published versions, by workflow."""
    return webhook_list(await backend_of(request).webhooks.all())


@route(
    WEBHOOKS + "{path:path}",
    http_method=["GET", "POST", "PUT", "PATCH", "DELETE"],
    include_in_schema=False,
    request_max_body_size=None,
)
async def receive(request: Req) -> Response[Any]:
    """Begin a run by a request from outside."""
    backend = backend_of(request)
    path = request.scope["path"].removeprefix(WEBHOOKS)
    # Previews ask with HEAD what a GET would give: they are to begin nothing.
    method = "HEAD" if is_head(request.scope) else str(request.method)
    target = _target(await backend.webhooks.at(path), method)
    webhook = target.webhook
    raw = b"".join([piece async for piece in raw_body(request, MAX_BODY)])
    headers = {name.lower(): value for name, value in request.headers.items()}
    delivery = await _worked_out(raw, delivery_of, webhook, headers, raw, backend.settings)
    media_type, parameters = request.content_type
    charset = parameters.get("charset", "").strip("\"'")
    body = await _worked_out(raw, body_of, media_type, charset, raw)
    delivery = delivery_in(webhook, body) or delivery
    said = {
        "body": body,
        "headers": shown_headers(webhook, headers),
        "query": fields_of(request.query_params.multi_items()),
        "method": method,
        "path": path,
    }
    inputs = await _worked_out(raw, inputs_of, webhook, said)
    run_id = await _begun(backend, target, inputs, delivery)
    log.info("webhook received", path=path, workflow=target.workflow_id, run_id=run_id)
    accepted = Response[Any](
        RunAccepted(run_id, target.workflow_id), status_code=202, headers=SANDBOX
    )
    within = parse_duration(webhook.timeout)
    match webhook.answer:
        case "accepted":
            return accepted
        case "result":
            ended = await backend.ended(run_id, within, left(request))
            return accepted if ended is None else _result(ended)
        case "reply":
            found = await backend.replied(run_id, within, left(request))
            if isinstance(found, Reply):
                return await response_of(found, backend.bus)
            if found is not None:
                raise _no_reply(found)
            return accepted


async def _worked_out(raw: bytes, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """What comes of a body: of a large one beside the event loop."""
    if len(raw) < LARGE:
        return work(*args, **more)
    return await asyncio.to_thread(work, *args, **more)


def _target(targets: tuple[WebhookTarget, ...], method: str) -> WebhookTarget:
    """The webhook of a method.

    Raises:
        HTTPException: 405, with the methods that there are.
    """
    for one in targets:
        if method in one.webhook.methods:
            return one
    allowed = ", ".join(sorted({name for one in targets for name in one.webhook.methods}))
    message = f"this webhook takes {allowed}, not {method}"
    raise HTTPException(message, status_code=405, headers={"Allow": allowed})


async def _begun(
    backend: Backend, target: WebhookTarget, inputs: dict[str, Any], delivery: str
) -> str:
    """Ask for the run; the same delivery is the same run."""
    stored = await backend.definitions.runnable(target.workflow_id)
    workflow = workflow_from_canonical(stored.body)
    bind_inputs(workflow, inputs)
    await stored_parts(backend.definitions, calls_of(workflow))
    path = target.webhook.path
    key = hashlib.sha256(f"{path}\0{delivery}".encode()).hexdigest() if delivery else ""
    wanted = RunRequest(
        workflow_id=target.workflow_id,
        inputs=inputs,
        version=stored.version,
        idempotency_key=f"webhook:{key}" if key else "",
        source=f"webhook {path}",
        labels={LABEL: path},
    )
    return await backend.successor(lambda runs: runs.start(wanted))


def _result(run: RunView) -> Response[Any]:
    """The outputs of a run that has ended.

    Raises:
        InvalidRequest: `webhook.run_failed`. What failed is for the operator to read in the run.
    """
    if run.status not in SUCCEEDED:
        message = f"run {run.run_id!r} ended as {run.status}"
        details = {"run_id": run.run_id, "run_status": run.status}
        raise InvalidRequest(message, code="webhook.run_failed", details=details)
    return Response(run.outputs, status_code=200, headers=SANDBOX)


def _no_reply(run: RunView) -> InvalidRequest:
    failed = run.status not in SUCCEEDED
    message = f"run {run.run_id!r} ended as {run.status} without a webhook_reply"
    details = {"run_id": run.run_id, "run_status": run.status}
    code = "webhook.run_failed" if failed else "webhook.no_reply"
    return InvalidRequest(message, code=code, details=details)


ROUTES = (list_webhooks,)
