"""Answers with an ETag, and answers that are a workflow's text as it was written."""

from __future__ import annotations

from typing import Any, TypeVar

from litestar import MediaType, Response

from runfold.definitions.sources import YAML, Source

T = TypeVar("T")

ETAG = ("ETag", "The draft's entity tag, for If-Match")
TEXTS = (YAML, "text/plain")
"""Media types of a text. One that was meant as JSON is plain text: it need not be readable, and
JSON at that address is the document about it."""


def tagged(document: T, etag: str | None, headers: dict[str, str] | None = None) -> Response[T]:
    """An answer with the draft's entity tag."""
    tag = {"ETag": etag} if etag else {}
    return Response(document, headers={**tag, **(headers or {})})


def source_response(source: Source, etag: str | None) -> Response[Any]:
    """A text, byte for byte, with the entity tag that a draft has."""
    media_type = YAML if source.media_type == YAML else MediaType.TEXT
    answer = tagged(source.body, etag)
    answer.media_type = media_type
    return answer
