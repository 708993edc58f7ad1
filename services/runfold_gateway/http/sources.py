"""Answers with an ETag, and answers that are a workflow's text as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Response
from litestar.openapi.spec import OpenAPIHeader, OpenAPIMediaType, Operation, Schema

from runfold.definitions.sources import YAML, Source

T = TypeVar("T")

_ETAG = OpenAPIHeader(
    schema=Schema(type="string"),  # type: ignore[arg-type]  # as the document spells it
    description="The draft's entity tag, for If-Match.",
)


@dataclass
class TAGGED(Operation):
    """An operation whose successful answers have an ETag."""

    def __post_init__(self) -> None:
        """Name the header."""
        for status, answer in (self.responses or {}).items():
            if status.startswith("2"):
                headers: dict[str, Any] = answer.headers or {}  # type: ignore[union-attr]
                answer.headers = {**headers, "ETag": _ETAG}  # type: ignore[union-attr]


@dataclass
class SOURCED(TAGGED):
    """An operation that answers with a text as well, when it is asked to."""

    def __post_init__(self) -> None:
        """Name the text's media type."""
        super().__post_init__()
        for status, answer in (self.responses or {}).items():
            if status == "200":
                text = OpenAPIMediaType(schema=Schema(type="string"))  # type: ignore[arg-type]
                answer.content[YAML] = text  # type: ignore[union-attr, index]


def tagged(document: T, etag: str | None, headers: dict[str, str] | None = None) -> Response[T]:
    """An answer with the draft's entity tag."""
    tag = {"ETag": etag} if etag else {}
    return Response(document, headers={**tag, **(headers or {})})


def source_response(source: Source) -> Response[Any]:
    """A text, byte for byte, with its media type."""
    return Response(source.body, media_type=source.media_type)
