"""The knowledge base that stands for a vector store."""

from __future__ import annotations

from runfold.importers.draft import native_id
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_text, is_expression, located
from runfold.importers.n8n.room import Room

_PARTS = ("ai_embedding", "ai_document", "ai_textSplitter", "ai_reranker")
_NAMED_BY = (
    *("memoryKey", "pineconeIndex", "qdrantCollection", "tableName", "weaviateCollection"),
    *("milvusCollection", "mongoCollection", "collectionName", "indexName"),
)


def base_of(store: Node, room: Room) -> str:
    """The knowledge base that stands for a vector store; says what it needs."""
    name = ""
    for key in _NAMED_BY:
        written = as_text(located(store.parameters.get(key)))
        name = name or ("" if is_expression(written) else written)
    base = native_id(name or store.title).strip("-_")[:60] or "knowledge"
    room.draft.need("knowledge", base, store.name, "make a knowledge base of this name")
    _settle(store, room, f"the knowledge base {base!r} does it itself")
    return base


def _settle(node: Node, room: Room, said: str) -> None:
    """Say of the parts of a store, and of theirs, that the knowledge base does their work."""
    for type_ in _PARTS:
        for part in room.wiring.parts_of(node.name, type_):
            if part.name not in room.lines:
                room.lines[part.name] = ("approximated", said)
                _settle(part, room, said)
