"""Errors in the shape that clients of Dify read: `{code, message, status}`, and our own code."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from runfold.errors import RunfoldError
from runfold_gateway.problems import RETRY_AFTER, status_of

log = structlog.get_logger("gateway")

DIFY = "/dify/"
"""Begins the paths of this API: `/dify/<workflow>/v1/…`."""
JSON = "application/json"
_STATUSES = {422: 400, 424: 400}
"""Statuses of ours that Dify has another one for."""
_BY_STATUS = {
    400: "invalid_param",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "file_too_large",
    415: "unsupported_media_type",
    503: "service_unavailable",
}
_BY_CODE = {
    "chat.run_failed": (400, "completion_request_error"),
    "file.media_type": (415, "unsupported_file_type"),
    "file.one_expected": (400, "no_file_uploaded"),
    "request.refused": (400, "invalid_param"),
}
"""Codes of ours for which clients of Dify have an error of its own."""
INTERNAL = "internal_server_error"


def error_body(error: RunfoldError) -> dict[str, Any]:
    """One of our errors. `reason` is its code."""
    status, _ = status_of(error)
    status = _STATUSES.get(status, status)
    status, code = _BY_CODE.get(error.code, (status, _named(status)))
    return _body(status, code, error.message, error.code)


def refusal_bytes(status: int, reason: str, message: str) -> tuple[bytes, bytes]:
    """Media type and body of what is refused before any route has seen it."""
    body = _body(status, _named(status), message, reason)
    return JSON.encode(), msgspec.json.encode(body)


def failed(_request: Request[Any, Any, Any], error: RunfoldError) -> Response[bytes]:
    """Answer with one of our errors."""
    return _answer(error_body(error))


def not_served(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer with one of the framework's: an unknown path, a wrong method, an unreadable body."""
    status = error.status_code
    message = error.detail
    if status == 404:  # noqa: PLR2004 -- HTTP's own
        message = (
            f"{request.scope['path'][:200]!r} is not served: the guide on clients lists what is"
        )
    body = _body(status, _named(status), message, f"http.{status}")
    return _answer(body, error.headers)


def unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer for a bug of ours: the log has the whole of it."""
    log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return _answer(_body(500, INTERNAL, "the gateway failed; its log says why", RunfoldError.code))


def _named(status: int) -> str:
    """The code of Dify for a status."""
    return _BY_STATUS.get(
        status, "bad_request" if status < HTTP_500_INTERNAL_SERVER_ERROR else INTERNAL
    )


def _body(status: int, code: str, message: str, reason: str) -> dict[str, Any]:
    return {"code": code, "message": message, "status": status, "reason": reason}


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response[bytes]:
    status = body["status"]
    wait = {"Retry-After": RETRY_AFTER} if status == 503 else {}  # noqa: PLR2004 -- HTTP's own
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=JSON,
        headers={**wait, **(headers or {})},
    )
