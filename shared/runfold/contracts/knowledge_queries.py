"""What the data executors are asked about knowledge on `runfold.query.knowledge`, and answer.

What takes long is no question: documents are indexed by runs.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.knowledge import Base, Chunk, Mode, Page, StoredDocument
from runfold.errors import Failure

LONGEST = 256 * 1024
"""Bytes of a question."""
MOST_ANSWER = 900 * 1024
"""Bytes of an answer that fit one message with some to spare."""


class _Asked(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="ask", kw_only=True):
    """A question: `ask` says which."""


class CreateBase(_Asked, frozen=True, kw_only=True, tag="create_base"):
    """Make a base."""

    name: str
    description: str = ""
    embedding_model: str = ""
    """`name`, or `provider/name`; empty: a base for full text alone."""


class ListBases(_Asked, frozen=True, kw_only=True, tag="list_bases"):
    """A page of all bases, by name."""

    page: Page = Page()


class GetBase(_Asked, frozen=True, kw_only=True, tag="get_base"):
    """A base with its numbers of documents and chunks."""

    name: str


class DeleteBase(_Asked, frozen=True, kw_only=True, tag="delete_base"):
    """Remove a base with all that is in it."""

    name: str


class ListDocuments(_Asked, frozen=True, kw_only=True, tag="list_documents"):
    """A page of a base's documents, by id."""

    base: str
    filter: Any = None
    page: Page = Page()


class GetDocument(_Asked, frozen=True, kw_only=True, tag="get_document"):
    """A document with a page of its chunks."""

    base: str
    id: str
    page: Page = Page()


class DeleteDocuments(_Asked, frozen=True, kw_only=True, tag="delete_documents"):
    """Remove documents: those with these ids that fit the filter."""

    base: str
    ids: tuple[str, ...] | None = None
    filter: Any = None


class Search(_Asked, frozen=True, kw_only=True, tag="search"):
    """The best passages of some bases: what a `knowledge_retrieve` node does."""

    bases: tuple[str, ...]
    query: str
    mode: Mode | Literal[""] = ""
    top_k: int = 5
    score_threshold: float = 0.0
    filter: Any = None
    rerank: bool = False
    rerank_model: str = ""


AnyAsked = (
    CreateBase
    | ListBases
    | GetBase
    | DeleteBase
    | ListDocuments
    | GetDocument
    | DeleteDocuments
    | Search
)


class Question(msgspec.Struct, frozen=True):
    """What stands in a message on `runfold.query.knowledge`."""

    asked: AnyAsked


class KnowledgeAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An answer: the members that fit the question."""

    base: Base | None = None
    bases: tuple[Base, ...] = ()
    document: StoredDocument | None = None
    documents: tuple[StoredDocument, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    next_cursor: str = ""
    """Where the list goes on; empty on its last page."""
    count: int = 0
    """How many documents were removed."""
    found: tuple[dict[str, Any], ...] = ()
    """Passages, best first, as a `knowledge_retrieve` node gives them."""
    error: Failure | None = None
    """Why nothing could be looked for: a model's server does not answer."""
