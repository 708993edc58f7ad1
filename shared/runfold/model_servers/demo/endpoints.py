"""`/v1/embeddings` and `/v1/rerank` of the demo model: by words and letters alone. Pure.

The answers name their model `demo-lexical-hashing`: they find what is worded alike, and know
nothing of what it means.
"""

from __future__ import annotations

import base64
import struct
from typing import Annotated, Any, Literal

import msgspec

from runfold.model_servers.completions import error_body
from runfold.model_servers.demo.lexical import DIMENSIONS, MODEL, likeness, vector

_MOST = 2_048
"""Texts of a request."""
_DIGITS = 8
"""Places of a number."""


class _Embeddings(msgspec.Struct, frozen=True):
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=4096)] = DIMENSIONS


class _Rerank(msgspec.Struct, frozen=True):
    query: str
    documents: list[str]
    top_n: int | None = None


def embeddings(body: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the answer to a request for vectors."""
    try:
        asked = msgspec.json.decode(body, type=_Embeddings)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _refused(f"not a request for embeddings: {error}")
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if not texts or len(texts) > _MOST or not all(text.strip() for text in texts):
        return _refused(f"input is to be 1 to {_MOST} texts, none of them empty")
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _encoded(vector(text, asked.dimensions), asked.encoding_format),
        }
        for index, text in enumerate(texts)
    ]
    return 200, {"object": "list", "data": data, "model": MODEL, "usage": _usage(texts)}


def reranked(body: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the answer to a request for an order of documents."""
    try:
        asked = msgspec.json.decode(body, type=_Rerank)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _refused(f"not a request to rerank: {error}")
    scores = [likeness(asked.query, document) for document in asked.documents]
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    results = [
        {"index": index, "relevance_score": round(scores[index], _DIGITS)}
        for index in order[: asked.top_n]
    ]
    usage = _usage([asked.query, *asked.documents])
    return 200, {"object": "list", "results": results, "model": MODEL, "usage": usage}


def _encoded(numbers: list[float], form: str) -> Any:
    if form == "base64":
        return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
    return [round(number, _DIGITS) for number in numbers]


def _usage(texts: list[str]) -> dict[str, int]:
    words = sum(len(text.split()) for text in texts)
    return {"prompt_tokens": words, "total_tokens": words}


def _refused(message: str) -> tuple[int, dict[str, Any]]:
    return 400, error_body(message, "invalid_request_error")
