"""Which bases there are, and the file of each."""

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import NamedTuple

from runfold.contracts.knowledge import Base, BaseSpec, Embedding
from runfold_executor_data.knowledge.checks import base_exists, base_unknown

_COLUMNS = "name, file, description, created_at, provider, model, dims"
_ADD = f"insert or ignore into bases ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- ours
_FIND = f"select {_COLUMNS} from bases where name = ?"  # noqa: S608 -- ours
_LIST = f"select {_COLUMNS} from bases where name > ? order by name limit ?"  # noqa: S608 -- ours


class Entry(NamedTuple):
    """A base as the catalogue has it."""

    base: Base
    """Without its numbers of documents and chunks."""
    file: str

    @property
    def embedding(self) -> Embedding | None:
        """Its model."""
        return self.base.embedding


def new(spec: BaseSpec) -> Entry:
    """An entry for a base that is to be made."""
    file = f"{secrets.token_hex(16)}.sqlite3"
    return Entry(Base(spec.name, time.time(), spec.description, spec.embedding), file)


def add(db: sqlite3.Connection, entry: Entry) -> None:
    """Add a base.

    Raises:
        Conflict: `knowledge.base_exists`.
    """
    base, model = entry.base, entry.embedding
    named = (model.provider, model.model, model.dims) if model else (None, None, 0)
    row = (base.name, entry.file, base.description, base.created_at, *named)
    added = db.execute(_ADD, row)
    if added.rowcount == 0:
        raise base_exists(base.name)


def find(db: sqlite3.Connection, name: str) -> Entry:
    """A base.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    row = db.execute(_FIND, (name,)).fetchone()
    if row is None:
        raise base_unknown(name)
    return _entry(row)


def listed(db: sqlite3.Connection, after: str, limit: int) -> list[Entry]:
    """Bases after a name, by name."""
    return [_entry(row) for row in db.execute(_LIST, (after, limit))]


def remove(db: sqlite3.Connection, name: str) -> Entry:
    """Remove a base from the catalogue.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    entry = find(db, name)
    db.execute("delete from bases where name = ?", (name,))
    return entry


def decide_dims(db: sqlite3.Connection, name: str, dims: int) -> Entry:
    """A base whose vectors have their length: this one, if none was stored before.

    Raises:
        NotFound: `knowledge.base_not_found`.
    """
    db.execute("update bases set dims = ? where name = ? and dims = 0", (dims, name))
    return find(db, name)


def _entry(row: tuple[str, str, str, float, str | None, str | None, int]) -> Entry:
    name, file, description, created_at, provider, model, dims = row
    embedding = None if model is None else Embedding(provider or "", model, dims)
    return Entry(Base(name, created_at, description, embedding), file)
