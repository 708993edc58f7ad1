"""What a query asks of one base: a vector of its model, terms, and how many chunks."""

from __future__ import annotations

from typing import NamedTuple

from runfold.contracts.knowledge import Embedding, Query
from runfold.values.metadata_filters import Filter
from runfold_executor_data.knowledge.checks import (
    check_model,
    model_mismatch,
    no_vectors,
    same_model,
)
from runfold_executor_data.knowledge.segmenter import Term, query_terms
from runfold_executor_data.knowledge.vectors import Rows, rows_of


class Asked(NamedTuple):
    """A query, for one base."""

    query: Query
    filter: Filter | None
    vector: Rows | None
    """None: nothing is looked for by meaning."""
    terms: list[Term]
    """None of them: nothing is looked for by words."""


def asked_of(
    base: str, embedding: Embedding | None, query: Query, conditions: Filter | None
) -> Asked:
    """What a query asks of a base.

    Raises:
        InvalidRequest: `knowledge.no_vectors`, `knowledge.dimension`, `knowledge.vector_invalid`.
        Conflict: `knowledge.model_mismatch`.
    """
    terms = query_terms(query.text) if query.mode != "semantic" else []
    vector = _vector(base, embedding, query) if query.mode != "full_text" else None
    return Asked(query, conditions, vector, terms)


def _vector(base: str, embedding: Embedding | None, query: Query) -> Rows | None:
    if embedding is None:
        raise no_vectors(base)
    if not query.vectors:
        if query.text.strip():
            raise model_mismatch(base, embedding, None)
        return None  # a query of nothing finds nothing
    for one in query.vectors:
        if same_model(one.embedding, embedding):
            check_model(base, embedding, one.embedding)
            row: Rows = rows_of([one.vector], embedding.dims)[0]
            # While a base has no vectors, their length is not known: there is nothing to compare.
            return row if embedding.dims else None
    raise model_mismatch(base, embedding, query.vectors[0].embedding)
