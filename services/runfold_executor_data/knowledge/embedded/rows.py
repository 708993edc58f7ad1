"""Rows of the embedded store as documents and chunks."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from runfold.contracts.knowledge import Chunk, StoredDocument
from runfold_executor_data.knowledge.checks import said_of

DOCUMENT: Final = "document, name, sha256, touched_at, source, metadata, chunks"
"""Columns of `generations` that `document_of` takes."""
CHUNK: Final = "c.id, c.place, c.text, c.beginning, c.ending, c.headings, c.parent, c.encloses"
"""Columns of `chunks` that `chunk_of` takes."""


def document_of(base: str, row: tuple[Any, ...]) -> StoredDocument:
    """The document of a generation."""
    document, name, sha256, indexed_at, source, stored, chunks = row
    metadata, origin = said_of(stored)
    return StoredDocument(
        base=base,
        id=document,
        name=name,
        sha256=sha256,
        indexed_at=indexed_at,
        source=source,
        metadata=metadata,
        chunks=chunks,
        origin=origin,
    )


def chunk_of(row: tuple[Any, ...]) -> Chunk:
    """A chunk."""
    chunk_id, place, text, start, end, headings, parent, encloses = row
    return Chunk(
        id=chunk_id,
        index=place,
        text=text,
        start=start,
        end=end,
        headings=tuple(msgspec.json.decode(headings)),
        parent=parent,
        encloses=bool(encloses),
    )
