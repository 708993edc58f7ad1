"""Errors as RFC 9457 problem details: the one shape of every answer that is no success."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from runfold.errors import (
    BusUnavailable,
    Conflict,
    InvalidFile,
    InvalidInputs,
    InvalidRequest,
    InvalidWorkflow,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    RunfoldError,
)

log = structlog.get_logger("gateway")

MEDIA_TYPE = "application/problem+json"
TYPES = "https://runfold.dev/errors/"
BODY_INVALID = "request.body_invalid"
RETRY_AFTER = "2"
"""Seconds after which a client may try again what the bus could not take."""

_STATUSES: tuple[tuple[type[RunfoldError], int, str], ...] = (
    (NotFound, 404, "Not found"),
    (Conflict, 409, "Conflict"),
    (PreconditionFailed, 412, "Precondition failed"),
    (PayloadTooLarge, 413, "Payload too large"),
    (InvalidWorkflow, 422, "Invalid workflow"),
    (InvalidInputs, 422, "Invalid inputs"),
    (InvalidFile, 422, "Invalid file"),
    (InvalidRequest, 422, "Invalid request"),
    (BusUnavailable, 503, "Service unavailable"),
)
_OF_CODES = {
    "chat.run_failed": (424, "Failed dependency"),
    "chat.taken_back": (424, "Failed dependency"),
    "webhook.signature": (403, "Forbidden"),
    "webhook.stale": (403, "Forbidden"),
    "webhook.unauthorized": (403, "Forbidden"),
    "webhook.run_failed": (424, "Failed dependency"),
    "webhook.no_reply": (424, "Failed dependency"),
    "webhook.secret_missing": (503, "Service unavailable"),
    "cursor.invalid": (400, "Bad request"),
    "file.range": (416, "Range not satisfiable"),
}
"""Errors that have a status of their own."""


def runfold_problem(_request: Request[Any, Any, Any], error: RunfoldError) -> Response[bytes]:
    """One of our errors."""
    body = problem_of(error)
    return _answer(body["status"], body)


def problem_of(error: RunfoldError) -> dict[str, Any]:
    """The problem that one of our errors is."""
    status, title = status_of(error)
    body = {**error.details, **_members(status, title, error.code, error.message)}
    if isinstance(error, InvalidWorkflow):
        body["errors"] = msgspec.to_builtins(error.findings)
    return body


def status_of(error: RunfoldError) -> tuple[int, str]:
    """The status of one of our errors, and what it is called."""
    by_class = ((status, title) for kind, status, title in _STATUSES if isinstance(error, kind))
    return _OF_CODES.get(error.code) or next(by_class, (500, "Internal error"))


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """One of the framework's errors: unknown path, wrong method, unreadable body."""
    if isinstance(error, ValidationException):
        return _misfit_problem(error, request.scope.get("route_handler"))
    status = error.status_code
    body = _members(status, HTTPStatus(status).phrase, f"http.{status}", error.detail)
    return _answer(status, body, error.headers)


def _misfit_problem(error: ValidationException, handler: Any) -> Response[bytes]:
    """What was sent is not of the type that its place has."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [_misfit(one, handler) for one in found]
    code = "request.parameter_invalid"
    if any(one["source"] == "body" for one in errors):
        code = BODY_INVALID
    detail = "; ".join(
        " ".join((one["source"], one["key"])).strip() + ": " + one["message"] for one in errors
    )
    body = _members(422, "Invalid request", code, detail or error.detail)
    return _answer(422, {**body, "errors": errors})


def _misfit(found: dict[str, Any], handler: Any) -> dict[str, str]:
    """One of the framework's findings, in words of ours."""
    source = found.get("source", "query")
    key, message = str(found.get("key", "")), str(found.get("message", ""))
    return {
        "source": str(getattr(source, "value", source)),
        # It calls the body as a whole by the name that handlers give it.
        "key": "" if key == "data" else _as_sent(handler, key),
        # Of a missing value, the name is all that it says.
        "message": "it is missing" if message == repr(key) else message,
    }


def _as_sent(handler: Any, argument: str) -> str:
    """What a parameter is called by those who send it, by what its handler calls it."""
    signature = getattr(handler, "parsed_fn_signature", None)
    field = signature.parameters.get(argument) if signature is not None else None
    said = getattr(field, "kwarg_definition", None)
    return getattr(said, "query", None) or getattr(said, "header", None) or argument


def unforeseen_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A bug of ours: the log has the whole of it, the client nothing of its inside."""
    log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return _answer(500, bug())


def bug() -> dict[str, Any]:
    """The problem that a bug of ours is."""
    title = HTTPStatus.INTERNAL_SERVER_ERROR.phrase
    return _members(500, title, RunfoldError.code, "the gateway failed; its log says why")


def problem_bytes(status: int, code: str, detail: str) -> tuple[bytes, bytes]:
    """Media type and body of a problem that no route and no error brought about."""
    body = _members(status, HTTPStatus(status).phrase, code, detail)
    return MEDIA_TYPE.encode(), msgspec.json.encode(body)


def _members(status: int, title: str, code: str, detail: str) -> dict[str, Any]:
    """What every problem has."""
    return {
        "type": TYPES + code,
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }


def _answer(
    status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response[bytes]:
    wait = {"Retry-After": RETRY_AFTER} if status == 503 else {}  # noqa: PLR2004 -- HTTP's own
    return Response(
        msgspec.json.encode(body, enc_hook=str),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**wait, **(headers or {})},
    )
