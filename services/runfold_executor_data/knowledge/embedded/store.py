"""The embedded store: `KnowledgeStore` on SQLite files and NumPy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
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
from runfold.errors import ConfigurationError
from runfold.values.metadata_filters import Filter, parse_filter
from runfold_executor_data.knowledge import checks
from runfold_executor_data.knowledge.asking import asked_of
from runfold_executor_data.knowledge.embedded import catalogue, documents, indexing
from runfold_executor_data.knowledge.embedded.candidates import candidates
from runfold_executor_data.knowledge.embedded.catalogue import Entry
from runfold_executor_data.knowledge.embedded.connections import Connections, Work
from runfold_executor_data.knowledge.embedded.matrix import Matrices, NewerVectors
from runfold_executor_data.knowledge.embedded.schema import BASE, CATALOGUE
from runfold_executor_data.knowledge.fusing import Candidates, hits_of
from runfold_executor_data.knowledge.staging import worded
from runfold_executor_data.knowledge.store import Vector
from runfold_executor_data.knowledge.vectors import Rows, rows_of

FILES = ("", "-wal", "-shm")
"""What SQLite calls the files of one database."""
TRIES = 5
"""Searches of one base, when others read newer vectors each time."""

Result = TypeVar("Result")


class EmbeddedStore:
    """Knowledge in files.

    Args:
        directory: Where they are; made when absent.
        max_chunks: Chunks that one base may have.
        memory_bytes: Vectors that are kept in memory.
    """

    def __init__(self, directory: Path, max_chunks: int, memory_bytes: int) -> None:
        self._directory = directory
        self._max_chunks = max_chunks
        self._matrices = Matrices(memory_bytes)
        self._connections = Connections(directory)
        self._catalogue = directory / "catalogue.sqlite3"

    async def open(self) -> None:
        """Make the catalogue, unless it is there.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        await self._connections.make(self._catalogue, CATALOGUE)

    async def close(self) -> None:
        """Let go of all files."""
        await self._connections.close()

    # --- bases ----------------------------------------------------------------------------------

    async def create_base(self, spec: BaseSpec) -> Base:
        """Make a base: first its file, then its name in the catalogue."""
        checks.checked_spec(spec)
        entry = catalogue.new(spec)
        await self._connections.make(self._path(entry), BASE)
        try:
            await self._connections.write(self._catalogue, partial(catalogue.add, entry=entry))
        except BaseException:
            await asyncio.shield(self._unlink_unless_listed(entry))
            raise
        return entry.base

    async def base(self, name: str) -> Base:
        """A base, with its numbers."""
        return await self._counted(await self._entry(name))

    async def bases(self, page: Page) -> Bases:
        """A page of bases."""
        limit = checks.checked_page(page)
        after = checks.storable(page.cursor)
        work = partial(catalogue.listed, after=after, limit=limit + 1)
        entries = await self._connections.read(self._catalogue, work)
        more = entries[limit - 1].base.name if len(entries) > limit else ""
        counted = []
        for entry in entries[:limit]:
            try:
                counted.append(await self._counted(entry))
            except ConfigurationError:
                if await self._there(entry):
                    raise
        return Bases(tuple(counted), more)

    async def delete_base(self, name: str) -> None:
        """Remove a base: first its name, then its file."""
        checks.storable(name)
        # As a whole: a file whose name is gone would stay for good.
        await asyncio.shield(self._deleted(name))

    async def _deleted(self, name: str) -> None:
        entry = await self._connections.write(self._catalogue, partial(catalogue.remove, name=name))
        self._matrices.forget(entry.file)
        await asyncio.to_thread(self._unlink, entry)

    # --- indexing -------------------------------------------------------------------------------

    async def begin(self, base: str, document: Document, embedding: Embedding | None) -> Generation:
        """Begin to index a document, or go on."""
        what = checks.described(document)
        entry = await self._entry(base)
        checks.check_model(base, entry.embedding, embedding)
        work = partial(indexing.begin, document=document, what=what)
        begun = await self._write(entry, work)
        await self._purge(entry)
        return Generation(base, begun.id, document.id, begun.unchanged)

    async def have(self, generation: Generation) -> frozenset[str]:
        """Ids of the chunks that were added."""
        entry = await self._entry(generation.base)
        return await self._read(entry, partial(indexing.have, generation=generation.id))

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
                dims = rows.shape[1]
                work = partial(catalogue.decide_dims, name=generation.base, dims=dims)
                decided = await self._connections.write(self._catalogue, work)
                checks.check_dims(generation.base, decided.embedding, dims)
        words = await asyncio.to_thread(worded, chunks)
        return await self._write(
            entry,
            partial(
                indexing.add,
                generation=generation.id,
                document=generation.document,
                words=words,
                rows=rows,
                most=self._max_chunks,
            ),
        )

    async def finish(self, generation: Generation, *, chunks: int) -> StoredDocument:
        """Let searches find the document."""
        entry = await self._entry(generation.base)
        work = partial(
            indexing.finish,
            base=generation.base,
            generation=generation.id,
            document=generation.document,
            wanted=chunks,
        )
        stored = await self._write(entry, work)
        await self._purge(entry)
        return stored

    async def abandon(self, generation: Generation) -> None:
        """Remove what was added."""
        entry = await self._entry(generation.base)
        await self._write(entry, partial(indexing.abandon, generation=generation.id))
        await self._purge(entry)

    # --- documents ------------------------------------------------------------------------------

    async def documents(self, base: str, page: Page, filter: Any = None) -> Documents:  # noqa: A002
        """A page of documents."""
        limit, after = checks.checked_page(page), checks.storable(page.cursor)
        found = parse_filter(filter)
        entry = await self._entry(base)
        work = partial(documents.listed, base=base, found=found, after=after, limit=limit + 1)
        listed = await self._read(entry, work)
        more = listed[limit - 1].id if len(listed) > limit else ""
        return Documents(tuple(listed[:limit]), more)

    async def document(self, base: str, document: str) -> StoredDocument:
        """A document."""
        checks.storable(document)
        entry = await self._entry(base)
        return await self._read(entry, partial(documents.find, base=base, document=document))

    async def chunks(self, base: str, document: str, page: Page) -> Chunks:
        """A page of a document's chunks."""
        limit, after = checks.checked_page(page), checks.place_of(page.cursor)
        checks.storable(document)
        entry = await self._entry(base)
        work = partial(documents.chunks, base=base, document=document, after=after, limit=limit + 1)
        listed = await self._read(entry, work)
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
        count = await self._write(entry, partial(documents.delete, ids=wanted, found=found))
        await self._purge(entry)
        return count

    # --- search ---------------------------------------------------------------------------------

    async def search(self, bases: Sequence[str], query: Query) -> list[Hit]:
        """The best chunks of some bases."""
        conditions = checks.checked_query(bases, query)
        answers = await asyncio.gather(*(self._found(name, query, conditions) for name in bases))
        return hits_of(query, answers)

    async def _found(self, name: str, query: Query, conditions: Filter | None) -> Candidates:
        entry = await self._entry(name)
        asked = asked_of(name, entry.embedding, query, conditions)
        work = partial(candidates, entry=entry, asked=asked, matrices=self._matrices)
        for left in reversed(range(TRIES)):
            try:
                return await self._read(entry, work)
            except NewerVectors:
                if not left:
                    self._matrices.forget(entry.file)
        return await self._read(entry, work)

    # --- files ----------------------------------------------------------------------------------

    async def _entry(self, name: str) -> Entry:
        checks.storable(name)
        return await self._connections.read(self._catalogue, partial(catalogue.find, name=name))

    async def _there(self, entry: Entry) -> bool:
        """Whether a base is still that of the catalogue."""
        find = partial(catalogue.listed, after="", limit=-1)
        entries = await self._connections.read(self._catalogue, find)
        return any(one.file == entry.file for one in entries)

    async def _unlink_unless_listed(self, entry: Entry) -> None:
        """Remove the file of a base that was not made.

        A cancelled making may be written all the same: this is a writing, too, and comes after it.
        """
        find = partial(catalogue.listed, after="", limit=-1)
        with suppress(ConfigurationError):
            entries = await self._connections.write(self._catalogue, find)
            if all(one.file != entry.file for one in entries):
                await asyncio.to_thread(self._unlink, entry)

    async def _counted(self, entry: Entry) -> Base:
        return await self._read(entry, partial(documents.counted, base=entry.base))

    async def _read(self, entry: Entry, work: Work[Result]) -> Result:
        return await self._of_base(entry, self._connections.read, work)

    async def _write(self, entry: Entry, work: Work[Result]) -> Result:
        return await self._of_base(entry, self._connections.write, work)

    async def _of_base(self, entry: Entry, use: Callable[..., Any], work: Work[Result]) -> Result:
        """Work on a base's file; a base that was removed meanwhile is unknown."""
        try:
            result: Result = await use(self._path(entry), work)
        except ConfigurationError:
            if not await self._there(entry):
                raise checks.base_unknown(entry.base.name) from None
            raise
        return result

    async def _purge(self, entry: Entry) -> None:
        while await self._write(entry, documents.purge):
            pass

    def _path(self, entry: Entry) -> Path:
        return self._directory / entry.file

    def _unlink(self, entry: Entry) -> None:
        for suffix in FILES:
            self._path(entry).with_name(entry.file + suffix).unlink(missing_ok=True)
