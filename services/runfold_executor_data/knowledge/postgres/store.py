"""The store in PostgreSQL: `KnowledgeStore` on tables, HNSW and GIN."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar

from runfold.contracts.knowledge import (
    Base,
    Bases,
    BaseSpec,
    Chunk,
    Chunks,
    Document,
    Documents,
    Embedding,
    Generation,
    Hit,
    Page,
    Query,
    StoredDocument,
)
from runfold.values.metadata_filters import Filter, parse_filter
from runfold_executor_data.knowledge import checks
from runfold_executor_data.knowledge.asking import asked_of
from runfold_executor_data.knowledge.fusing import Candidates, hits_of
from runfold_executor_data.knowledge.postgres import bases as bases_of
from runfold_executor_data.knowledge.postgres import documents, indexing
from runfold_executor_data.knowledge.postgres.bases import Entry
from runfold_executor_data.knowledge.postgres.candidates import candidates
from runfold_executor_data.knowledge.postgres.connections import (
    Connection,
    Connections,
    TableGone,
)
from runfold_executor_data.knowledge.staging import worded
from runfold_executor_data.knowledge.store import Vector
from runfold_executor_data.knowledge.vectors import Rows, rows_of

Result = TypeVar("Result")
Work = Callable[[Connection, Entry], Awaitable[Result]]


class PostgresStore:
    """Knowledge in a database.

    Args:
        url: Of the database.
        connections: Connections at a time.
        exact: Whether searches compare all vectors, without the index: a measure of what it leaves
            out.
    """

    def __init__(self, url: str, connections: int, *, exact: bool = False) -> None:
        self._connections = Connections(url, connections)
        self._exact = exact

    async def open(self) -> None:
        """Connect, and make the tables that all bases share.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        await self._connections.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()

    # --- bases ----------------------------------------------------------------------------------

    async def create_base(self, spec: BaseSpec) -> Base:
        """Make a base."""
        checks.checked_spec(spec)
        entry = await self._connections.write(lambda db: bases_of.create(db, spec))
        return entry.base

    async def base(self, name: str) -> Base:
        """A base, with its numbers."""
        return (await self._entry(name)).base

    async def bases(self, page: Page) -> Bases:
        """A page of bases."""
        limit = checks.checked_page(page)
        async with self._connections.reading() as db:
            listed = await bases_of.listed(db, checks.storable(page.cursor), limit + 1)
        more = listed[limit - 1].name if len(listed) > limit else ""
        return Bases(tuple(listed[:limit]), more)

    async def delete_base(self, name: str) -> None:
        """Remove a base."""
        checks.storable(name)
        await self._connections.write(lambda db: bases_of.remove(db, name))

    # --- indexing -------------------------------------------------------------------------------

    async def begin(self, base: str, document: Document, embedding: Embedding | None) -> Generation:
        """Begin to index a document, or go on."""
        what = checks.described(document)
        entry = await self._entry(base)
        checks.check_model(base, entry.embedding, embedding)
        begun = await self._write(entry, lambda db: indexing.begin(db, entry, document, what))
        await self._purge(entry)
        return Generation(base, begun.id, document.id, begun.unchanged)

    async def have(self, generation: Generation) -> frozenset[str]:
        """Ids of the chunks that were added."""
        return await self._read(
            generation.base, lambda db, entry: indexing.have(db, entry, generation.id)
        )

    async def add(
        self, generation: Generation, chunks: Sequence[Chunk], vectors: Sequence[Vector] | None
    ) -> int:
        """Add chunks."""
        entry = await self._entry(generation.base)
        await asyncio.to_thread(checks.checked_chunks, chunks, vectors, entry.embedding)
        rows: Rows | None = None
        if vectors and entry.embedding is not None:
            rows = await asyncio.to_thread(rows_of, vectors, entry.embedding.dims)
            if not entry.embedding.dims:
                entry = await self._decided(generation.base, rows.shape[1])
        words = await asyncio.to_thread(worded, chunks)
        return await self._write(entry, lambda db: indexing.add(db, entry, generation, words, rows))

    async def finish(self, generation: Generation, *, chunks: int) -> StoredDocument:
        """Let searches find the document."""
        entry = await self._entry(generation.base)
        stored = await self._write(entry, lambda db: indexing.finish(db, entry, generation, chunks))
        await self._purge(entry)
        return stored

    async def abandon(self, generation: Generation) -> None:
        """Remove what was added."""
        entry = await self._entry(generation.base)
        await self._write(entry, lambda db: indexing.abandon(db, generation))
        await self._purge(entry)

    # --- documents ------------------------------------------------------------------------------

    async def documents(self, base: str, page: Page, filter: Any = None) -> Documents:  # noqa: A002
        """A page of documents."""
        limit, after = checks.checked_page(page), checks.storable(page.cursor)
        found = parse_filter(filter)
        listed = await self._read(
            base, lambda db, entry: documents.listed(db, entry, found, after, limit + 1)
        )
        more = listed[limit - 1].id if len(listed) > limit else ""
        return Documents(tuple(listed[:limit]), more)

    async def document(self, base: str, document: str) -> StoredDocument:
        """A document."""
        checks.storable(document)
        return await self._read(base, lambda db, entry: documents.find(db, entry, document))

    async def chunks(self, base: str, document: str, page: Page) -> Chunks:
        """A page of a document's chunks."""
        limit, after = checks.checked_page(page), checks.place_of(page.cursor)
        checks.storable(document)
        listed = await self._read(
            base, lambda db, entry: documents.chunks(db, entry, document, after, limit + 1)
        )
        more = str(listed[limit - 1].index) if len(listed) > limit else ""
        return Chunks(tuple(listed[:limit]), more)

    async def delete_documents(
        self,
        base: str,
        ids: Collection[str] | None = None,
        filter: Any = None,  # noqa: A002
    ) -> int:
        """Remove documents."""
        wanted, found = checks.to_delete(ids, filter)
        entry = await self._entry(base)
        count = await self._write(entry, lambda db: documents.delete(db, entry, wanted, found))
        await self._purge(entry)
        return count

    # --- search ---------------------------------------------------------------------------------

    async def search(self, bases: Sequence[str], query: Query) -> list[Hit]:
        """The best chunks of some bases."""
        conditions = checks.checked_query(bases, query)
        answers = await asyncio.gather(*(self._found(name, query, conditions) for name in bases))
        return hits_of(query, answers)

    async def _found(self, name: str, query: Query, conditions: Filter | None) -> Candidates:
        async def work(db: Connection, entry: Entry) -> Candidates:
            asked = asked_of(name, entry.embedding, query, conditions)
            return await candidates(db, entry, asked, exact=self._exact)

        return await self._read(name, work)

    # --- the database ---------------------------------------------------------------------------

    async def _entry(self, name: str) -> Entry:
        checks.storable(name)
        async with self._connections.reading() as db:
            return await bases_of.find(db, name)

    async def _decided(self, base: str, dims: int) -> Entry:
        """The base, whose vectors have their length now."""
        entry = await self._connections.write(lambda db: bases_of.decide_dims(db, base, dims))
        checks.check_dims(base, entry.embedding, dims)
        return entry

    async def _read(self, name: str, work: Work[Result]) -> Result:
        checks.storable(name)
        try:
            async with self._connections.reading() as db:
                return await work(db, await bases_of.find(db, name))
        except TableGone:
            raise checks.base_unknown(name) from None

    async def _write(self, entry: Entry, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        try:
            return await self._connections.write(work)
        except TableGone:
            raise checks.base_unknown(entry.base.name) from None

    async def _purge(self, entry: Entry) -> None:
        while await self._write(entry, lambda db: documents.purge(db, entry)):
            pass
