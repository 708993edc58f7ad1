"""Reads request bodies: media type, charset, and JSON by strict rules.

Every body goes through here, also those that a route declares as `data`, so that unreadable bytes
are always a 4xx with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from typing_extensions import override

from runfold.contracts.json_reader import read_json
from runfold.errors import InvalidRequest, Undecodable
from runfold_gateway.problems import BODY_INVALID

JSON_BODIES = ("json", "text/plain", "octet-stream", "x-www-form-urlencoded")
"""Parts of media types that a JSON body may come as; the last is what curl says of all."""
BODIES = (*JSON_BODIES, "yaml")
"""The same for a body that may be JSON or YAML."""
MAX_BODY = 16 * 1024 * 1024
"""Bytes of a request's body."""
CHARSETS = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
LARGE = 256 * 1024
"""Bytes from which on a body is read beside the event loop."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ApiRequest(Request[Any, Any, State]):
    """A request whose JSON is read by our own rules."""

    @override
    async def json(self) -> Any:
        """The body as JSON; null when it is empty.

        Raises:
            InvalidRequest: When it is not JSON.
            HTTPException: 415 when its headers say that it is something else.
        """
        return await json_of(self)


Req = ApiRequest


async def json_of(request: Req, *, code: str = BODY_INVALID) -> Any:
    """A body that is to hold JSON; None when it is empty.

    Args:
        request: The request.
        code: The code of the error when it does not.

    Raises:
        InvalidRequest: Not JSON, not UTF-8, nested too deep, or with what JSON does not have.
        HTTPException: 415 when its headers say that it is something else.
    """
    body = await _bytes(request, JSON_BODIES, "application/json")
    if len(body) < LARGE:
        return read(body, code=code)
    return await asyncio.to_thread(read, body, code=code)


async def text_of(request: Req) -> bytes:
    """A body that is to hold JSON or YAML, as it came.

    Raises:
        HTTPException: 415 when its headers say that it is something else.
    """
    return await _bytes(request, BODIES, "application/json or application/yaml")


async def document_of(request: Req) -> bytes:
    """A body that is a document of any kind, a zip among them, as it came.

    Raises:
        HTTPException: 415 when its headers say that it is something else.
    """
    return await _bytes(request, (*BODIES, "zip"), "JSON, YAML or a zip")


def read(body: bytes, *, code: str = BODY_INVALID) -> Any:
    """The value of a JSON text; None when there is none.

    Raises:
        InvalidRequest: Saying what is wrong with it.
    """
    if not body.removeprefix(BYTE_ORDER_MARK).strip():
        return None
    try:
        return read_json(body)
    except Undecodable as error:
        message = f"the body cannot be read: {error.message}"
        raise InvalidRequest(message, code=code, details={"reason": error.code}) from error


async def _bytes(request: Req, wanted: tuple[str, ...], send: str) -> bytes:
    said = request.headers.get("content-type", "")
    if said and not any(part in said.lower() for part in wanted):
        raise HTTPException(f"{said!r} is not understood here: send {send}", status_code=415)
    charset = request.content_type[1].get("charset", "").strip("\"'").lower()
    if charset and charset not in CHARSETS:
        raise HTTPException(f"charset {charset!r} is not understood: send UTF-8", status_code=415)
    return b"".join([chunk async for chunk in raw_body(request, MAX_BODY)])


async def raw_body(request: Req, limit: int) -> AsyncIterator[bytes]:
    """A body as it comes.

    Raises:
        HTTPException: 415 when it is encoded, 413 when it is over the limit.
    """
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        message = f"content encoding {coding!r} is not understood: send the body as it is"
        raise HTTPException(message, status_code=415, headers={"Accept-Encoding": "identity"})
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else 0
    if size <= limit:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                break
            yield chunk
    if size > limit:
        raise HTTPException(f"the body is larger than {limit} bytes", status_code=413)
