"""What both stores refuse before they touch anything, and the errors that both raise. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from runfold.contracts.knowledge import BaseSpec, Chunk, Document, Embedding, Mode, Page, Query
from runfold.contracts.whole_text import whole_text
from runfold.errors import Conflict, InvalidRequest, NotFound
from runfold.ids import ID_RULE, is_id
from runfold.values.metadata_filters import Fact, Filter, facts_of, instant_of, parse_filter
from runfold_executor_data.knowledge.store import (
    MOST_ADDED,
    MOST_BASES,
    MOST_PAGE,
    MOST_TOP_K,
    Vector,
)
from runfold_executor_data.knowledge.vectors import MOST_DIMS

MOST_NAME = 1000
MOST_ID = 255
MOST_METADATA = 64 * 1024
"""Bytes of a document's metadata as JSON."""
MOST_CHUNK = 100_000
"""Characters of a chunk."""
MOST_PLACE = 2**31
MOST_QUERY = 20_000
"""Characters of a query's text."""
MOST_THRESHOLD = 1.0


class Described(NamedTuple):
    """What is stored of a document beside its chunks."""

    metadata: bytes
    """Its metadata and its origin, as `StoredDocument` has them: `said_of` reads it."""
    facts: list[Fact]


def checked_spec(spec: BaseSpec) -> None:
    """Refuse a base that cannot be made.

    Raises:
        InvalidRequest: `knowledge.base_invalid`.
    """
    if not is_id(spec.name):
        raise _invalid("base", f"the name {spec.name[:80]!r} is not usable: {ID_RULE}")
    if len(spec.description) > MOST_CHUNK or not _is_text(spec.description):
        raise _invalid("base", f"a description has at most {MOST_CHUNK} characters, and no NUL")
    model = spec.embedding
    if model is None:
        return
    if not model.model or not _is_text(model.model) or not _is_text(model.provider):
        raise _invalid("base", "embedding.model is the name of a model")
    if not 0 <= model.dims <= MOST_DIMS:
        raise _invalid("base", f"embedding.dims is 0 to {MOST_DIMS}, not {model.dims}")
    if not model.normalised:
        raise _invalid("base", "embedding.normalised: vectors are stored with length 1")


def described(document: Document) -> Described:
    """A document's metadata and origin as they are stored, and its facts as filters ask for them.

    Filters know further fields: `document_id`, `document_name`, `source`, `indexed_at`.

    Raises:
        InvalidRequest: `knowledge.document_invalid`.
    """
    for field, value, most in (
        ("id", document.id, MOST_ID),
        ("name", document.name, MOST_NAME),
        ("sha256", document.sha256, MOST_ID),
        ("origin", document.origin, MOST_ID),
    ):
        if not 1 <= len(value) <= most or not _is_text(value):
            raise _invalid("document", f"{field} has 1 to {most} characters, and no NUL")
    if len(document.source) > MOST_NAME * 4 or not _is_text(document.source):
        raise _invalid("document", f"source has at most {MOST_NAME * 4} characters, and no NUL")
    try:
        metadata = msgspec.json.encode(document.metadata)
    except (TypeError, ValueError, UnicodeError) as error:
        raise _invalid("document", "metadata is an object that JSON can hold") from error
    if len(metadata) > MOST_METADATA:
        raise _invalid("document", f"metadata has at most {MOST_METADATA} bytes as JSON")
    now = time.time()
    own = {
        "document_id": document.id,
        "document_name": document.name,
        "source": document.source,
        "indexed_at": now,
    }
    stored = b"[" + metadata + b"," + msgspec.json.encode(document.origin) + b"]"
    return Described(stored, facts_of({**own, **document.metadata}))


def said_of(stored: bytes | str) -> tuple[dict[str, Any], str | None]:
    """The metadata and the origin of a stored document; earlier ones have no origin."""
    found = msgspec.json.decode(stored)
    return (found, None) if isinstance(found, dict) else (found[0], found[1])


def checked_chunks(
    chunks: Sequence[Chunk], vectors: Sequence[Vector] | None, embedding: Embedding | None
) -> None:
    """Refuse chunks that cannot be stored, or whose vectors are not as many.

    Raises:
        InvalidRequest: `knowledge.chunk_invalid`, `knowledge.vectors_missing`.
    """
    if len(chunks) > MOST_ADDED:
        raise _invalid("chunk", f"{len(chunks)} chunks at once, and {MOST_ADDED} is the most")
    if len({chunk.id for chunk in chunks}) < len(chunks):
        raise _invalid("chunk", "two of the chunks have the same id")
    places: set[int] = set()
    for chunk in chunks:
        where = f"chunk {chunk.index}"
        if chunk.index in places or not 0 <= chunk.index < MOST_PLACE:
            raise same_place(chunk)
        places.add(chunk.index)
        if not 1 <= len(chunk.id) <= MOST_ID or not _is_text(chunk.id + chunk.parent):
            raise _invalid("chunk", f"{where}: its id has 1 to {MOST_ID} characters")
        if not 1 <= len(chunk.text) <= MOST_CHUNK:
            raise _invalid("chunk", f"{where}: its text has 1 to {MOST_CHUNK} characters")
        if not all(map(_is_text, (chunk.text, *chunk.headings))):
            raise _invalid("chunk", f"{where}: its text has NUL or half of a character")
    searched = sum(not chunk.encloses for chunk in chunks)
    if embedding is None and vectors is not None:
        message = "the base has no model, and vectors were given"
        raise InvalidRequest(message, code="knowledge.vector_invalid")
    if embedding is not None and len(vectors or ()) != searched:
        message = f"{searched} chunks need a vector each, and {len(vectors or ())} were given"
        raise InvalidRequest(message, code="knowledge.vectors_missing")


def checked_query(bases: Sequence[str], query: Query) -> Filter | None:
    """The query's filter.

    Raises:
        InvalidRequest: `knowledge.query_invalid`, `knowledge.filter_invalid`.
    """
    if not 1 <= len(set(bases)) == len(bases) <= MOST_BASES:
        raise _invalid("query", f"it is for 1 to {MOST_BASES} bases, each once")
    if query.mode not in get_args(Mode):
        raise _invalid("query", f"mode is one of {', '.join(get_args(Mode))}")
    if not 1 <= query.top_k <= MOST_TOP_K:
        raise _invalid("query", f"top_k is 1 to {MOST_TOP_K}, not {query.top_k}")
    if not 0 <= query.score_threshold <= MOST_THRESHOLD:
        raise _invalid("query", f"score_threshold is 0 to 1, not {query.score_threshold}")
    if len(query.text) > MOST_QUERY:
        raise _invalid("query", f"its text has at most {MOST_QUERY} characters")
    if not all(math.isfinite(one) and one >= 0 for one in query.weights) or not any(query.weights):
        raise _invalid("query", "weights are two numbers from 0, not both 0")
    return parse_filter(query.filter)


def checked_page(page: Page) -> int:
    """How many entries the page may have.

    Raises:
        InvalidRequest: `knowledge.query_invalid`.
    """
    if not 1 <= page.limit <= MOST_PAGE:
        raise _invalid("query", f"limit is 1 to {MOST_PAGE}, not {page.limit}")
    return page.limit


def storable(text: str) -> str:
    """A name or cursor of a client's, unchanged.

    Raises:
        NotFound: `knowledge.document_not_found`, for what no store can hold, and so has not.
    """
    if not _is_text(text):
        message = "a name has no NUL and no half of a character"
        raise NotFound(message, code="knowledge.document_not_found")
    return text


def place_of(cursor: str) -> int:
    """The place after which a page of chunks begins.

    Raises:
        InvalidRequest: `cursor.invalid`.
    """
    if not cursor:
        return -1
    number = instant_of(cursor) if cursor.isdecimal() and cursor.isascii() else None
    if number is None or number >= 2**62:
        message = f"invalid cursor {cursor[:60]!r}: use next_cursor of the previous page"
        raise InvalidRequest(message, code="cursor.invalid")
    return int(number)


def to_delete(
    ids: Collection[str] | None, conditions: Any
) -> tuple[list[str] | None, Filter | None]:
    """The ids that there can be, and the filter, of what is deleted.

    Raises:
        InvalidRequest: `knowledge.filter_invalid`, also when nothing says what is deleted.
    """
    found = parse_filter(conditions)
    if ids is None and found is None:
        message = "say what is deleted: ids of documents, or a filter"
        raise InvalidRequest(message, code="knowledge.filter_invalid")
    return None if ids is None else [one for one in ids if _is_text(one)], found


def same_model(one: Embedding, other: Embedding) -> bool:
    """Whether the vectors of two models may be compared, as far as their names say."""
    return (one.provider, one.model) == (other.provider, other.model)


def check_model(base: str, its: Embedding | None, given: Embedding | None) -> None:
    """Refuse vectors of another model than the base's.

    Raises:
        Conflict: `knowledge.model_mismatch`.
        InvalidRequest: `knowledge.dimension`.
    """
    if its is None and given is None:
        return
    if its is None or given is None or not same_model(its, given):
        raise model_mismatch(base, its, given)
    if given.dims:
        check_dims(base, its, given.dims)


def check_dims(base: str, its: Embedding | None, given: int) -> None:
    """Refuse vectors that are not as long as the base's.

    Raises:
        InvalidRequest: `knowledge.dimension`.
    """
    if its is not None and its.dims not in (0, given):
        message = f"base {base!r} has vectors of {its.dims} numbers, not of {given}"
        details = {"dims": its.dims, "given": given}
        raise InvalidRequest(message, code="knowledge.dimension", details=details)


def model_mismatch(base: str, its: Embedding | None, given: Embedding | None) -> Conflict:
    """The error that says which models do not go together."""
    message = (
        f"base {base!r} has {_named(its)}, and this has {_named(given)}: vectors of two models "
        "cannot be compared. Use the base's model, or index the documents in another base"
    )
    return Conflict(message, code="knowledge.model_mismatch")


def base_unknown(name: str) -> NotFound:
    """The error for a base that there is not."""
    message = f"no knowledge base {name[:80]!r}: make it, or look for its name in the list of bases"
    return NotFound(message, code="knowledge.base_not_found", details={"base": name[:80]})


def base_exists(name: str) -> Conflict:
    """The error for a second base of the same name."""
    message = f"there is a knowledge base {name!r} already: use it, or choose another name"
    return Conflict(message, code="knowledge.base_exists")


def document_unknown(base: str, document: str) -> NotFound:
    """The error for a document that there is not."""
    message = f"base {base!r} has no document {document[:80]!r}"
    return NotFound(message, code="knowledge.document_not_found")


def generation_gone(document: str) -> Conflict:
    """The error for an indexing that came to its end."""
    message = (
        f"this indexing of document {document[:80]!r} ended, or was left for too long: begin again"
    )
    return Conflict(message, code="knowledge.generation_gone")


def incomplete(document: str, wanted: int, there: int, enclosing: int = 0) -> Conflict:
    """The error for a document of which chunks are missing."""
    lost = f", and {enclosing} that enclose others are missing" if enclosing else ""
    message = f"document {document[:80]!r} has {wanted} chunks, and {there} were added{lost}"
    details = {"chunks": wanted, "added": there}
    return Conflict(message, code="knowledge.incomplete", details=details)


def same_place(chunk: Chunk) -> InvalidRequest:
    """The error for two chunks of a document in one place."""
    message = f"chunk {chunk.index}: each chunk of a document has a place of its own, from 0"
    return InvalidRequest(message, code="knowledge.chunk_invalid")


def no_vectors(base: str) -> InvalidRequest:
    """The error for a search by meaning in a base without a model."""
    message = (
        f"base {base!r} has no embedding model: search it with mode full_text, or index the "
        "documents in a base with a model"
    )
    return InvalidRequest(message, code="knowledge.no_vectors")


def _named(model: Embedding | None) -> str:
    return f"the model {f'{model.provider}/{model.model}'.lstrip('/')!r}" if model else "no model"


def _is_text(text: str) -> bool:
    """Whether every store can hold a text."""
    return "\0" not in text and whole_text(text) == text


def _invalid(what: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, code=f"knowledge.{what}_invalid")
