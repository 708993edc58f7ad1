"""Indexes one document: cut, its vectors made, stored as a whole or not at all.

What an interrupted indexing had stored is not made again: chunks are known by their ids.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import msgspec

from runfold.contracts.chunking import Chunking
from runfold.contracts.events import Usage
from runfold.contracts.knowledge import Base, Chunk, Document, Generation
from runfold.errors import NodeFailed
from runfold.failpoints import failpoint
from runfold.model_endpoints.embeddings import batches
from runfold.model_endpoints.pricing import total_of
from runfold.values.knowledge_documents import Given
from runfold_executor_data.knowledge.models import vectors_of
from runfold_executor_data.knowledge.resource import Knowledge
from runfold_executor_data.knowledge.store import MOST_ADDED

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many chunks are stored, and of how many."""


class Indexed(msgspec.Struct, frozen=True):
    """What came of one document."""

    chunks: int
    unchanged: bool
    usage: Usage | None = None


async def index_text(
    knowledge: Knowledge,
    base: Base,
    given: Given,
    text: str,
    chunking: Chunking,
    progress: Progress,
) -> Indexed:
    """Index a document's text.

    Args:
        knowledge: The store, and the models' clients.
        base: The base, as it is stored.
        given: What the document is called.
        text: Its text.
        chunking: How it is cut.
        progress: Told after each batch.

    Raises:
        NodeFailed: `knowledge.document_empty`; what the model's server did wrong.
        RunfoldError: What the store refuses.
    """
    from runfold_executor_data.knowledge.chunking.cutting import VERSION, chunks_of  # of the extra

    chunks = await asyncio.to_thread(chunks_of, given.id, text, chunking)
    if not chunks:
        message = f"document {given.name!r} has no text: there is nothing to find in it"
        raise NodeFailed(message, code="knowledge.document_empty", kind="input")
    document = Document(
        id=given.id,
        name=given.name,
        sha256=_hash(text, chunking, VERSION),
        source=given.source,
        metadata=given.metadata,
        origin=given.origin(),
    )
    store = await knowledge.store()
    generation = await store.begin(base.name, document, base.embedding)
    searched = sum(not chunk.encloses for chunk in chunks)
    if generation.unchanged:
        return Indexed(searched, unchanged=True)
    there = await store.have(generation)
    if not there <= {chunk.id for chunk in chunks}:
        # Its beginning was cut by another version of the splitter: what is left does not fit it.
        await store.abandon(generation)
        generation = await store.begin(base.name, document, base.embedding)
        there = await store.have(generation)
    missing = [chunk for chunk in chunks if chunk.id not in there]
    await _add_enclosing(knowledge, base, generation, missing)
    usage = await _add_searched(
        knowledge,
        base,
        generation,
        [one for one in missing if not one.encloses],
        searched,
        progress,
    )
    failpoint("knowledge.added")
    await store.finish(generation, chunks=len(chunks))
    failpoint("knowledge.finished")
    return Indexed(searched, unchanged=False, usage=usage)


def _hash(text: str, chunking: Chunking, version: int) -> str:
    """Of all that the chunks follow from."""
    digest = hashlib.sha256(msgspec.json.encode((version, chunking.sized())))
    digest.update(b"\0")
    digest.update(text.encode(errors="surrogatepass"))
    return digest.hexdigest()


async def _add_enclosing(
    knowledge: Knowledge, base: Base, generation: Generation, missing: list[Chunk]
) -> None:
    enclosing = [chunk for chunk in missing if chunk.encloses]
    none = None if base.embedding is None else ()
    for at in range(0, len(enclosing), MOST_ADDED):
        await (await knowledge.store()).add(generation, enclosing[at : at + MOST_ADDED], none)


async def _add_searched(
    knowledge: Knowledge,
    base: Base,
    generation: Generation,
    missing: list[Chunk],
    total: int,
    progress: Progress,
) -> Usage | None:
    """Store the chunks that searches find, a request to the model at a time."""
    done = total - len(missing)
    used: Usage | None = None
    if base.embedding is None:
        for at in range(0, len(missing), MOST_ADDED):
            part = missing[at : at + MOST_ADDED]
            await (await knowledge.store()).add(generation, part, None)
            done += len(part)
            failpoint("knowledge.batch")
            await progress(done, total)
        return None
    at = 0
    for texts in batches([chunk.text for chunk in missing]):
        part = missing[at : at + len(texts)]
        at += len(texts)
        async for batch in vectors_of(knowledge, base.embedding, texts):
            used = total_of(used, batch.usage)
            await (await knowledge.store()).add(generation, part, batch.vectors)
        done += len(part)
        failpoint("knowledge.batch")
        await progress(done, total)
    return used
