"""Rows of the PostgreSQL store as documents and chunks, and vectors as it takes them."""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec

from runfold.contracts.knowledge import Chunk, StoredDocument
from runfold_executor_data.knowledge.checks import said_of
from runfold_executor_data.knowledge.vectors import Rows

CHUNK: Final = (
    "c.id, c.place, c.text, c.beginning, c.ending, c.headings, c.parent, c.encloses, c.generation"
)


def document_of(base: str, row: Any) -> StoredDocument:
    """The document of a generation."""
    metadata, origin = said_of(row["metadata"])
    return StoredDocument(
        base=base,
        id=row["document"],
        name=row["name"],
        sha256=row["sha256"],
        indexed_at=row["touched_at"],
        source=row["source"],
        metadata=metadata,
        chunks=row["chunks"],
        origin=origin,
    )


def chunk_of(row: Any) -> Chunk:
    """A chunk."""
    return Chunk(
        id=row["id"],
        index=row["place"],
        text=row["text"],
        start=row["beginning"],
        end=row["ending"],
        headings=tuple(msgspec.json.decode(row["headings"])),
        parent=row["parent"],
        encloses=row["encloses"],
    )


def packed(vector: Rows) -> bytes:
    """A vector in pgvector's binary form."""
    return struct.pack("!HH", len(vector), 0) + vector.astype(">f4").tobytes()
