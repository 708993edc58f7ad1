"""Looks for passages: which way in which base, their vectors, the order, what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.contracts.events import Usage
from runfold.contracts.knowledge import Base, Hit, Mode, Query, QueryVector
from runfold.errors import InvalidRequest
from runfold.model_endpoints.pricing import total_of
from runfold.model_endpoints.reranking import reranked
from runfold_executor_data.knowledge.models import query_vector, vectors_of
from runfold_executor_data.knowledge.resource import Knowledge
from runfold_executor_data.knowledge.store import MOST_BASES, MOST_TOP_K

_RANK = 60
"""Of the fusion of ranks: how much the first places are set off from those after them."""
_EACH, _AT_LEAST = 4, 20
"""Passages that a rerank model sees, for each that is wanted."""
_EXCERPT = 200
"""Characters of a passage in its citation."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for."""

    query: str
    bases: Sequence[str]
    mode: Mode | None = None
    top_k: int = 5
    score_threshold: float = 0.0
    filter: Any = None
    semantic_weight: float = 0.5
    rerank: bool = False
    rerank_model: str = ""
    candidates: int | None = None


class Found(msgspec.Struct, frozen=True):
    """What was found, best first."""

    documents: list[dict[str, Any]]
    usage: Usage | None = None


async def found(knowledge: Knowledge, asked: Asked) -> Found:
    """The passages that bear on a query; none without a query.

    Raises:
        NotFound: `knowledge.base_not_found`, with the base's name.
        InvalidRequest: `knowledge.no_vectors`, `knowledge.query_invalid`,
            `knowledge.filter_invalid`.
        NodeFailed: What a model's server did wrong.
    """
    names = list(dict.fromkeys(asked.bases))
    if not 1 <= len(names) <= MOST_BASES:
        message = f"bases: name 1 to {MOST_BASES} knowledge bases, not {len(names)}"
        raise InvalidRequest(message, code="knowledge.query_invalid")
    if not 1 <= asked.top_k <= MOST_TOP_K:
        message = f"top_k is 1 to {MOST_TOP_K}, not {asked.top_k}"
        raise InvalidRequest(message, code="knowledge.query_invalid")
    bases = [await (await knowledge.store()).base(name) for name in names]
    if not asked.query.strip():
        return Found([])
    from runfold_executor_data.knowledge.checks import checked_query  # of the extra

    checked_query(names, _query(asked, asked.mode or "full_text", ()))  # before models are asked
    groups = _groups(bases, asked.mode)
    vectors, used = await _vectors(knowledge, groups, asked.query)
    rankings = [
        await (await knowledge.store()).search(
            [base.name for base in group],
            _query(asked, mode, vectors if mode != "full_text" else ()),
        )
        for mode, group in groups.items()
    ]
    hits = _fused(rankings)
    if asked.rerank and hits:
        hits, spent = await _reranked(knowledge, asked, hits)
        used = total_of(used, spent)
    return Found([document_of(hit) for hit in hits[: asked.top_k]], used)


def _groups(bases: list[Base], mode: Mode | None) -> dict[Mode, list[Base]]:
    """Which way each base is searched.

    Raises:
        InvalidRequest: `knowledge.no_vectors`: a base without a model, by meaning.
    """
    groups: dict[Mode, list[Base]] = {}
    for base in bases:
        if mode in ("semantic", "hybrid") and base.embedding is None:
            message = (
                f"base {base.name!r} has no embedding model, so it cannot be searched with mode "
                f"{mode!r}: set embedding_model where the base is made (knowledge_index with "
                "`create: true`, or `runfold knowledge create --embedding-model`), with "
                "OPENAI_BASE_URL or RUNFOLD_LLM__PROVIDERS for its server, or the extra "
                "local-embed for a model without one; or take mode full_text"
            )
            raise InvalidRequest(message, code="knowledge.no_vectors", details={"base": base.name})
        own: Mode = mode or ("hybrid" if base.embedding else "full_text")
        groups.setdefault(own, []).append(base)
    return groups


async def _vectors(
    knowledge: Knowledge, groups: dict[Mode, list[Base]], query: str
) -> tuple[tuple[QueryVector, ...], Usage | None]:
    """The query's vector, of each model that the bases have."""
    models = {
        (base.embedding.provider, base.embedding.model): base.embedding
        for mode, group in groups.items()
        for base in group
        if mode != "full_text" and base.embedding is not None
    }
    made: list[QueryVector] = []
    used: Usage | None = None
    for embedding in models.values():
        async for batch in vectors_of(knowledge, embedding, [query.strip()]):
            made.append(query_vector(embedding, batch))
            used = total_of(used, batch.usage)
    return tuple(made), used


def _query(asked: Asked, mode: Mode, vectors: tuple[QueryVector, ...]) -> Query:
    wanted = asked.top_k
    if asked.rerank:
        wanted = min(asked.candidates or max(_EACH * asked.top_k, _AT_LEAST), MOST_TOP_K)
    return Query(
        mode=mode,
        text=asked.query,
        vectors=vectors,
        top_k=max(wanted, asked.top_k),
        # The scores of a rerank model are others.
        score_threshold=0.0 if asked.rerank else asked.score_threshold,
        filter=asked.filter,
        weights=(2 * asked.semantic_weight, 2 * (1 - asked.semantic_weight)),
    )


def _fused(rankings: list[list[Hit]]) -> list[Hit]:
    """Rankings of different ways as one, by places: scores of two ways do not compare."""
    if len(rankings) == 1:
        return rankings[0]
    placed = [(place, hit) for ranking in rankings for place, hit in enumerate(ranking, start=1)]
    return [hit for _, hit in sorted(placed, key=lambda one: -1 / (_RANK + one[0]))]


async def _reranked(
    knowledge: Knowledge, asked: Asked, hits: list[Hit]
) -> tuple[list[Hit], Usage | None]:
    result = await reranked(
        await knowledge.clients(),
        knowledge.settings,
        asked.rerank_model,
        asked.query,
        [content_of(hit) for hit in hits],
        top_n=asked.top_k,
    )
    order = sorted(result.scores, key=lambda index: (-result.scores[index], index))
    scored = [msgspec.structs.replace(hits[index], score=result.scores[index]) for index in order]
    kept = [hit for hit in scored if hit.score >= asked.score_threshold]
    return kept, result.usage


def content_of(hit: Hit) -> str:
    """What a reader is given: the enclosing passage, where there is one."""
    return hit.parent.text if hit.parent is not None else hit.chunk.text


def document_of(hit: Hit) -> dict[str, Any]:
    """A passage as `llm.context` reads it."""
    document, chunk = hit.document, hit.chunk
    about: dict[str, Any] = {
        "base": hit.base,
        "document": document.id,
        "document_name": document.name,
        "source": document.source,
        "chunk": chunk.id,
        "index": chunk.index,
        "start": chunk.start,
        "end": chunk.end,
        "headings": list(chunk.headings),
        "document_metadata": document.metadata,
    }
    if hit.parent is not None:
        about["passage"] = chunk.text
    found: dict[str, Any] = {
        "content": content_of(hit),
        "title": _title(document.name, chunk.headings),
        "score": hit.score,
        "metadata": about,
    }
    if document.source.startswith(("http://", "https://")):
        found["url"] = document.source
    return found


def _title(name: str, headings: tuple[str, ...]) -> str:
    """The document's name, and the heading that the passage stands under."""
    return f"{name}, {headings[-1]}" if headings and headings[-1] != name else name


def citations_of(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is told of each passage beside its text, with the number that it is cited by."""
    return [
        {
            "number": number,
            "title": one["title"],
            "url": one.get("url", ""),
            "score": one["score"],
            **{
                name: one["metadata"][name]
                for name in ("base", "document", "document_name", "source", "chunk", "index")
            },
            "excerpt": one["content"][:_EXCERPT],
        }
        for number, one in enumerate(documents, start=1)
    ]
