"""Knowledge bases as clients see them: questions to the data executors, and jobs that index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.client.knowledge_job import job_request
from runfold.contracts.knowledge import Base, Embedding, Mode, Page, StoredDocument
from runfold.contracts.knowledge_queries import (
    LONGEST,
    AnyAsked,
    CreateBase,
    DeleteBase,
    DeleteDocuments,
    GetBase,
    GetDocument,
    KnowledgeAnswer,
    ListBases,
    ListDocuments,
    Question,
    Search,
)
from runfold.contracts.queries import KNOWLEDGE
from runfold.contracts.requests import RunRequest
from runfold.errors import BusUnavailable, InvalidRequest, NotFound
from runfold.values.files import FileValue
from runfold.values.knowledge_documents import FILE_SOURCE, MOST_DOCUMENTS

ANSWERED_WITHIN = 60.0
"""Seconds: a search may ask two models."""
PAGE = 200
_OF_THE_QUERY = frozenset(
    ("llm.context_length", "llm.content_filtered", "llm.refused", "llm.too_large")
)
"""Codes of a model's server that finds fault with what it was given: asking again is of no use."""


class Knowledge:
    """What is done with knowledge bases.

    Every method raises `NotFound` for a base that there is not, and `BusUnavailable` when no data
    executor answers.

    Args:
        bus: The bus.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def create(self, name: str, description: str = "", embedding_model: str = "") -> Base:
        """Make a base.

        Raises:
            Conflict: `knowledge.base_exists`.
            InvalidRequest: `knowledge.base_invalid`; `llm.not_configured` for a model without a
                server.
        """
        asked = CreateBase(name=name, description=description, embedding_model=embedding_model)
        return _there((await self._ask(asked)).base)

    async def bases(self, page: Page) -> KnowledgeAnswer:
        """A page of all bases, by name."""
        return await self._ask(ListBases(page=page))

    async def base(self, name: str) -> Base:
        """A base with its numbers of documents and chunks."""
        return _there((await self._ask(GetBase(name=name))).base)

    async def delete(self, name: str) -> None:
        """Remove a base with all that is in it."""
        await self._ask(DeleteBase(name=name))

    async def documents(self, base: str, page: Page, filter: Any = None) -> KnowledgeAnswer:  # noqa: A002 -- the field's name
        """A page of a base's documents, by id."""
        return await self._ask(ListDocuments(base=base, page=page, filter=filter))

    async def document(self, base: str, document: str, page: Page) -> KnowledgeAnswer:
        """A document with a page of its chunks."""
        return await self._ask(GetDocument(base=base, id=document, page=page))

    async def delete_documents(
        self,
        base: str,
        ids: Sequence[str] | None,
        filter: Any = None,  # noqa: A002 -- the field's name
    ) -> int:
        """Remove documents; returns how many there were."""
        wanted = None if ids is None else tuple(ids)
        return (await self._ask(DeleteDocuments(base=base, ids=wanted, filter=filter))).count

    async def search(
        self,
        bases: Sequence[str],
        query: str,
        *,
        mode: Mode | None = None,
        top_k: int = 5,
        score_threshold: float = 0.0,
        filter: Any = None,  # noqa: A002 -- the field's name
        rerank: bool = False,
        rerank_model: str = "",
    ) -> list[dict[str, Any]]:
        """The passages that bear on a query, best first, as a `knowledge_retrieve` node has them.

        Raises:
            InvalidRequest: `knowledge.no_vectors`, `knowledge.query_invalid`,
                `knowledge.filter_invalid`.
            InvalidRequest: `llm.…`: a model does not take the query, as one that is too long.
            BusUnavailable: A model's server does not answer; the code is its failure's.
        """
        asked = Search(
            bases=tuple(bases),
            query=query,
            mode=mode or "",
            top_k=top_k,
            score_threshold=score_threshold,
            filter=filter,
            rerank=rerank,
            rerank_model=rerank_model,
        )
        answer = await self._ask(asked)
        if (failure := answer.error) is not None:
            if failure.code in _OF_THE_QUERY:
                raise InvalidRequest(failure.message, code=failure.code, details=failure.details)
            raise BusUnavailable(failure.message, code=failure.code, details=failure.details)
        return list(answer.found)

    async def reindexing(
        self,
        base: str,
        *,
        into: str = "",
        embedding_model: str = "",
        chunking: dict[str, Any] | None = None,
        filter: Any = None,  # noqa: A002 -- the field's name
    ) -> tuple[RunRequest, list[str]]:
        """The job that indexes a base's documents again, from what they were read from.

        Args:
            base: Whose documents.
            into: The base that they go into; empty: the same.
            embedding_model: With `into`, the model of a base that is made for it; empty: the same.
            chunking: How they are cut.
            filter: Only documents that fit.

        Returns:
            The request, and the ids of documents whose text is kept nowhere but in their chunks.

        Raises:
            InvalidRequest: `knowledge.input_invalid`, also when there is none to index.
        """
        entries: list[dict[str, Any]] = []
        left: list[str] = []
        async for document in self._all(base, filter):
            entry = await self._entry(document)
            if entry is None:
                left.append(document.id)
                continue
            entries.append(entry)
            if len(entries) > MOST_DOCUMENTS:
                message = (
                    f"base {base!r} has over {MOST_DOCUMENTS} documents, and a job indexes as many "
                    "at most: choose a part of them by a filter"
                )
                raise InvalidRequest(message, code="knowledge.input_invalid")
        if not entries:
            message = (
                f"base {base!r} has no document that was a file or a URL: texts are kept nowhere "
                "else, so index them again from where you have them"
            )
            raise InvalidRequest(message, code="knowledge.input_invalid")
        create = bool(into) and not await self._is_there(into)
        if create and not embedding_model:
            embedding_model = _name_of((await self.base(base)).embedding)
        request = job_request(
            into or base,
            entries,
            create=create,
            embedding_model=embedding_model,
            chunking=chunking,
        )
        return request, left

    async def _is_there(self, base: str) -> bool:
        try:
            await self.base(base)
        except NotFound:
            return False
        return True

    async def _all(self, base: str, wanted: Any) -> AsyncIterator[StoredDocument]:
        cursor = ""
        while True:
            page = await self.documents(base, Page(limit=PAGE, cursor=cursor), wanted)
            for document in page.documents:
                yield document
            if not (cursor := page.next_cursor):
                return

    async def _entry(self, document: StoredDocument) -> dict[str, Any] | None:
        """A document as an entry of a job; None when its text is kept nowhere else."""
        about = {"id": document.id, "name": document.name, "metadata": document.metadata}
        # Where a text is from is not where it can be got: it may be behind a login.
        origin = document.source if document.origin is None else document.origin
        if origin == "url" or origin.startswith(("http://", "https://")):
            return {**about, "url": document.source}
        if not origin.startswith(FILE_SOURCE):
            return None
        if document.source != origin:
            about["source"] = document.source
        sha256 = origin.removeprefix(FILE_SOURCE)
        stored = await self._bus.files.find(sha256)
        if stored is None:
            message = (
                f"the bytes of document {document.id!r} are not kept any more: upload the file "
                "again, or leave the document out by a filter"
            )
            raise NotFound(message, code="file.not_found", details={"file": sha256})
        file = FileValue(sha256, stored.name, stored.media_type, stored.size)
        return {**about, "file": file.value()}

    async def _ask(self, asked: AnyAsked) -> KnowledgeAnswer:
        question = msgspec.json.encode(Question(asked))
        if len(question) > LONGEST:
            message = f"the question has {len(question)} bytes, and {LONGEST} is the most"
            raise InvalidRequest(message, code="knowledge.query_invalid")
        body = await self._bus.query(KNOWLEDGE, question, timeout=ANSWERED_WITHIN)
        return msgspec.json.decode(body, type=KnowledgeAnswer)


def _name_of(embedding: Embedding | None) -> str:
    """A model as settings and workflows name it; empty for none."""
    if embedding is None:
        return ""
    return f"{embedding.provider}/{embedding.model}" if embedding.provider else embedding.model


def _there(base: Base | None) -> Base:
    if base is None:
        raise _other_version("base")
    return base


def document_there(answer: KnowledgeAnswer) -> StoredDocument:
    """The document of an answer to `GetDocument`. Raises `BusUnavailable` when it has none."""
    if answer.document is None:
        raise _other_version("document")
    return answer.document


def _other_version(what: str) -> BusUnavailable:
    message = f"the data executor answered without the {what}: it is of another version"
    return BusUnavailable(message, code="knowledge.unavailable")
