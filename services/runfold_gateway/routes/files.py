"""Files: their bytes on the way in and out."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Stream

from runfold.bus.ports.files import StoredFile, unknown_file
from runfold.bus.uploads import store_file
from runfold.client.files import FileList, listed_files
from runfold.contracts import queries as q
from runfold.errors import InvalidFile, InvalidRequest
from runfold.values.files import FileValue, clean_name, is_sha256
from runfold.values.media_types import UNKNOWN
from runfold_gateway.backend import Backend, backend_of
from runfold_gateway.documents.files import FileDocument, file_document
from runfold_gateway.http.bodies import Req, raw_body
from runfold_gateway.http.declared import BYTES, FORM, Body, Success, declare
from runfold_gateway.http.forms import form_parts, is_form
from runfold_gateway.http.head import is_head
from runfold_gateway.http.links import link_to

UNDECLARED = ("", "application/x-www-form-urlencoded", UNKNOWN)
"""Media types of raw bodies that say nothing; the second is what curl says of all."""
ANY_MEDIA = (UNKNOWN, "*/*")
"""The first for generators of clients, which take no others for bytes."""
RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})|bytes=-(\d{1,18})")
FILE_FORM = {"type": "object", "properties": {"file": BYTES}, "required": ["file"]}
ACCEPTED = (
    ("Content-Disposition", "The name to save it under"),
    ("Accept-Ranges", "Parts can be asked for"),
)


@post(
    "/files",
    operation_id="uploadFile",
    opt=declare(
        body=Body(
            FileDocument,
            "The bytes as they are, with their media type; or a form with one file.",
            media=(),
            others=((UNKNOWN, BYTES), (FORM, FILE_FORM)),
        ),
    ),
    tags=["files"],
    request_max_body_size=None,
)
async def upload_file(
    request: Req,
    name: Annotated[str, Parameter(description="The file's name, for a raw body.")] = "",
) -> Response[FileDocument]:
    """Store a file; the answer is the value that stands for it in inputs.

    The media type is the declared one, or found by the bytes and the name. What nothing names
    within `RUNFOLD_FILE_EXPIRY` seconds is removed.
    """
    backend = backend_of(request)
    limit = backend.settings.file_limit
    if is_form(request):
        stored = await _file_of_form(request, backend)
    else:
        declared = request.content_type[0].strip().lower()
        stored = await store_file(
            backend.bus.files,
            raw_body(request, limit),
            name=name,
            media_type="" if declared in UNDECLARED else declared,
            limit=limit,
        )
    location = {"Location": link_to("files", stored.sha256)}
    return Response(file_document(stored), status_code=201, headers=location)


async def _file_of_form(request: Req, backend: Backend) -> FileValue:
    limit = backend.settings.file_limit
    stored: FileValue | None = None
    async for part in form_parts(request, limit):
        if stored is not None:
            message = "the form has more than one part: send one file at a time"
            raise InvalidRequest(message, code="file.one_expected")
        stored = await store_file(
            backend.bus.files,
            part.body,
            name=part.filename or "",
            media_type="" if part.media_type in UNDECLARED else part.media_type,
            limit=limit,
        )
    if stored is None:
        message = "the form has no file: send one part, as curl does with -F file=@report.pdf"
        raise InvalidRequest(message, code="file.one_expected")
    return stored


@get("/files", operation_id="listFiles", tags=["files"])
async def list_files(
    request: Req, cursor: str = "", limit: Annotated[int, Parameter(ge=1, le=q.MAX_LIMIT)] = 50
) -> FileList:
    """Files whose bytes are there, the one that was stored or touched last first."""
    return await listed_files(backend_of(request).bus.files, limit=limit, cursor=cursor)


@get(
    "/files/{file_id:str}",
    operation_id="downloadFile",
    opt=declare(
        Success(200, bytes, media=ANY_MEDIA, description="The bytes", headers=ACCEPTED),
        Success(
            206,
            bytes,
            media=ANY_MEDIA,
            description="The bytes that were asked for",
            headers=(*ACCEPTED, ("Content-Range", "Which of them")),
        ),
        problems=(416,),
    ),
    tags=["files"],
)
async def download_file(
    request: Req,
    file_id: str,
    name: Annotated[str, Parameter(description="The name to save it under.")] = "",
    ranges: Annotated[
        str, Parameter(header="Range", description="One range of bytes: `bytes=0-99`.")
    ] = "",
) -> Response[Any]:
    """A file's bytes, to be saved: whole, or a part of them.

    The media type is that of its last upload.
    """
    return await sent_file(request, file_id, name, ranges)


async def sent_file(request: Req, file_id: str, name: str, ranges: str) -> Response[Any]:
    """The answer with a file's bytes.

    Raises:
        NotFound: There is none.
        InvalidFile: `file.range`: it has no such bytes.
    """
    files = backend_of(request).bus.files
    found = await files.find(file_id) if is_sha256(file_id) else None
    if found is None:
        raise unknown_file(file_id[:80])
    begin, end = _asked(ranges, found)
    size = end - begin
    headers = {
        "Content-Disposition": _disposition(clean_name(name) if name else found.name),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Length": str(size),
    }
    status = 200
    if size != found.size:
        status = 206
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{found.size}"
    wanted = 0 if is_head(request.scope) else size
    body = _part(files.read(file_id, skip=begin), wanted)
    # As a header: a charset would be added to a media type, and it may not be the file's.
    headers["Content-Type"] = found.media_type or UNKNOWN
    return Stream(body, status_code=status, headers=headers)


def _asked(ranges: str, found: StoredFile) -> tuple[int, int]:
    """The first byte that is asked for, and the one after the last.

    Raises:
        InvalidFile: `file.range`: there are no such bytes.
    """
    wanted = RANGE.fullmatch(ranges.strip())
    if wanted is None:
        return 0, found.size  # a unit or a form that is not taken is left aside, as HTTP says
    first, last, suffix = wanted.groups()
    if suffix is not None:
        begin, end = max(0, found.size - int(suffix)), found.size
    else:
        begin, end = int(first), min(int(last or found.size) + 1, found.size)
    if begin >= end:
        message = f"the file has {found.size} bytes, and none in {ranges[:80]!r}"
        details = {"size": found.size}
        raise InvalidFile(message, code="file.range", details=details)
    return begin, end


async def _part(pieces: AsyncGenerator[bytes, None], left: int) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        while left > 0 and (piece := await anext(pieces, b"")):
            yield piece[:left]
            left -= len(piece)


def _disposition(name: str) -> str:
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


ROUTES = (upload_file, list_files, download_file)
