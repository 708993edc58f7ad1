"""Runs `knowledge_index` nodes: each document read, cut and stored. One that fails stops none."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.chunking import Chunking
from runfold.contracts.events import Usage
from runfold.contracts.knowledge import Base, BaseSpec
from runfold.errors import Conflict, Failure, InvalidFile, InvalidRequest, NodeFailed, NotFound
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.knowledge_index import KIND, KnowledgeIndexConfig, read_chunking
from runfold.model_endpoints.pricing import shown_usage, total_of
from runfold.values.json_text import text_of
from runfold.values.knowledge_documents import Given, documents_of
from runfold_executor_data.knowledge.indexing import Indexed, index_text
from runfold_executor_data.knowledge.models import check_model, embedding_of
from runfold_executor_data.knowledge.reading import read
from runfold_executor_data.knowledge.resource import Knowledge, open_knowledge

_OWN_FAULT = (
    *("knowledge.document_empty", "knowledge.document_invalid", "knowledge.chunk_invalid"),
    *("knowledge.chunking_invalid", "knowledge.vector_invalid"),
    *("llm.context_length", "llm.content_filtered", "llm.refused", "llm.too_large"),
)
"""Codes of what may be a document's own fault, such as a passage that the embedding model does not
take: the next one may be indexed all the same."""
_OVERTAKEN = "knowledge.generation_gone"
_SHOWN = 5
"""Failures that a message names."""
_KEPT = 100
"""Failures among a failure's details."""


class _Told(msgspec.Struct):
    """What came of the documents so far."""

    documents: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    indexed: int = 0
    unchanged: int = 0
    chunks: int = 0
    usage: Usage | None = None
    errors: list[Failure] = []

    def add(self, one: Given, name: str, done: Indexed) -> None:
        """A document that can be found now."""
        status = "unchanged" if done.unchanged else "indexed"
        entry = {"id": one.id, "name": name, "status": status, "chunks": done.chunks}
        self.documents.append(entry)
        self.indexed += not done.unchanged
        self.unchanged += done.unchanged
        self.chunks += done.chunks
        self.usage = total_of(self.usage, done.usage)

    def fail(self, one: Given, name: str, failure: Failure) -> None:
        """A document that cannot be found, or only as it was before."""
        about = {"id": one.id, "name": name}
        error = {"code": failure.code, "message": failure.message}
        self.documents.append({**about, "status": "failed", "chunks": 0, "error": error})
        self.failed.append({**about, **error, "document": one.entry()})
        self.errors.append(failure)


async def run(ctx: NodeContext, config: KnowledgeIndexConfig, _inputs: dict[str, Any]) -> Outcome:
    """Index all documents."""
    knowledge: Knowledge = ctx.resource
    text = text_of(config.text)
    about = {"id": config.id, "name": config.name, "source": config.source}
    given = documents_of(
        text={**about, "text": text} if text.strip() else None,
        documents=config.documents,
        files=config.files,
        urls=config.urls,
        metadata=config.metadata,
    )
    chunking = read_chunking(config.chunking)
    base = await _base(knowledge, config)
    told = _Told()
    for one in given:
        await _index(ctx, knowledge, base, one, chunking, told)
        # The first vectors of a base say how long all of them are.
        if base.embedding is not None and not base.embedding.dims:
            base = await (await knowledge.store()).base(base.name)
    if told.failed and not config.keep_failed:
        raise _not_all(told, len(given))
    outputs = {
        "output": told.documents,
        "documents": told.documents,
        "count": len(given),
        "indexed": told.indexed,
        "unchanged": told.unchanged,
        "failed": told.failed,
        "chunks": told.chunks,
        "base": base.name,
        "usage": shown_usage(told.usage),
    }
    return Outcome(outputs, usage=told.usage)


NODE = NodeExecutor(KIND, run, open_on_bus=open_knowledge)


async def _base(knowledge: Knowledge, config: KnowledgeIndexConfig) -> Base:
    """The base, made when it is to be.

    Raises:
        NotFound: There is none.
        Conflict: `knowledge.model_mismatch`.
    """
    try:
        base = await (await knowledge.store()).base(config.base)
    except NotFound:
        if not config.create:
            raise
        model = config.embedding_model.strip()
        spec = BaseSpec(
            name=config.base,
            embedding=embedding_of(model, knowledge.settings) if model else None,
        )
        try:
            return await (await knowledge.store()).create_base(spec)
        except Conflict:  # somebody else made it a moment ago
            base = await (await knowledge.store()).base(config.base)
    check_model(base, config.embedding_model, knowledge.settings)
    return base


async def _index(
    ctx: NodeContext,
    knowledge: Knowledge,
    base: Base,
    one: Given,
    chunking: Chunking,
    told: _Told,
) -> None:
    """Index one document, or note why it cannot be.

    Raises:
        RunfoldError: What would keep every other document from being indexed, too.
    """
    name = one.name
    try:
        found = await read(ctx, knowledge, one)
    except (NodeFailed, InvalidFile) as error:
        told.fail(one, name or one.id, error.failure())
        return
    name = found.name
    named = msgspec.structs.replace(one, name=name, metadata=found.metadata)

    async def progress(done: int, total: int) -> None:
        await ctx.stream(f"{name}: {done}/{total}\n", kind="variable", name="progress")

    try:
        done = await index_text(knowledge, base, named, found.text, chunking, progress)
    except (NodeFailed, InvalidRequest) as error:
        if error.code not in _OWN_FAULT:
            raise
        told.fail(one, name, error.failure())
        return
    except Conflict as error:
        if error.code != _OVERTAKEN:
            raise
        # Somebody else indexed the document meanwhile: the next attempt finds which text counts.
        raise NodeFailed(error.message, code=error.code, kind="input", retryable=True) from error
    told.add(one, name, done)


def _not_all(told: _Told, count: int) -> NodeFailed:
    """The failure of a node that indexed some documents and not others."""
    named = "; ".join(f"{one['name']}: {one['message']}" for one in told.failed[:_SHOWN])
    more = f"; and {len(told.failed) - _SHOWN} more" if len(told.failed) > _SHOWN else ""
    message = (
        f"{len(told.failed)} of {count} documents were not indexed, the others are: {named}{more}"
    )
    return NodeFailed(
        message,
        code="knowledge.documents_failed",
        kind=told.errors[0].kind,
        retryable=any(error.retryable for error in told.errors),
        details={
            "failed": [
                {name: one[name] for name in ("id", "name", "code", "message")}
                for one in told.failed[:_KEPT]
            ],
            "indexed": told.indexed,
            "unchanged": told.unchanged,
        },
    )
