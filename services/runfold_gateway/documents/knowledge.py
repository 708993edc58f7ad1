"""Knowledge as the API takes and writes it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from runfold.contracts.knowledge import Base, Chunk, Mode, StoredDocument


class NewBase(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A base that is to be made."""

    name: Annotated[str, msgspec.Meta(examples=["handbook"])]
    description: str = ""
    embedding_model: Annotated[str, msgspec.Meta(examples=["text-embedding-3-small"])] = ""
    """`name`, or `provider/name`; empty: a base for full text alone."""


class BaseList(msgspec.Struct, frozen=True):
    """A page of bases, by name."""

    items: list[Base]
    next_cursor: str = ""
    """Of the next page; empty on the last one."""


class DocumentList(msgspec.Struct, frozen=True):
    """A page of a base's documents, by id."""

    items: list[StoredDocument]
    next_cursor: str = ""
    """Of the next page; empty on the last one."""


class ChunkList(msgspec.Struct, frozen=True):
    """A document with a page of its chunks, by their place."""

    document: StoredDocument
    items: list[Chunk]
    next_cursor: str = ""
    """Of the next page; empty on the last one."""


class ToIndex(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Documents that are to be indexed."""

    documents: list[Any] = []
    """Texts, files, or objects with `text`, `file` or `url`, and perhaps `id`, `name`, `source` and
    `metadata`."""
    urls: list[str] = []
    metadata: dict[str, Any] = {}
    """Of all documents, under their own."""
    chunking: dict[str, Any] = {}
    """How they are cut: as of a `knowledge_index` node."""


class ToReindex(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Which documents are to be indexed again, and how."""

    into: str = ""
    """Another base, made when there is none; empty: the same."""
    embedding_model: str = ""
    """With `into`: the model of a base that is made; empty: the same."""
    chunking: dict[str, Any] = {}
    filter: Any = None
    """Only documents whose metadata fits."""


class IndexAccepted(msgspec.Struct, frozen=True):
    """The request for a run that indexes is stored."""

    run_id: str
    workflow_id: str
    documents: int
    """How many it indexes."""
    status: str = "running"
    """Of the run; what it came to, if it has ended within `wait` seconds."""
    left: list[str] = []
    """Ids of documents that cannot be indexed again: their text is kept nowhere else."""


class ToDelete(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Which documents are removed: those with these ids that fit the filter."""

    ids: list[str] | None = None
    filter: Any = None
    """Conditions on the metadata of documents."""


class Deleted(msgspec.Struct, frozen=True):
    """What was removed."""

    count: int


class ToSearch(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What is looked for."""

    query: Annotated[str, msgspec.Meta(examples=["how are runs retried?"])]
    also: list[str] = []
    """Further bases that are searched."""
    mode: Mode | None = None
    """Absent: `hybrid` in bases with an embedding model, `full_text` in others."""
    top_k: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    score_threshold: float = 0.0
    filter: Any = None
    """Conditions on the metadata of documents."""
    rerank: bool = False
    rerank_model: str = ""


class Passages(msgspec.Struct, frozen=True):
    """What was found, best first."""

    items: list[dict[str, Any]]
    """Each with `content`, `title`, `score`, `metadata` and perhaps `url`."""
