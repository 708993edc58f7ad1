"""Knowledge as data: bases, documents, chunks, queries and hits, as stores and clients have them.

How they are stored is the business of the data executor; filters are read in
`values/metadata_filters.py`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

Mode = Literal["semantic", "full_text", "hybrid"]
"""By the distance of vectors, by words, or by both and the fusion of their ranks."""


class Embedding(msgspec.Struct, frozen=True, omit_defaults=True):
    """The model whose vectors a base holds. Vectors of two models are never compared."""

    provider: str
    """Name of the endpoint, as in settings; empty for the default one."""
    model: str
    dims: int = 0
    """Numbers of a vector; 0 while none was stored: the first ones decide."""
    normalised: bool = True
    """Stored vectors have the length 1, so that their product is the cosine."""


class BaseSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a base is made from."""

    name: str
    description: str = ""
    embedding: Embedding | None = None
    """None: a base for full text alone."""


class Base(msgspec.Struct, frozen=True):
    """A base as it is stored."""

    name: str
    created_at: float
    """Seconds since 1970."""
    description: str = ""
    embedding: Embedding | None = None
    documents: int = 0
    chunks: int = 0
    """Those that are searched; what encloses them is not counted."""


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that is to be indexed."""

    id: str
    """Its own within a base; a document that is indexed again replaces the earlier one."""
    name: str
    sha256: str
    """Of all that its chunks follow from: its text, and how it is cut."""
    source: str = ""
    """Where it came from: a URL, a file's name."""
    metadata: dict[str, Any] = {}
    origin: str = "text"
    """What its text can be read from again: `url`: its source; `file:` and the file's sha256;
    `text`: nothing."""


class StoredDocument(msgspec.Struct, frozen=True):
    """A document that can be searched."""

    base: str
    id: str
    name: str
    sha256: str
    indexed_at: float
    source: str = ""
    metadata: dict[str, Any] = {}
    chunks: int = 0
    origin: str | None = None
    """As of `Document`; null: it was not noted when the document was indexed."""


class Chunk(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a document that is found as one."""

    id: str
    """`chunk_id(document, index, text)`."""
    index: int
    """Its place among the document's chunks."""
    text: str
    start: int = 0
    """Offset in characters of the document's text."""
    end: int = 0
    headings: tuple[str, ...] = ()
    """The headings it stands under, outermost first."""
    parent: str = ""
    """Id of the chunk that encloses it, whose text is what a reader is given."""
    encloses: bool = False
    """It encloses others: it has no vector, and no search finds it by itself."""


class Generation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One indexing of one document. Nothing of it is found before it is finished."""

    base: str
    id: str
    document: str
    """The document's id."""
    unchanged: bool = False
    """The same content is indexed already, by the same model: there is nothing to add or finish.
    Its name, source and metadata are those of the call."""


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which part of a list is wanted."""

    limit: int = 50
    cursor: str = ""
    """`next_cursor` of the page before."""


class Bases(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of bases, by name."""

    items: tuple[Base, ...]
    next_cursor: str = ""
    """Empty on the last page."""


class Documents(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of documents, by id."""

    items: tuple[StoredDocument, ...]
    next_cursor: str = ""


class Chunks(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of a document's chunks, by their place."""

    items: tuple[Chunk, ...]
    next_cursor: str = ""


class QueryVector(msgspec.Struct, frozen=True):
    """A query's vector, and whose it is."""

    embedding: Embedding
    vector: tuple[float, ...]


class Query(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is looked for."""

    mode: Mode
    text: str = ""
    """Looked for by `full_text` and `hybrid`."""
    vectors: tuple[QueryVector, ...] = ()
    """Looked for by `semantic` and `hybrid`: one for each model of the bases."""
    top_k: int = 5
    score_threshold: float = 0.0
    """Least score of a hit. In `hybrid` it is the least similarity of the vectors, whichever way a
    chunk was found: a rank says nothing of how well a chunk fits."""
    filter: Any = None
    """Conditions on documents: `values/metadata_filters.py`."""
    weights: tuple[float, float] = (1.0, 1.0)
    """What the two ranks count in `hybrid`: of meaning, of words."""


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A chunk that was found."""

    base: str
    chunk: Chunk
    document: StoredDocument
    score: float
    """Semantic: the cosine. Full text: 0 to 1, how much of the query's words the chunk has, rare
    words counting more. Hybrid: 0 to 1, where 1 is the first of both ranks."""
    parent: Chunk | None = None
    """The chunk that encloses it. Of the chunks in one parent only the best is a hit."""
    similarity: float | None = None
    """The cosine, where vectors were compared."""


def chunk_id(document: str, index: int, text: str) -> str:
    """A chunk's id: the same document cut the same way gives the same ids."""
    digest = hashlib.sha256(f"{len(document)}:{document}:{index}:".encode())
    digest.update(text.encode(errors="surrogatepass"))
    return digest.hexdigest()[:32]
