"""Indexes documents in the embedded store, a generation at a time."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec

from runfold.contracts.knowledge import Document, StoredDocument
from runfold.errors import PayloadTooLarge
from runfold_executor_data.knowledge.checks import (
    Described,
    generation_gone,
    incomplete,
    same_place,
)
from runfold_executor_data.knowledge.embedded.rows import DOCUMENT, document_of
from runfold_executor_data.knowledge.embedded.schema import CURRENT, GONE, STAGED
from runfold_executor_data.knowledge.filter_sql import HEAD
from runfold_executor_data.knowledge.staging import STAGED_FOR, Begun, Worded
from runfold_executor_data.knowledge.vectors import Rows

MOST_CHANGES = 10_000
"""Changes that are kept; vectors in memory that are older are read again."""


def begin(db: sqlite3.Connection, document: Document, what: Described) -> Begun:
    """Find the generation of the same content, or make one."""
    now = time.time()
    db.execute(
        "update generations set state = ? where state = ? and touched_at < ?",
        (GONE, STAGED, now - STAGED_FOR),
    )
    found = db.execute(
        "select pk, id, state from generations "
        "where document = ? and sha256 = ? and state in (?, ?) order by state desc limit 1",
        (document.id, document.sha256, STAGED, CURRENT),
    ).fetchone()
    columns = (document.name, document.source, what.metadata)
    if found is not None:
        pk, generation, state = found
        sql = "update generations set name = ?, source = ?, metadata = ? where pk = ?"
        db.execute(sql, (*columns, pk))
        db.execute("delete from facts where generation = ?", (pk,))
        _add_facts(db, pk, what)
        return Begun(generation, unchanged=state == CURRENT)
    generation = uuid.uuid4().hex
    added = db.execute(
        "insert into generations (id, document, state, sha256, touched_at, name, source, metadata) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        (generation, document.id, STAGED, document.sha256, now, *columns),
    )
    _add_facts(db, added.lastrowid, what)
    return Begun(generation, unchanged=False)


def have(db: sqlite3.Connection, generation: str) -> frozenset[str]:
    """Ids of the chunks of a generation."""
    sql = "select c.id from generations g join chunks c on c.generation = g.pk where g.id = ?"
    return frozenset(row[0] for row in db.execute(sql, (generation,)))


def add(
    db: sqlite3.Connection,
    generation: str,
    document: str,
    words: Sequence[Worded],
    rows: Rows | None,
    most: int,
) -> int:
    """Add chunks that are not there.

    Args:
        db: The base's file.
        generation: Id of the generation.
        document: Id of its document.
        words: The chunks.
        rows: A vector for each chunk that does not enclose others, in their order.
        most: Chunks that the base may have.

    Raises:
        Conflict: `knowledge.generation_gone`.
        PayloadTooLarge: `knowledge.base_full`.
    """
    pk, state = _generation(db, generation, document)
    if state != STAGED:
        raise generation_gone(document)
    ids = msgspec.json.encode([one.chunk.id for one in words]).decode()
    sql = "select id from chunks where generation = ? and id in (select value from json_each(?))"
    there = {row[0] for row in db.execute(sql, (pk, ids))}
    searched = [one for one in words if not one.chunk.encloses]
    new = [at for at, one in enumerate(searched) if one.chunk.id not in there]
    _check_room(db, len(new), most)
    first = _insert(db, pk, [searched[at] for at in new])
    if new and rows is not None:
        block = (first, pk, len(new), rows[new].tobytes())
        db.execute("insert into blocks values (?, ?, ?, ?)", block)
    enclosing = [one for one in words if one.chunk.encloses and one.chunk.id not in there]
    _insert(db, pk, enclosing)
    terms = sum(len(searched[at].terms) for at in new)
    db.execute(
        "update totals set rows = rows + ?, terms = terms + ?, enclosing = enclosing + ?",
        (len(new), terms, len(enclosing)),
    )
    db.execute("update generations set touched_at = ? where pk = ?", (time.time(), pk))
    return len(new) + len(enclosing)


def finish(
    db: sqlite3.Connection, base: str, generation: str, document: str, wanted: int
) -> StoredDocument:
    """Let searches find a generation, and no longer the one before it.

    Raises:
        Conflict: `knowledge.generation_gone`, `knowledge.incomplete`.
    """
    pk, state = _generation(db, generation, document)
    if state == GONE:
        raise generation_gone(document)
    if state == STAGED:
        searched = _complete(db, pk, document, wanted)
        sql = "select pk from generations where document = ? and state = ?"
        for (before,) in db.execute(sql, (document, CURRENT)).fetchall():
            let_go(db, before)
        db.execute(
            "update generations set state = ?, touched_at = ?, chunks = ? where pk = ?",
            (CURRENT, time.time(), searched, pk),
        )
        _note(db, pk, added=True)
        sql = "update totals set documents = documents + 1, chunks = chunks + ?"
        db.execute(sql, (searched,))
    sql = f"select {DOCUMENT} from generations where pk = ?"  # noqa: S608 -- ours
    row = db.execute(sql, (pk,)).fetchone()
    return document_of(base, row)


def abandon(db: sqlite3.Connection, generation: str) -> None:
    """Remove a generation that was not finished."""
    sql = "update generations set state = ? where id = ? and state = ?"
    db.execute(sql, (GONE, generation, STAGED))


def let_go(db: sqlite3.Connection, pk: int) -> None:
    """Let searches no longer find a generation."""
    sql = "update generations set state = ? where pk = ? and state = ? returning chunks"
    for (chunks,) in db.execute(sql, (GONE, pk, CURRENT)).fetchall():
        _note(db, pk, added=False)
        sql = "update totals set documents = documents - 1, chunks = chunks - ?"
        db.execute(sql, (chunks,))


def _note(db: sqlite3.Connection, pk: int, *, added: bool) -> None:
    noted = db.execute("insert into changes (generation, added) values (?, ?)", (pk, added))
    db.execute("delete from changes where number <= ?", ((noted.lastrowid or 0) - MOST_CHANGES,))


def _generation(db: sqlite3.Connection, generation: str, document: str) -> tuple[int, int]:
    """A generation's key and state."""
    sql = "select pk, state from generations where id = ?"
    row: tuple[int, int] | None = db.execute(sql, (generation,)).fetchone()
    if row is None:
        raise generation_gone(document)
    return row


def _complete(db: sqlite3.Connection, pk: int, document: str, wanted: int) -> int:
    """How many of its chunks are searched."""
    sql = "select count(*), count(*) - coalesce(sum(encloses), 0) from chunks where generation = ?"
    there, searched = db.execute(sql, (pk,)).fetchone()
    sql = (
        "select count(distinct c.parent) from chunks c where c.generation = ? and c.parent <> '' "
        "and not exists (select 1 from chunks p where p.generation = c.generation "
        "and p.id = c.parent and p.encloses = 1)"
    )
    missing = db.execute(sql, (pk,)).fetchone()[0]
    if there != wanted or missing:
        raise incomplete(document, wanted, there, missing)
    return int(searched)


def _check_room(db: sqlite3.Connection, more: int, most: int) -> None:
    there = db.execute("select rows from totals").fetchone()[0]
    if there + more > most:
        message = (
            f"the base has {there} chunks, and {most} is the most (RUNFOLD_KNOWLEDGE__MAX_CHUNKS): "
            "larger bases belong in PostgreSQL (RUNFOLD_KNOWLEDGE__URL)"
        )
        details = {"size": there + more, "limit": most}
        raise PayloadTooLarge(message, code="knowledge.base_full", details=details)


def _insert(db: sqlite3.Connection, pk: int, words: list[Worded]) -> int:
    """Insert chunks whose keys follow one another; the first of them."""
    first = 0
    for worded in words:
        one = worded.chunk
        headings = msgspec.json.encode(one.headings).decode()
        place = (one.index, one.parent, one.encloses, one.start, one.end, headings, one.text)
        try:
            added = db.execute(
                "insert into chunks (generation, id, place, parent, encloses, beginning, ending, "
                "headings, text) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (pk, one.id, *place),
            )
        except sqlite3.IntegrityError as error:
            raise same_place(one) from error
        first = first or (added.lastrowid or 0)
        if not one.encloses:
            sql = "insert into words (rowid, terms) values (?, ?)"
            db.execute(sql, (added.lastrowid, " ".join(worded.terms)))
    return first


def _add_facts(db: sqlite3.Connection, pk: int | None, what: Described) -> None:
    rows: list[tuple[Any, ...]] = [
        (pk, at, one.name, one.text[:HEAD], one.text, one.text.casefold(), one.number)
        for at, one in enumerate(what.facts)
    ]
    db.executemany("insert into facts values (?, ?, ?, ?, ?, ?, ?)", rows)
