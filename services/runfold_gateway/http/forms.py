"""Reads forms, `multipart/form-data`, part by part.

Nothing is collected here: a part's bytes are handed on as they come.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import NamedTuple, cast
from urllib.parse import unquote

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from runfold.errors import InvalidRequest
from runfold_gateway.http.bodies import MAX_BODY, Req, raw_body
from runfold_gateway.http.declared import FORM
from runfold_gateway.problems import BODY_INVALID

_EXTENDED = re.compile(
    r";\s*filename\*\s*=\s*\"?(utf-8|iso-8859-1)'[\w-]*'([\w.!#$&+^`|~%-]*)", re.IGNORECASE
)
MOST_PARTS = 1000
"""Parts of a form."""


class Part(NamedTuple):
    """One part of a form."""

    name: str
    filename: str | None
    """None: a field of text."""
    media_type: str
    """As it is said, without parameters; empty when it is not."""
    body: AsyncIterator[bytes]
    """To be read before the next part is asked for; what is left of it then is let go."""


def is_form(request: Req) -> bool:
    """Whether a body is a form with parts."""
    return request.content_type[0].strip().lower() == FORM


async def form_parts(request: Req, limit: int) -> AsyncIterator[Part]:
    """The parts of a form, one after the other.

    Args:
        request: The request.
        limit: Bytes of all files together.

    Raises:
        InvalidRequest: It is not a whole form.
        HTTPException: 413 and 415, as `raw_body`.
    """
    events = _events(request, limit + MAX_BODY)
    async for event in events:
        if isinstance(event, MultipartSegment):
            body = _body(events)
            yield Part(event.name or "", _filename(event), event.content_type or "", body)
            async for _ in body:
                pass


def _filename(segment: MultipartSegment) -> str | None:
    """The name of a part's file: the extended one where there is one, as .NET writes both."""
    said = segment.header("Content-Disposition", "")
    found = _EXTENDED.search(said)
    if found is None:
        return cast("str | None", segment.filename)
    try:
        return unquote(found[2], encoding=found[1], errors="strict")
    except (UnicodeDecodeError, LookupError):
        return segment.filename or "file"


async def _body(
    events: AsyncIterator[MultipartSegment | bytes | None],
) -> AsyncIterator[bytes]:
    async for event in events:
        if not isinstance(event, bytes | bytearray):
            return
        yield bytes(event)


async def _events(
    request: Req, limit: int
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    try:
        boundary = request.content_type[1].get("boundary", "").strip('"')
        parser = PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
        async for chunk in raw_body(request, limit):
            for event in parser.parse(chunk):
                yield event
        parser.close()
    except (MultipartError, ValueError, LookupError) as error:
        message = f"the form cannot be read: {error}"
        raise InvalidRequest(message, code=BODY_INVALID) from error
