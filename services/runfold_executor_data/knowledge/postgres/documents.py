"""Lists and removes documents in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from runfold.contracts.knowledge import Chunk, StoredDocument
from runfold.values.metadata_filters import Filter
from runfold_executor_data.knowledge.checks import document_unknown
from runfold_executor_data.knowledge.filter_sql import filter_sql
from runfold_executor_data.knowledge.postgres.bases import Entry
from runfold_executor_data.knowledge.postgres.connections import Connection
from runfold_executor_data.knowledge.postgres.indexing import let_go
from runfold_executor_data.knowledge.postgres.rows import CHUNK, chunk_of, document_of
from runfold_executor_data.knowledge.postgres.schema import (
    CURRENT,
    GONE,
    SCHEMA,
    chunks_table,
    dialect,
    terms_table,
)

AT_ONCE = 500
"""Chunks that are removed in one transaction."""
# ruff: noqa: S608 -- names of tables are ours, all else are parameters


def fitting(entry: Entry, found: Filter | None) -> tuple[str, list[Any]]:
    """A condition on generations that searches find and that fit a filter, and its parameters."""
    values: list[Any] = [entry.number, CURRENT]
    condition = "base = $1 and state = $2"
    if found is None:
        return condition, values

    def parameter(value: Any) -> str:
        values.append(value)
        kind = {str: "text", int: "integer", float: "double precision"}[type(value)]
        return f"${len(values)}::{kind}"

    return f"{condition} and {filter_sql(found, dialect(entry.number), parameter)}", values


async def listed(
    db: Connection, entry: Entry, found: Filter | None, after: str, limit: int
) -> list[StoredDocument]:
    """Documents after an id, by id."""
    condition, values = fitting(entry, found)
    sql = (
        f"select * from {SCHEMA}.generations where {condition} "
        f'and document collate "C" > ${len(values) + 1} '
        f'order by document collate "C" limit ${len(values) + 2}'
    )
    rows = await db.fetch(sql, *values, after, limit)
    return [document_of(entry.base.name, row) for row in rows]


async def find(db: Connection, entry: Entry, document: str) -> StoredDocument:
    """A document.

    Raises:
        NotFound: `knowledge.document_not_found`.
    """
    sql = f"select * from {SCHEMA}.generations where base = $1 and document = $2 and state = $3"
    row = await db.fetchrow(sql, entry.number, document, CURRENT)
    if row is None:
        raise document_unknown(entry.base.name, document)
    return document_of(entry.base.name, row)


async def chunks(
    db: Connection, entry: Entry, document: str, after: int, limit: int
) -> list[Chunk]:
    """A document's chunks after a place, by their place.

    Raises:
        NotFound: `knowledge.document_not_found`.
    """
    await find(db, entry, document)
    sql = (
        f"select {CHUNK} from {SCHEMA}.generations g join {chunks_table(entry.number)} c "
        "on c.generation = g.pk where g.base = $1 and g.document = $2 and g.state = $3 "
        "and c.place > $4::bigint order by c.place limit $5"
    )
    rows = await db.fetch(sql, entry.number, document, CURRENT, after, limit)
    return [chunk_of(row) for row in rows]


async def delete(
    db: Connection, entry: Entry, ids: Collection[str] | None, found: Filter | None
) -> int:
    """Let searches no longer find documents; how many there were."""
    condition, values = fitting(entry, found)
    if ids is not None:
        values.append(list(ids))
        condition += f" and document = any(${len(values)}::text[])"
    rows = await db.fetch(f"select pk from {SCHEMA}.generations where {condition}", *values)
    return await let_go(db, entry, [row["pk"] for row in rows])


async def purge(db: Connection, entry: Entry) -> bool:
    """Remove some of what belongs to generations that are gone; whether there may be more."""
    sql = (
        f"select pk from {SCHEMA}.generations where base = $1 and state = $2 order by pk limit 1 "
        "for update skip locked"
    )
    generation = await db.fetchval(sql, entry.number, GONE)
    if generation is None:
        return False
    table = chunks_table(entry.number)
    removed = await db.fetch(
        f"delete from {table} where pk in (select pk from {table} where generation = $1 limit $2) "
        "returning encloses, length, tsvector_to_array(words) as terms",
        *(generation, AT_ONCE),
    )
    if removed:
        await _uncount(db, entry, removed)
    if len(removed) < AT_ONCE:
        await db.execute(f"delete from {SCHEMA}.generations where pk = $1", generation)
    return True


async def _uncount(db: Connection, entry: Entry, removed: list[Any]) -> None:
    holding: dict[str, int] = {}
    for row in removed:
        for term in row["terms"]:
            holding[term] = holding.get(term, 0) + 1
    terms = sorted(holding)
    table = terms_table(entry.number)
    # In the order in which others add to them.
    sql = f"select from {table} where term = any($1::text[]) order by term for update"
    await db.execute(sql, terms)
    await db.execute(
        f"update {table} t set holding = t.holding - gone.holding "
        "from unnest($1::text[], $2::int[]) as gone (term, holding) where t.term = gone.term",
        *(terms, [holding[term] for term in terms]),
    )
    searched = [row["length"] for row in removed if not row["encloses"]]
    sql = (
        f"update {SCHEMA}.bases set rows = rows - $2, terms = terms - $3, "
        "enclosing = enclosing - $4 where number = $1"
    )
    counted = (len(searched), sum(searched), len(removed) - len(searched))
    await db.execute(sql, entry.number, *counted)
