"""Bases in PostgreSQL: made, found, removed."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from runfold.contracts.knowledge import Base, BaseSpec, Embedding
from runfold_executor_data.knowledge.checks import base_exists, base_unknown
from runfold_executor_data.knowledge.postgres.connections import Connection
from runfold_executor_data.knowledge.postgres.schema import (
    SCHEMA,
    base_tables,
    chunks_table,
    terms_table,
    vector_column,
)

_FIND = f"select * from {SCHEMA}.bases where name = $1"  # noqa: S608 -- ours


class Entry(NamedTuple):
    """A base, and what tells it from any other."""

    base: Base
    number: int
    rows: int
    """Chunks that are found by words, staged ones too."""
    terms: int
    """Terms of all of them."""
    has_parents: bool

    @property
    def embedding(self) -> Embedding | None:
        """Its model."""
        return self.base.embedding


async def create(db: Connection, spec: BaseSpec) -> Entry:
    """Make a base.

    Raises:
        Conflict: `knowledge.base_exists`.
    """
    model = spec.embedding
    named = (model.provider, model.model, model.dims) if model else (None, None, 0)
    sql = (
        f"insert into {SCHEMA}.bases (name, description, created_at, provider, model, dims) "  # noqa: S608
        "values ($1, $2, $3, $4, $5, $6) on conflict (name) do nothing returning *"
    )
    row = await db.fetchrow(sql, spec.name, spec.description, time.time(), *named)
    if row is None:
        raise base_exists(spec.name)
    await db.execute(base_tables(row["number"]))
    if row["dims"]:
        await db.execute(vector_column(row["number"], row["dims"]))
    return _entry(row)


async def find(db: Connection, name: str) -> Entry:
    """A base.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    row = await db.fetchrow(_FIND, name)
    if row is None:
        raise base_unknown(name)
    return _entry(row)


async def listed(db: Connection, after: str, limit: int) -> list[Base]:
    """Bases after a name, by name."""
    sql = (
        f'select * from {SCHEMA}.bases where name collate "C" > $1 '  # noqa: S608 -- ours
        'order by name collate "C" limit $2'
    )
    return [_entry(row).base for row in await db.fetch(sql, after, limit)]


async def remove(db: Connection, name: str) -> None:
    """Remove a base and all that is in it.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    sql = f"delete from {SCHEMA}.bases where name = $1 returning number"  # noqa: S608 -- ours
    number = await db.fetchval(sql, name)
    if number is None:
        raise base_unknown(name)
    await db.execute(f"drop table {chunks_table(number)}, {terms_table(number)}")


async def decide_dims(db: Connection, name: str, dims: int) -> Entry:
    """A base whose vectors have their length: this one, if none was stored before.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    sql = (
        f"update {SCHEMA}.bases set dims = $2 where name = $1 and dims = 0 "  # noqa: S608 -- ours
        "returning number"
    )
    number = await db.fetchval(sql, name, dims)
    if number is not None:
        await db.execute(vector_column(number, dims))
    return await find(db, name)


def _entry(row: Any) -> Entry:
    model = row["model"]
    embedding = None if model is None else Embedding(row["provider"], model, row["dims"])
    base = Base(
        name=row["name"],
        created_at=row["created_at"],
        description=row["description"],
        embedding=embedding,
        documents=row["documents"],
        chunks=row["chunks"],
    )
    return Entry(base, row["number"], row["rows"], row["terms"], row["enclosing"] > 0)
