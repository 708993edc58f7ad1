"""What one base in PostgreSQL finds: by the index of its vectors, and by that of its words."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from runfold.values.metadata_filters import Filter
from runfold_executor_data.knowledge.asking import Asked
from runfold_executor_data.knowledge.fusing import Candidates, Found, depth
from runfold_executor_data.knowledge.postgres.bases import Entry
from runfold_executor_data.knowledge.postgres.connections import Connection
from runfold_executor_data.knowledge.postgres.documents import fitting
from runfold_executor_data.knowledge.postgres.rows import CHUNK, chunk_of, document_of, packed
from runfold_executor_data.knowledge.postgres.schema import (
    CURRENT,
    SCHEMA,
    chunks_table,
    ordered,
    terms_table,
)
from runfold_executor_data.knowledge.ranking import Weights
from runfold_executor_data.knowledge.segmenter import Term, terms_of
from runfold_executor_data.knowledge.staging import indexed_text
from runfold_executor_data.knowledge.vectors import Rows

BREADTH = 100
"""What HNSW holds while it searches, at least (`ef_search`)."""
BREADTH_OF_ONE = 4
"""The same, for each chunk that is wanted."""
MOST_BREADTH = 1000
"""The most that pgvector takes."""
FEW = 1000
"""Chunks up to which those that a filter lets through are compared one by one."""
_LAST = "\U0010ffff"
"""Behind every character: the end of the terms that begin in the same way."""


class Scope(NamedTuple):
    """Which generations count."""

    generations: list[int]
    only: bool
    """Those, or all but those: without a filter, the few that searches do not find."""

    def sql(self, parameter: str) -> str:
        """The condition on a chunk `c`."""
        one_of = f"c.generation = any({parameter}::bigint[])"
        return one_of if self.only else f"not ({one_of})"


# ruff: noqa: S608 -- names of tables are ours, all else are parameters


async def candidates(
    db: Connection, entry: Entry, asked: Asked, *, exact: bool = False
) -> Candidates:
    """What a base finds.

    Args:
        db: A connection, within a transaction.
        entry: The base.
        asked: What is looked for.
        exact: Compare all vectors, as a measure of what the index leaves out.
    """
    scope, few = await _scope(db, entry, asked.filter)
    count = depth(asked.query, has_parents=entry.has_parents)
    by_meaning: list[Any] = []
    if asked.vector is not None and _dims(entry):
        near = await _nearest(db, entry, asked.vector, count, scope, exact=exact or few)
        if len(near) < count and not (exact or few):
            # HNSW gives up after it has seen `hnsw.max_scan_tuples`, the nearest of all: what a
            # filter lets through may be behind them.
            near = await _nearest(db, entry, asked.vector, count, scope, exact=True)
        least = asked.query.score_threshold or -math.inf
        by_meaning = [row for row in near if row["similarity"] >= least]
    by_words = await _by_words(db, entry, asked, count, scope)
    words = {row["pk"]: score for row, score in by_words}
    rows = {row["pk"]: row for row in (*by_meaning, *(row for row, _ in by_words))}
    found = await _found(db, entry, rows, words)
    return Candidates(
        entry.embedding,
        [found[row["pk"]] for row in by_meaning],
        [found[row["pk"]] for row, _ in by_words],
    )


def _dims(entry: Entry) -> int:
    return entry.embedding.dims if entry.embedding else 0


async def _scope(db: Connection, entry: Entry, found: Filter | None) -> tuple[Scope, bool]:
    """Which generations count, and whether those that a filter lets through have few chunks."""
    if found is None:
        sql = f"select pk from {SCHEMA}.generations where base = $1 and state <> $2"
        rows = await db.fetch(sql, entry.number, CURRENT)
        return Scope([row["pk"] for row in rows], only=False), False
    condition, values = fitting(entry, found)
    sql = f"select pk, chunks from {SCHEMA}.generations where {condition}"
    rows = await db.fetch(sql, *values)
    few = sum(row["chunks"] for row in rows) <= FEW
    return Scope([row["pk"] for row in rows], only=True), few


async def _nearest(
    db: Connection, entry: Entry, vector: Rows, count: int, scope: Scope, *, exact: bool
) -> list[Any]:
    dims = _dims(entry)
    breadth = min(max(BREADTH, BREADTH_OF_ONE * count), MOST_BREADTH)
    # The planner does not know how many rows a filter leaves, and what sorting them would cost.
    await db.execute(
        "select set_config('hnsw.ef_search', $1, true), "
        "set_config('hnsw.iterative_scan', 'strict_order', true), "
        "set_config('enable_sort', $2, true)",
        *(str(breadth), "on" if exact else "off"),
    )
    kind = ordered(dims)
    given = "$1::vector" if kind == "vector" else f"$1::vector::halfvec({dims:d})"
    # No index is on a sum.
    distance = f"({kind} <#> {given}){' + 0' if exact else ''}"
    sql = (
        f"select c.pk, -(c.vector <#> $1::vector) as similarity, {CHUNK} "
        f"from {chunks_table(entry.number)} c where c.vector is not null and {scope.sql('$3')} "
        f"order by {distance} limit $2"
    )
    rows = await db.fetch(sql, packed(vector), count, scope.generations)
    await db.execute("select set_config('enable_sort', 'on', true)")
    return sorted(rows, key=lambda row: (-row["similarity"], row["pk"]))


async def _by_words(
    db: Connection, entry: Entry, asked: Asked, count: int, scope: Scope
) -> list[tuple[Any, float]]:
    """Rows of chunks and their scores, the best first."""
    holding = await _holding(db, entry, asked.terms)
    weights = Weights(holding, entry.rows, entry.terms / max(entry.rows, 1))
    rows: list[Any] = []
    for terms in weights.passes():
        rows = await _matching(db, entry, asked, terms, weights, count, scope)
        if len(rows) >= asked.query.top_k:
            break
    return await asyncio.to_thread(_scored, rows, weights)


async def _matching(
    db: Connection,
    entry: Entry,
    asked: Asked,
    terms: Sequence[Term],
    weights: Weights,
    count: int,
    scope: Scope,
) -> list[Any]:
    """Rows of chunks that have some of the terms: those whose terms weigh most."""
    if scope.only and not scope.generations:
        return []
    values: list[Any] = [count, " | ".join(map(_quoted, terms)), scope.generations]

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    score = " + ".join(
        f"case when c.words @@ {parameter(_quoted(term))}::text::tsquery "
        f"then {parameter(weights.of[term])}::float8 else 0 end"
        for term in terms
    )
    similarity = "null::float8"
    if asked.vector is not None and _dims(entry):
        similarity = f"-(c.vector <#> {parameter(packed(asked.vector))}::vector)"
    table = chunks_table(entry.number)
    sql = (
        f"with best as (select c.pk from {table} c where c.words @@ $2::text::tsquery "
        f"and not c.encloses and {scope.sql('$3')} "
        f"order by {score} desc, c.length, c.pk limit $1) "
        f"select c.pk, {similarity} as similarity, {CHUNK} from best join {table} c using (pk)"
    )
    found: list[Any] = await db.fetch(sql, *values)
    return found


def _scored(rows: Sequence[Any], weights: Weights) -> list[tuple[Any, float]]:
    scored = [(row, weights.score(terms_of(indexed_text(chunk_of(row))))) for row in rows]
    scored.sort(key=lambda one: (-one[1], one[0]["pk"]))
    return scored


async def _holding(db: Connection, entry: Entry, terms: Sequence[Term]) -> dict[Term, int]:
    """In how many chunks each term is."""
    table = terms_table(entry.number)
    whole = [term.text for term in terms if not term.prefix]
    sql = f"select term, holding from {table} where term = any($1::text[])"
    found = {row["term"]: row["holding"] for row in await db.fetch(sql, whole)} if whole else {}
    holding = {}
    for term in terms:
        if term.prefix:
            sql = f"select coalesce(sum(holding), 0) from {table} where term >= $1 and term < $2"
            holding[term] = int(await db.fetchval(sql, term.text, term.text + _LAST))
        else:
            holding[term] = found.get(term.text, 0)
    return holding


def _quoted(term: Term) -> str:
    """A term as `tsquery` takes any text."""
    text = term.text.replace("\\", "\\\\").replace("'", "''")
    return f"'{text}':*" if term.prefix else f"'{text}'"


async def _found(
    db: Connection, entry: Entry, rows: dict[int, Any], words: dict[int, float]
) -> dict[int, Found]:
    generations = list({row["generation"] for row in rows.values()})
    sql = f"select * from {SCHEMA}.generations where pk = any($1::bigint[])"
    listed = await db.fetch(sql, generations) if generations else []
    documents = {row["pk"]: document_of(entry.base.name, row) for row in listed}
    wanted = list({row["parent"] for row in rows.values() if row["parent"]})
    sql = (
        f"select {CHUNK} from {chunks_table(entry.number)} c "
        "where c.generation = any($1::bigint[]) and c.id = any($2::text[])"
    )
    enclosing = await db.fetch(sql, generations, wanted) if wanted else []
    parents = {(row["generation"], row["id"]): chunk_of(row) for row in enclosing}
    return {
        pk: Found(
            chunk_of(row),
            documents[row["generation"]],
            parents.get((row["generation"], row["parent"])),
            None if row["similarity"] is None else min(row["similarity"], 1.0),
            words.get(pk, 0.0),
        )
        for pk, row in rows.items()
    }
