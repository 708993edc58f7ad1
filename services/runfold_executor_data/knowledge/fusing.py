"""Makes hits of what the bases of a search found: merged, fused, one for each parent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from runfold.contracts.knowledge import Chunk, Embedding, Hit, Query, StoredDocument
from runfold_executor_data.knowledge.ranking import fused

DEEP = 50
"""Chunks of each rank of one base that are fused, at least."""
CHILDREN = 4
"""Chunks that are looked at for each hit, where several may have one parent."""

Key = tuple[str, str, str]
"""Base, document and chunk."""


class Found(NamedTuple):
    """A chunk that a base found."""

    chunk: Chunk
    document: StoredDocument
    parent: Chunk | None
    similarity: float | None
    words: float
    """Its score by words; 0 when it was not found by them."""

    @property
    def key(self) -> Key:
        """What tells it from any other."""
        return (self.document.base, self.document.id, self.chunk.id)


class Candidates(NamedTuple):
    """What one base found."""

    embedding: Embedding | None
    by_meaning: Sequence[Found]
    by_words: Sequence[Found]


def depth(query: Query, *, has_parents: bool) -> int:
    """How many chunks a base is to find for each rank."""
    wanted = query.top_k * CHILDREN if has_parents else query.top_k
    return wanted if query.mode == "semantic" and not has_parents else max(wanted, DEEP)


def hits_of(query: Query, answers: Sequence[Candidates]) -> list[Hit]:
    """The best chunks of all bases, best first."""
    found = {one.key: one for base in answers for one in (*base.by_meaning, *base.by_words)}
    words = sorted(
        (one for base in answers for one in base.by_words), key=lambda one: (-one.words, one.key)
    )
    if query.mode == "hybrid":
        enough = {key for key, one in found.items() if _similar(one, query.score_threshold)}
        ranks = (
            (_meaning(answers), query.weights[0]),
            ([one.key for one in words], query.weights[1]),
        )
        scores = fused(ranks)
        order = [(key, score) for key, score in scores.items() if key in enough]
    elif query.mode == "full_text":
        scored = ((one.key, min(one.words, 1.0)) for one in words)
        order = [(key, score) for key, score in scored if score >= query.score_threshold]
    else:
        order = [(key, found[key].similarity or 0.0) for key in _meaning(answers)]
    return _hits(query.top_k, ((found[key], score) for key, score in order))


def _similar(one: Found, least: float) -> bool:
    return not least or (one.similarity is not None and one.similarity >= least)


def _meaning(answers: Sequence[Candidates]) -> list[Key]:
    """What was found by meaning, best first; cosines of two models cannot be compared."""
    models: dict[tuple[str, str], list[Found]] = {}
    for base in answers:
        if base.embedding is not None:
            model = (base.embedding.provider, base.embedding.model)
            models.setdefault(model, []).extend(base.by_meaning)
    ranks = []
    for ones in models.values():
        ones.sort(key=lambda one: (-(one.similarity or 0.0), one.key))
        ranks.append(([one.key for one in ones], 1.0))
    return list(fused(ranks)) if len(ranks) > 1 else [key for keys, _ in ranks for key in keys]


def _hits(count: int, ranked: Iterable[tuple[Found, float]]) -> list[Hit]:
    hits: list[Hit] = []
    parents: set[Key] = set()
    for one, score in ranked:
        if one.parent is not None:
            parent = (one.document.base, one.document.id, one.parent.id)
            if parent in parents:
                continue
            parents.add(parent)
        hits.append(
            Hit(
                base=one.document.base,
                chunk=one.chunk,
                document=one.document,
                score=score,
                parent=one.parent,
                similarity=one.similarity,
            )
        )
        if len(hits) == count:
            break
    return hits
