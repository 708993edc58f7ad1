"""Knowledge bases: made, looked at, searched, filled and emptied."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.params import Parameter

from runfold.bus.uploads import store_file
from runfold.client.knowledge import document_there
from runfold.client.knowledge_job import WORKFLOW, job_request
from runfold.contracts.knowledge import Base, Page
from runfold.contracts.requests import RunRequest
from runfold.contracts.whole_text import whole_text
from runfold.errors import InvalidRequest
from runfold.values.files import FileValue
from runfold.values.media_types import UNKNOWN
from runfold_gateway.backend import backend_of
from runfold_gateway.documents.knowledge import (
    BaseList,
    ChunkList,
    Deleted,
    DocumentList,
    IndexAccepted,
    NewBase,
    Passages,
    ToDelete,
    ToIndex,
    ToReindex,
    ToSearch,
)
from runfold_gateway.http.bodies import Req, raw_body
from runfold_gateway.http.declared import BYTES, FORM, LOCATION, Body, Success, declare
from runfold_gateway.http.forms import form_parts, is_form
from runfold_gateway.http.leaving import left
from runfold_gateway.http.links import link_to
from runfold_gateway.routes.files import FILE_FORM, UNDECLARED
from runfold_gateway.routes.starting import MAX_WAIT

Limit = Annotated[int, Parameter(ge=1, le=200, description="Entries of a page.")]
Wait = Annotated[
    float, Parameter(ge=0, le=MAX_WAIT, description="Seconds to wait for the run's end.")
]
Cursor = Annotated[str, Parameter(description="`next_cursor` of the page before.")]
LONGEST_CURSOR = 2000
"""Characters of a cursor, which is the name or the place that a page ended with."""
ACCEPTED = Success(202, IndexAccepted, headers=(LOCATION,))


def page_of(limit: int, cursor: str) -> Page:
    """A page from a cursor on.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    if len(cursor) > LONGEST_CURSOR or "\0" in cursor or whole_text(cursor) != cursor:
        message = f"invalid cursor {cursor[:80]!r}: use next_cursor of the previous page"
        raise InvalidRequest(message, code="cursor.invalid")
    return Page(limit=limit, cursor=cursor)


@post(
    "/knowledge",
    operation_id="createKnowledgeBase",
    opt=declare(headers=(LOCATION,), problems=(409,)),
    tags=["knowledge"],
)
async def create_base(request: Req, data: NewBase) -> Response[Base]:
    """Make a knowledge base. Its embedding model is for good: vectors of two models never mix."""
    knowledge = backend_of(request).knowledge
    made = await knowledge.create(data.name, data.description, data.embedding_model)
    return Response(made, headers={"Location": link_to("knowledge", made.name)})


@get("/knowledge", operation_id="listKnowledgeBases", tags=["knowledge"])
async def list_bases(request: Req, limit: Limit = 50, cursor: Cursor = "") -> BaseList:
    """A page of knowledge bases, by name."""
    found = await backend_of(request).knowledge.bases(page_of(limit, cursor))
    return BaseList(list(found.bases), found.next_cursor)


@get("/knowledge/{base:str}", operation_id="getKnowledgeBase", tags=["knowledge"])
async def get_base(request: Req, base: str) -> Base:
    """A knowledge base with its numbers of documents and chunks."""
    return await backend_of(request).knowledge.base(base)


@delete(
    "/knowledge/{base:str}",
    operation_id="deleteKnowledgeBase",
    status_code=204,
    tags=["knowledge"],
)
async def delete_base(request: Req, base: str) -> None:
    """Delete a knowledge base with all that is in it."""
    await backend_of(request).knowledge.delete(base)


@get("/knowledge/{base:str}/documents", operation_id="listKnowledgeDocuments", tags=["knowledge"])
async def list_documents(
    request: Req, base: str, limit: Limit = 50, cursor: Cursor = ""
) -> DocumentList:
    """A page of the documents that can be found, by id."""
    page = page_of(limit, cursor)
    found = await backend_of(request).knowledge.documents(base, page)
    return DocumentList(list(found.documents), found.next_cursor)


@get("/knowledge/{base:str}/chunks", operation_id="getKnowledgeChunks", tags=["knowledge"])
async def get_chunks(
    request: Req,
    base: str,
    document: Annotated[str, Parameter(description="The document's id.")],
    limit: Limit = 50,
    cursor: Cursor = "",
) -> ChunkList:
    """A document with a page of the chunks that it was cut into."""
    page = page_of(limit, cursor)
    found = await backend_of(request).knowledge.document(base, document, page)
    return ChunkList(document_there(found), list(found.chunks), found.next_cursor)


@post(
    "/knowledge/{base:str}/documents",
    operation_id="indexKnowledgeDocuments",
    status_code=202,
    opt=declare(ACCEPTED),
    tags=["knowledge", "runs"],
)
async def index_documents(
    request: Req, base: str, data: ToIndex, wait: Wait = 0.0
) -> Response[IndexAccepted]:
    """Index documents: a run, that is watched, cancelled and retried like any other.

    A document with the id of one that is there replaces it, once all of it is indexed; the same
    content again changes nothing.
    """
    backend = backend_of(request)
    await backend.knowledge.base(base)
    documents = [*data.documents, *({"url": url} for url in data.urls)]
    asked = job_request(base, documents, metadata=data.metadata, chunking=data.chunking)
    return await _begun(request, asked, wait)


@post(
    "/knowledge/{base:str}/files",
    operation_id="uploadKnowledgeFile",
    status_code=202,
    opt=declare(
        ACCEPTED,
        body=Body(
            IndexAccepted,
            "The bytes as they are, with their media type; or a form with files.",
            media=(),
            others=((UNKNOWN, BYTES), (FORM, FILE_FORM)),
        ),
    ),
    tags=["knowledge", "files", "runs"],
    request_max_body_size=None,
)
async def upload_file(
    request: Req,
    base: str,
    name: Annotated[str, Parameter(description="The file's name, for a raw body.")] = "",
    wait: Wait = 0.0,
) -> Response[IndexAccepted]:
    """Store files and index them, each under its name; one without a name under its hash."""
    backend = backend_of(request)
    await backend.knowledge.base(base)
    limit = backend.settings.file_limit
    files: list[dict[str, Any]] = []
    if is_form(request):
        async for part in form_parts(request, limit):
            stored = await store_file(
                backend.bus.files,
                part.body,
                name=part.filename or "",
                media_type="" if part.media_type in UNDECLARED else part.media_type,
                limit=limit,
            )
            files.append(_uploaded(stored, part.filename or ""))
    else:
        declared = request.content_type[0].strip().lower()
        stored = await store_file(
            backend.bus.files,
            raw_body(request, limit),
            name=name,
            media_type="" if declared in UNDECLARED else declared,
            limit=limit,
        )
        files.append(_uploaded(stored, name))
    return await _begun(request, job_request(base, files), wait)


@post(
    "/knowledge/{base:str}/reindex",
    operation_id="reindexKnowledge",
    status_code=202,
    opt=declare(ACCEPTED),
    tags=["knowledge", "runs"],
)
async def reindex(
    request: Req, base: str, data: ToReindex, wait: Wait = 0.0
) -> Response[IndexAccepted]:
    """Index documents again that were files or URLs: cut otherwise, or into another base.

    URLs are got anew. Texts are kept nowhere but in their chunks: their ids are in `left`.
    """
    backend = backend_of(request)
    if data.embedding_model and not data.into:
        message = "a base keeps its embedding model: name another base in `into`"
        raise InvalidRequest(message, code="knowledge.model_mismatch")
    asked, left_out = await backend.knowledge.reindexing(
        base,
        into=data.into,
        embedding_model=data.embedding_model,
        chunking=data.chunking,
        filter=data.filter,
    )
    return await _begun(request, asked, wait, left_out)


@post(
    "/knowledge/{base:str}/delete",
    operation_id="deleteKnowledgeDocuments",
    status_code=200,
    tags=["knowledge"],
)
async def delete_documents(request: Req, base: str, data: ToDelete) -> Deleted:
    """Delete documents by their ids, by a filter on their metadata, or by both together."""
    knowledge = backend_of(request).knowledge
    return Deleted(await knowledge.delete_documents(base, data.ids, data.filter))


@post(
    "/knowledge/{base:str}/search",
    operation_id="searchKnowledge",
    status_code=200,
    tags=["knowledge"],
)
async def search(request: Req, base: str, data: ToSearch) -> Passages:
    """Look for passages, as a `knowledge_retrieve` node does. None for an empty query."""
    found = await backend_of(request).knowledge.search(
        [base, *data.also],
        data.query,
        mode=data.mode,
        top_k=data.top_k,
        score_threshold=data.score_threshold,
        filter=data.filter,
        rerank=data.rerank,
        rerank_model=data.rerank_model,
    )
    return Passages(found)


def _uploaded(stored: FileValue, named: str) -> dict[str, Any]:
    """A file that was uploaded, as a document: its name is its id, if it was given one."""
    return {"file": stored.value(), **({"id": stored.name} if named.strip() else {})}


async def _begun(
    request: Req, asked: RunRequest, wait: float, left_out: list[str] | None = None
) -> Response[IndexAccepted]:
    backend = backend_of(request)
    run_id = await backend.start(asked, asked_version="")
    ended = await backend.ended(run_id, wait, left(request)) if wait else None
    status = ended.status if ended is not None else "running"
    count = len(asked.inputs["documents"])
    accepted = IndexAccepted(run_id, WORKFLOW, count, status, left_out or [])
    location = {"Location": link_to("runs", run_id)}
    return Response(accepted, status_code=202, headers=location)


ROUTES = (
    create_base,
    list_bases,
    get_base,
    delete_base,
    list_documents,
    get_chunks,
    index_documents,
    upload_file,
    reindex,
    delete_documents,
    search,
)
