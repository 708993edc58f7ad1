"""Knowledge stores and documents for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from runfold.contracts.knowledge import (
    Chunk,
    Document,
    Embedding,
    Generation,
    Query,
    QueryVector,
    StoredDocument,
    chunk_id,
)
from runfold_executor_data.knowledge.store import KnowledgeStore

MODEL = Embedding("local", "plane", 3)


def document(name: str, texts: Sequence[str] = (), **metadata: Any) -> Document:
    sha256 = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    return Document(
        name, f"{name}.md", sha256, source=f"https://x.example/{name}", metadata=metadata
    )


def chunks_of(name: str, texts: Sequence[str]) -> list[Chunk]:
    return [Chunk(chunk_id(name, at, text), at, text) for at, text in enumerate(texts)]


async def index(
    store: KnowledgeStore,
    base: str,
    name: str,
    texts: Sequence[str],
    vectors: Sequence[Sequence[float]] | None = None,
    **metadata: Any,
) -> StoredDocument:
    generation = await begin(store, base, name, texts, vectors, **metadata)
    await store.add(generation, chunks_of(name, texts), vectors)
    return await store.finish(generation, chunks=len(texts))


async def begin(
    store: KnowledgeStore, base: str, name: str, texts: Sequence[str], vectors: Any, **metadata: Any
) -> Generation:
    embedding = None if vectors is None else MODEL
    return await store.begin(base, document(name, texts, **metadata), embedding)


def semantic(*vector: float, model: Embedding = MODEL, **more: Any) -> Query:
    return Query("semantic", vectors=(QueryVector(model, vector),), **more)


def full_text(text: str, **more: Any) -> Query:
    return Query("full_text", text, **more)


def hybrid(text: str, *vector: float, **more: Any) -> Query:
    return Query("hybrid", text, (QueryVector(MODEL, vector),), **more)


async def found(store: KnowledgeStore, base: str, query: Query) -> list[str]:
    return [hit.chunk.text for hit in await store.search([base], query)]
