"""What a knowledge store does. The embedded one and PostgreSQL do the same.

A document is indexed in steps, so that a job that was killed goes on where it was:

    generation = await store.begin(base, document, embedding)
    if not generation.unchanged:
        there = await store.have(generation)
        await store.add(generation, [chunks that are not there], [a vector for each])
        await store.finish(generation, chunks=all of them)

A search sees all of a document or nothing of it: `finish` replaces its earlier generation at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

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

Vector = Sequence[float]

MOST_ADDED = 1000
"""Chunks of one `add`."""
MOST_TOP_K = 100
MOST_BASES = 20
"""Bases of one search."""
MOST_PAGE = 200
"""Entries of a page."""


class KnowledgeStore(Protocol):
    """Bases, their documents and their chunks.

    Every call raises `ConfigurationError` (`knowledge.unavailable`, retryable) when what stores it
    cannot be reached, and `NotFound` (`knowledge.base_not_found`) for a base that there is not.
    """

    async def create_base(self, spec: BaseSpec) -> Base:
        """Make a base.

        Raises:
            Conflict: `knowledge.base_exists`.
            InvalidRequest: `knowledge.base_invalid`, for a name that cannot be one.
        """
        ...

    async def base(self, name: str) -> Base:
        """A base, with its numbers of documents and chunks."""
        ...

    async def bases(self, page: Page) -> Bases:
        """A page of all bases, by name."""
        ...

    async def delete_base(self, name: str) -> None:
        """Remove a base with all that is in it."""
        ...

    async def begin(self, base: str, document: Document, embedding: Embedding | None) -> Generation:
        """Begin to index a document, or go on with an indexing of the same content.

        Args:
            base: Name of the base.
            document: What is indexed.
            embedding: The model that makes the vectors; None in a base without a model.

        Raises:
            Conflict: `knowledge.model_mismatch`, when the base has vectors of another model.
            InvalidRequest: `knowledge.document_invalid`.
        """
        ...

    async def have(self, generation: Generation) -> frozenset[str]:
        """Ids of the chunks that were added."""
        ...

    async def add(
        self, generation: Generation, chunks: Sequence[Chunk], vectors: Sequence[Vector] | None
    ) -> int:
        """Add chunks; those that are there already are left as they are.

        Args:
            generation: Of `begin`.
            chunks: At most `MOST_ADDED`. Those that enclose others may come in calls of their own.
            vectors: One for each chunk that does not enclose others, in their order; None in a base
                without a model.

        Returns:
            How many were new.

        Raises:
            InvalidRequest: `knowledge.vectors_missing`, `knowledge.dimension`,
                `knowledge.vector_invalid`, `knowledge.chunk_invalid`.
            Conflict: `knowledge.generation_gone`, when it was finished, abandoned or too old.
            PayloadTooLarge: `knowledge.base_full`.
        """
        ...

    async def finish(self, generation: Generation, *, chunks: int) -> StoredDocument:
        """Let searches find the document in place of its earlier generation, all at once.

        A second call of the same generation answers as the first.

        Args:
            generation: Of `begin`.
            chunks: How many chunks it has, those that enclose others among them.

        Raises:
            Conflict: `knowledge.incomplete`, when there are more or fewer;
                `knowledge.generation_gone`.
        """
        ...

    async def abandon(self, generation: Generation) -> None:
        """Remove what was added to a generation that was not finished."""
        ...

    async def documents(self, base: str, page: Page, filter: Any = None) -> Documents:  # noqa: A002
        """A page of the documents that can be searched and fit a filter, by id.

        Raises:
            InvalidRequest: `knowledge.filter_invalid`, `cursor.invalid`.
        """
        ...

    async def document(self, base: str, document: str) -> StoredDocument:
        """A document that can be searched.

        Raises:
            NotFound: `knowledge.document_not_found`.
        """
        ...

    async def chunks(self, base: str, document: str, page: Page) -> Chunks:
        """A page of a document's chunks, by their place, those that enclose others among them.

        Raises:
            NotFound: `knowledge.document_not_found`.
        """
        ...

    async def delete_documents(
        self,
        base: str,
        ids: Collection[str] | None = None,
        filter: Any = None,  # noqa: A002
    ) -> int:
        """Remove documents: those with these ids that fit the filter. How many there were.

        Raises:
            InvalidRequest: `knowledge.filter_invalid`; also for neither ids nor a filter.
        """
        ...

    async def search(self, bases: Sequence[str], query: Query) -> list[Hit]:
        """The best chunks of some bases, best first.

        A query without a text that has words (or, for `semantic`, whose vector is missing because
        its text is empty) finds nothing.

        Raises:
            InvalidRequest: `knowledge.query_invalid`, `knowledge.filter_invalid`,
                `knowledge.dimension`, `knowledge.vector_invalid`, `knowledge.no_vectors`, when a
                base without a model is searched by meaning.
            Conflict: `knowledge.model_mismatch`, when no vector of the query is of a base's model.
        """
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
