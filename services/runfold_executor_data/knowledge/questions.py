"""Answers `runfold.query.knowledge`: what clients ask about bases, and small changes to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from runfold.contracts import knowledge_queries as kq
from runfold.contracts.json_reader import read_json
from runfold.contracts.knowledge import BaseSpec, Page
from runfold.contracts.queries import KNOWLEDGE
from runfold.errors import InvalidRequest, NodeFailed, PayloadTooLarge, Undecodable
from runfold.executor.node import QueryExecutor
from runfold_executor_data.knowledge import retrieve
from runfold_executor_data.knowledge.models import embedding_of
from runfold_executor_data.knowledge.resource import Knowledge
from runfold_executor_data.knowledge.retrieving import Asked, found

_Paged = Callable[[Page], Awaitable[kq.KnowledgeAnswer]]


async def answered(knowledge: Knowledge, body: bytes) -> bytes:
    """The answer to a question.

    Raises:
        InvalidRequest: `query.invalid`, and what the store refuses.
        NotFound: There is no such base or document.
        Conflict: `knowledge.base_exists`.
        PayloadTooLarge: `knowledge.answer_too_large`.
    """
    try:
        asked = read_json(body, kq.Question).asked
    except Undecodable as error:
        message = f"not a question: {error.message}"
        raise InvalidRequest(message, code="query.invalid") from error
    match asked:
        case kq.CreateBase():
            return _encoded(await _created(knowledge, asked))
        case kq.GetBase():
            return _encoded(
                kq.KnowledgeAnswer(base=await (await knowledge.store()).base(asked.name))
            )
        case kq.DeleteBase():
            await (await knowledge.store()).delete_base(asked.name)
            return _encoded(kq.KnowledgeAnswer())
        case kq.DeleteDocuments():
            count = await (await knowledge.store()).delete_documents(
                asked.base, asked.ids, asked.filter
            )
            return _encoded(kq.KnowledgeAnswer(count=count))
        case kq.Search():
            return _encoded(await _searched(knowledge, asked))
        case kq.ListBases() | kq.ListDocuments() | kq.GetDocument():
            return await _page(_paged(knowledge, asked), asked.page)


QUERY = QueryExecutor(KNOWLEDGE, retrieve.NODE, answered)


async def _created(knowledge: Knowledge, asked: kq.CreateBase) -> kq.KnowledgeAnswer:
    model = asked.embedding_model.strip()
    try:
        embedding = embedding_of(model, knowledge.settings) if model else None
    except NodeFailed as error:  # the asker named a model that has no server
        raise InvalidRequest(error.message, code=error.code, details=error.details) from error
    spec = BaseSpec(name=asked.name, description=asked.description, embedding=embedding)
    return kq.KnowledgeAnswer(base=await (await knowledge.store()).create_base(spec))


async def _searched(knowledge: Knowledge, asked: kq.Search) -> kq.KnowledgeAnswer:
    wanted = Asked(
        query=asked.query,
        bases=asked.bases,
        mode=asked.mode or None,
        top_k=asked.top_k,
        score_threshold=asked.score_threshold,
        filter=asked.filter,
        rerank=asked.rerank,
        rerank_model=asked.rerank_model,
    )
    try:
        result = await found(knowledge, wanted)
    except NodeFailed as error:
        return kq.KnowledgeAnswer(error=error.failure())
    return kq.KnowledgeAnswer(found=tuple(result.documents))


def _paged(knowledge: Knowledge, asked: kq.ListBases | kq.ListDocuments | kq.GetDocument) -> _Paged:
    """What gives a page of a list."""

    async def page_of(page: Page) -> kq.KnowledgeAnswer:
        store = await knowledge.store()
        match asked:
            case kq.ListBases():
                bases = await store.bases(page)
                return kq.KnowledgeAnswer(bases=bases.items, next_cursor=bases.next_cursor)
            case kq.ListDocuments():
                listed = await store.documents(asked.base, page, asked.filter)
                return kq.KnowledgeAnswer(documents=listed.items, next_cursor=listed.next_cursor)
            case kq.GetDocument():
                document = await store.document(asked.base, asked.id)
                chunks = await store.chunks(asked.base, asked.id, page)
                return kq.KnowledgeAnswer(
                    document=document, chunks=chunks.items, next_cursor=chunks.next_cursor
                )

    return page_of


async def _page(page_of: _Paged, page: Page) -> bytes:
    """As much of a page as fits one message.

    Raises:
        PayloadTooLarge: `knowledge.answer_too_large`, when a single entry does not.
    """
    while True:
        answer = msgspec.json.encode(await page_of(page))
        if len(answer) <= kq.MOST_ANSWER or page.limit <= 1:
            return _small(answer)
        page = msgspec.structs.replace(page, limit=page.limit // 2)


def _encoded(answer: kq.KnowledgeAnswer) -> bytes:
    return _small(msgspec.json.encode(answer))


def _small(answer: bytes) -> bytes:
    if len(answer) > kq.MOST_ANSWER:
        message = (
            f"what was found has {len(answer)} bytes, and one answer has at most {kq.MOST_ANSWER}: "
            "ask for fewer"
        )
        raise PayloadTooLarge(message, code="knowledge.answer_too_large")
    return answer
