"""Files, as clients of Dify upload them and look at them."""

from __future__ import annotations

import time
from typing import Any

from litestar import Response, get, post

from runfold.bus.uploads import store_file
from runfold.conversations.limits import MAX_ID, checked_user_id
from runfold.errors import InvalidRequest
from runfold.values.files import FileValue
from runfold.values.media_types import UNKNOWN
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.dify_api.files import upload_id, uploaded
from runfold_gateway.dify_api.requests import invalid
from runfold_gateway.http.bodies import Req
from runfold_gateway.http.forms import Part, form_parts, is_form
from runfold_gateway.routes.files import sent_file

LONGEST_FIELD = 8 * MAX_ID
"""Bytes of a field of text that is read."""


@post("/files/upload", status_code=201, request_max_body_size=None)
async def upload_file(request: Req, workflow_id: str) -> dict[str, Any]:
    """Store the form's file; its id is sent in `files` or as an input."""
    backend = backend_of(request)
    await backend.definitions.runnable(workflow_id)  # a wrong base URL is told at once
    if not is_form(request):
        raise _no_file()
    stored, user = await _form(request, backend)
    return {
        "id": upload_id(stored),
        "name": stored.name,
        "size": stored.size,
        "extension": stored.extension,
        "mime_type": stored.media_type,
        "created_by": user,
        "created_at": int(time.time()),
        "preview_url": None,
    }


@get("/files/{file_id:str}/preview")
async def preview_file(request: Req, workflow_id: str, file_id: str) -> Response[Any]:
    """A file's bytes."""
    del workflow_id
    file = await uploaded(backend_of(request).bus.files, file_id)
    return await sent_file(request, file.sha256, file.name, request.headers.get("range", ""))


async def _form(request: Req, backend: Backend) -> tuple[FileValue, str]:
    """The file of a form, stored, and whose it is.

    Raises:
        InvalidRequest: There is no file, or more than one.
    """
    limit = backend.settings.file_limit
    stored: FileValue | None = None
    user = ""
    async for part in form_parts(request, limit):
        if part.name == "user":
            user = await _text(part)
        elif part.filename is not None or part.name == "file":
            if stored is not None:
                raise invalid("the form has more than one file: send one at a time")
            stored = await store_file(
                backend.bus.files,
                part.body,
                name=part.filename or "",
                media_type="" if part.media_type == UNKNOWN else part.media_type,
                limit=limit,
            )
    if stored is None:
        raise _no_file()
    return stored, checked_user_id(user)


async def _text(part: Part) -> str:
    body = b""
    async for piece in part.body:
        body += piece
        if len(body) > LONGEST_FIELD:
            raise invalid(f"the field {part.name!r} is longer than {LONGEST_FIELD} bytes")
    return body.decode(errors="replace")


def _no_file() -> InvalidRequest:
    message = "the form has no file: send multipart/form-data with a part `file`"
    return InvalidRequest(message, code="file.one_expected")


ROUTES = (upload_file, preview_file)
