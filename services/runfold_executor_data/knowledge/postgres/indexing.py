"""Indexes documents in PostgreSQL, a generation at a time."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from runfold.contracts.knowledge import Document, Generation, StoredDocument
from runfold_executor_data.knowledge.checks import (
    Described,
    generation_gone,
    incomplete,
    same_place,
)
from runfold_executor_data.knowledge.filter_sql import HEAD
from runfold_executor_data.knowledge.postgres.bases import Entry
from runfold_executor_data.knowledge.postgres.connections import Connection
from runfold_executor_data.knowledge.postgres.rows import document_of, packed
from runfold_executor_data.knowledge.postgres.schema import (
    CURRENT,
    GONE,
    SCHEMA,
    STAGED,
    chunks_table,
    terms_table,
)
from runfold_executor_data.knowledge.staging import STAGED_FOR, Begun, Worded
from runfold_executor_data.knowledge.vectors import Rows

MOST_TERMS = 50_000
"""Different terms of one chunk that are indexed: `tsvector` has a limit of a megabyte."""
# ruff: noqa: S608 -- names of tables are ours, all else are parameters


async def begin(db: Connection, entry: Entry, document: Document, what: Described) -> Begun:
    """Find the generation of the same content, or make one."""
    now = time.time()
    await _lock(db, entry, document.id)
    sql = (
        f"update {SCHEMA}.generations set state = $1 "
        "where base = $2 and state = $3 and touched_at < $4"
    )
    await db.execute(sql, GONE, entry.number, STAGED, now - STAGED_FOR)
    found = await db.fetchrow(
        f"select pk, id, state from {SCHEMA}.generations where base = $1 and document = $2 "
        "and sha256 = $3 and state in ($4, $5) order by state desc limit 1",
        *(entry.number, document.id, document.sha256, STAGED, CURRENT),
    )
    columns = (document.name, document.source, what.metadata.decode())
    if found is not None:
        sql = f"update {SCHEMA}.generations set name = $2, source = $3, metadata = $4 where pk = $1"
        await db.execute(sql, found["pk"], *columns)
        await db.execute(f"delete from {SCHEMA}.facts where generation = $1", found["pk"])
        await _add_facts(db, entry, found["pk"], what)
        return Begun(found["id"], unchanged=found["state"] == CURRENT)
    generation = uuid.uuid4().hex
    pk = await db.fetchval(
        f"insert into {SCHEMA}.generations (base, id, document, state, sha256, touched_at, name, "
        "source, metadata) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning pk",
        *(entry.number, generation, document.id, STAGED, document.sha256, now, *columns),
    )
    await _add_facts(db, entry, pk, what)
    return Begun(generation, unchanged=False)


async def have(db: Connection, entry: Entry, generation: str) -> frozenset[str]:
    """Ids of the chunks of a generation."""
    sql = (
        f"select c.id from {SCHEMA}.generations g join {chunks_table(entry.number)} c "
        "on c.generation = g.pk where g.id = $1"
    )
    return frozenset(row["id"] for row in await db.fetch(sql, generation))


async def add(
    db: Connection, entry: Entry, generation: Generation, words: Sequence[Worded], rows: Rows | None
) -> int:
    """Add chunks that are not there.

    Args:
        db: A connection, within a transaction.
        entry: The base.
        generation: What they belong to.
        words: The chunks.
        rows: A vector for each chunk that does not enclose others, in their order.

    Raises:
        Conflict: `knowledge.generation_gone`.
        InvalidRequest: `knowledge.chunk_invalid`.
    """
    pk, state = await _generation(db, generation)
    if state != STAGED:
        raise generation_gone(generation.document)
    table = chunks_table(entry.number)
    ids = [one.chunk.id for one in words]
    sql = f"select id from {table} where generation = $1 and id = any($2::text[])"
    there = {row["id"] for row in await db.fetch(sql, pk, ids)}
    column, value = ("", "") if rows is None else (", vector", ", $12")
    sql = (
        f"insert into {table} (generation, id, place, parent, encloses, beginning, ending, "
        f"headings, text, length, words{column}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        f"array_to_tsvector($11::text[]){value})"
    )
    new, given = await asyncio.to_thread(_given, pk, words, there, rows)
    try:
        await db.executemany(sql, given)
    except asyncpg.UniqueViolationError as error:
        raise same_place(new[0].chunk) from error
    await _count(db, entry, new)
    sql = f"update {SCHEMA}.generations set touched_at = $2 where pk = $1"
    await db.execute(sql, pk, time.time())
    return len(new)


async def finish(
    db: Connection, entry: Entry, generation: Generation, wanted: int
) -> StoredDocument:
    """Let searches find a generation, and no longer the one before it.

    Raises:
        Conflict: `knowledge.generation_gone`, `knowledge.incomplete`.
    """
    await _lock(db, entry, generation.document)
    pk, state = await _generation(db, generation)
    if state == GONE:
        raise generation_gone(generation.document)
    if state == STAGED:
        searched = await _complete(db, entry, pk, generation.document, wanted)
        sql = (
            f"select pk from {SCHEMA}.generations where base = $1 and document = $2 and state = $3"
        )
        before = await db.fetch(sql, entry.number, generation.document, CURRENT)
        await let_go(db, entry, [row["pk"] for row in before])
        sql = (
            f"update {SCHEMA}.generations set state = $2, touched_at = $3, chunks = $4 "
            "where pk = $1"
        )
        await db.execute(sql, pk, CURRENT, time.time(), searched)
        sql = (
            f"update {SCHEMA}.bases set documents = documents + 1, chunks = chunks + $2 "
            "where number = $1"
        )
        await db.execute(sql, entry.number, searched)
    row = await db.fetchrow(f"select * from {SCHEMA}.generations where pk = $1", pk)
    return document_of(generation.base, row)


async def abandon(db: Connection, generation: Generation) -> None:
    """Remove a generation that was not finished."""
    sql = f"update {SCHEMA}.generations set state = $2 where id = $1 and state = $3"
    await db.execute(sql, generation.id, GONE, STAGED)


async def let_go(db: Connection, entry: Entry, keys: list[int]) -> int:
    """Let searches no longer find generations; how many there were."""
    sql = (
        f"update {SCHEMA}.generations set state = $2 where pk = any($1::bigint[]) and state = $3 "
        "returning chunks"
    )
    gone = [row["chunks"] for row in await db.fetch(sql, keys, GONE, CURRENT)]
    sql = (
        f"update {SCHEMA}.bases set documents = documents - $2, chunks = chunks - $3 "
        "where number = $1"
    )
    await db.execute(sql, entry.number, len(gone), sum(gone))
    return len(gone)


async def _lock(db: Connection, entry: Entry, document: str) -> None:
    """Let no other transaction begin or finish this document meanwhile."""
    sql = "select pg_advisory_xact_lock(hashtextextended($1, $2))"
    await db.execute(sql, document, entry.number)


async def _generation(db: Connection, generation: Generation) -> tuple[int, int]:
    """A generation's key and state, which stays so for this transaction."""
    sql = f"select pk, state from {SCHEMA}.generations where id = $1 for no key update"
    row = await db.fetchrow(sql, generation.id)
    if row is None:
        raise generation_gone(generation.document)
    return row["pk"], row["state"]


async def _complete(db: Connection, entry: Entry, pk: int, document: str, wanted: int) -> int:
    """How many of its chunks are searched."""
    table = chunks_table(entry.number)
    row = await db.fetchrow(
        f"select count(*) as there, count(*) filter (where not encloses) as searched, "
        "count(distinct parent) filter (where parent <> '' and not exists "
        f"(select 1 from {table} p where p.generation = c.generation and p.id = c.parent "
        "and p.encloses)) as missing "
        f"from {table} c where generation = $1",
        pk,
    )
    if row["there"] != wanted or row["missing"]:
        raise incomplete(document, wanted, row["there"], row["missing"])
    return int(row["searched"])


def _given(
    pk: int, words: Sequence[Worded], there: set[str], rows: Rows | None
) -> tuple[list[Worded], list[tuple[Any, ...]]]:
    """The chunks that are new, and their rows."""
    searched = [one.chunk.id for one in words if not one.chunk.encloses]
    vectors = {} if rows is None else dict(zip(searched, map(packed, rows), strict=True))
    new = [one for one in words if one.chunk.id not in there]
    if rows is None:
        return new, [_columns(pk, one) for one in new]
    return new, [(*_columns(pk, one), vectors.get(one.chunk.id)) for one in new]


def _columns(pk: int, worded: Worded) -> tuple[Any, ...]:
    one = worded.chunk
    headings = msgspec.json.encode(one.headings).decode()
    different = list(dict.fromkeys(worded.terms))[:MOST_TERMS]
    place = (one.index, one.parent, one.encloses, one.start, one.end, headings, one.text)
    return (pk, one.id, *place, len(worded.terms), different)


async def _count(db: Connection, entry: Entry, words: Sequence[Worded]) -> None:
    """Note in how many chunks each term is, and how many there are of both."""
    holding = await asyncio.to_thread(_holding, words)
    terms = sorted(holding)  # in one order: two transactions do not wait for each other in a circle
    table = terms_table(entry.number)
    await db.execute(
        f"insert into {table} as t select * from unnest($1::text[], $2::int[]) "
        "on conflict (term) do update set holding = t.holding + excluded.holding",
        *(terms, [holding[term] for term in terms]),
    )
    searched = [one for one in words if not one.chunk.encloses]
    counted = (len(searched), sum(len(one.terms) for one in searched), len(words) - len(searched))
    sql = (
        f"update {SCHEMA}.bases set rows = rows + $2, terms = terms + $3, "
        "enclosing = enclosing + $4 where number = $1"
    )
    await db.execute(sql, entry.number, *counted)


def _holding(words: Sequence[Worded]) -> dict[str, int]:
    holding: dict[str, int] = {}
    for one in words:
        for term in set(one.terms):
            holding[term] = holding.get(term, 0) + 1
    return holding


async def _add_facts(db: Connection, entry: Entry, pk: int, what: Described) -> None:
    sql = f"insert into {SCHEMA}.facts values ($1, $2, $3, $4, $5, $6, $7, $8)"
    rows = [
        (entry.number, pk, at, one.name, one.text[:HEAD], one.text, one.text.casefold(), one.number)
        for at, one in enumerate(what.facts)
    ]
    await db.executemany(sql, rows)
