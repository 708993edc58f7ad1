"""Lists and removes documents of the embedded store."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

import msgspec

from runfold.contracts.knowledge import Base, Chunk, StoredDocument
from runfold.values.metadata_filters import Filter
from runfold_executor_data.knowledge.checks import document_unknown
from runfold_executor_data.knowledge.embedded.indexing import let_go
from runfold_executor_data.knowledge.embedded.rows import (
    CHUNK,
    DOCUMENT,
    chunk_of,
    document_of,
)
from runfold_executor_data.knowledge.embedded.schema import CURRENT, GONE
from runfold_executor_data.knowledge.filter_sql import Dialect, filter_sql
from runfold_executor_data.knowledge.segmenter import terms_of
from runfold_executor_data.knowledge.staging import indexed_text

DIALECT = Dialect(facts="facts where true")
AT_ONCE = 500
"""Chunks that are removed in one transaction: others can write in between."""


def fitting(found: Filter | None) -> tuple[str, list[Any]]:
    """A condition on generations that searches find and that fit a filter, and its parameters."""
    values: list[Any] = [CURRENT]
    if found is None:
        return "state = ?", values

    def parameter(value: Any) -> str:
        values.append(value)
        return "?"

    return f"state = ? and {filter_sql(found, DIALECT, parameter)}", values


def counted(db: sqlite3.Connection, base: Base) -> Base:
    """A base with its numbers of documents and chunks."""
    there, searched = db.execute("select documents, chunks from totals").fetchone()
    return msgspec.structs.replace(base, documents=there, chunks=searched)


def listed(
    db: sqlite3.Connection, base: str, found: Filter | None, after: str, limit: int
) -> list[StoredDocument]:
    """Documents after an id, by id."""
    condition, values = fitting(found)
    sql = (
        f"select {DOCUMENT} from generations where {condition} and document > ? "  # noqa: S608 -- ours
        "order by document limit ?"
    )
    return [document_of(base, row) for row in db.execute(sql, (*values, after, limit))]


def find(db: sqlite3.Connection, base: str, document: str) -> StoredDocument:
    """A document.

    Raises:
        NotFound: `knowledge.document_not_found`.
    """
    sql = f"select {DOCUMENT} from generations where document = ? and state = ?"  # noqa: S608 -- ours
    row = db.execute(sql, (document, CURRENT)).fetchone()
    if row is None:
        raise document_unknown(base, document)
    return document_of(base, row)


def chunks(db: sqlite3.Connection, base: str, document: str, after: int, limit: int) -> list[Chunk]:
    """A document's chunks after a place, by their place.

    Raises:
        NotFound: `knowledge.document_not_found`.
    """
    find(db, base, document)
    sql = (
        f"select {CHUNK} from generations g join chunks c on c.generation = g.pk "  # noqa: S608
        "where g.document = ? and g.state = ? and c.place > ? order by c.place limit ?"
    )
    return [chunk_of(row) for row in db.execute(sql, (document, CURRENT, after, limit))]


def delete(db: sqlite3.Connection, ids: Collection[str] | None, found: Filter | None) -> int:
    """Let searches no longer find documents; how many there were."""
    condition, values = fitting(found)
    if ids is not None:
        condition += " and document in (select value from json_each(?))"
        values.append(msgspec.json.encode(list(ids)).decode())
    sql = f"select pk from generations where {condition}"  # noqa: S608 -- ours
    there = db.execute(sql, values).fetchall()
    for (pk,) in there:
        let_go(db, pk)
    return len(there)


def purge(db: sqlite3.Connection) -> bool:
    """Remove some of what belongs to generations that are gone; whether there may be more."""
    sql = "select pk from generations where state = ? order by pk limit 1"
    row = db.execute(sql, (GONE,)).fetchone()
    if row is None:
        return False
    (generation,) = row
    sql = f"select c.pk, {CHUNK} from chunks c where c.generation = ? limit ?"  # noqa: S608 -- ours
    removed = [(one[0], chunk_of(one[1:])) for one in db.execute(sql, (generation, AT_ONCE))]
    if removed:
        _remove(db, removed)
    if len(removed) < AT_ONCE:
        for sql in (
            "delete from blocks where generation = ?",
            "delete from facts where generation = ?",
            "delete from generations where pk = ?",
        ):
            db.execute(sql, (generation,))
    return True


def _remove(db: sqlite3.Connection, removed: list[tuple[int, Chunk]]) -> None:
    searched = [(pk, terms_of(indexed_text(one))) for pk, one in removed if not one.encloses]
    db.executemany("delete from chunks where pk = ?", [(pk,) for pk, _ in removed])
    # A table without its content is told what it is to forget.
    sql = "insert into words (words, rowid, terms) values ('delete', ?, ?)"
    db.executemany(sql, [(pk, " ".join(terms)) for pk, terms in searched])
    counted = (len(searched), sum(len(terms) for _, terms in searched))
    db.execute(
        "update totals set rows = rows - ?, terms = terms - ?, enclosing = enclosing - ?",
        (*counted, len(removed) - len(searched)),
    )
