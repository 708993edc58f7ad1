"""The read model in SQLite: WAL, one writer, and the position in the same transaction as the rows.

It holds nothing that the log and the archive do not: delete the file, and it is built again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import aiosqlite
import msgspec

from runfold.engine.views.runs import NodeView, RunView
from runfold.errors import ConfigurationError

VERSION = 2
"""Of the schema; a database of another is built again."""
SCHEMA = """
create table if not exists position (
    id integer primary key check (id = 0), seq integer not null, log text not null
);
create table if not exists archive_position (
    id integer primary key check (id = 0), seq integer not null
);
create table if not exists runs (
    run_id text primary key, workflow_id text not null, status text not null,
    started_at real not null, first_seq integer not null, document blob not null
) without rowid;
create index if not exists runs_by_age on runs (first_seq desc);
create index if not exists runs_by_workflow on runs (workflow_id, first_seq desc);
create table if not exists nodes (
    run_id text not null, address text not null, place text not null, document blob not null,
    primary key (run_id, address)
) without rowid;
create table if not exists waiting (
    token text primary key, run_id text not null, address text not null, since real not null
) without rowid;
create index if not exists waiting_by_age on waiting (since, token);
create index if not exists waiting_by_run on waiting (run_id, address);
"""
ANSWERED = ("human", "state_machine")
"""What a node waits for that somebody can send by its token."""
TABLES = ("position", "archive_position", "runs", "nodes", "waiting")


class NodeRow(msgspec.Struct, frozen=True):
    """A node as it is to be written."""

    place: tuple[int, ...]
    view: NodeView


class RunRows(msgspec.Struct, frozen=True):
    """What is to be written of one run."""

    run: RunView
    """Without its nodes."""
    first_seq: int
    nodes: tuple[NodeRow, ...]
    """Those that changed."""


class ReadModel:
    """The database.

    Args:
        path: Its file; made when absent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None

    async def open(self) -> Self:
        """Open it, and make its tables.

        Raises:
            ConfigurationError: When the file cannot be opened.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._db = await aiosqlite.connect(self._path)
            await self._db.execute("pragma journal_mode = wal")
            await self._db.execute("pragma synchronous = normal")
            await self._make_tables(self._db)
        except (OSError, sqlite3.Error) as error:
            message = (
                f"cannot open the read model {self._path}: {error}; "
                "choose another directory with RUNFOLD_DATA_DIR, or delete the file to rebuild it"
            )
            raise ConfigurationError(message, code="projection.database") from error
        return self

    @staticmethod
    async def _make_tables(db: aiosqlite.Connection) -> None:
        async with db.execute("pragma user_version") as cursor:
            row = await cursor.fetchone()
        if row is None or row[0] != VERSION:
            drops = "".join(f"drop table if exists {table};" for table in TABLES)
            await db.executescript(f"begin;{drops}{SCHEMA}pragma user_version = {VERSION};commit;")

    async def close(self) -> None:
        """Close it."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def position(self, log: str, last_seq: int) -> int:
        """The sequence up to which a log is in here; of another log, nothing is kept.

        Args:
            log: What tells the log from any other.
            last_seq: Its newest sequence.
        """
        row = await self._one("select seq, log from position")
        if row is not None and row[1] == log and row[0] <= last_seq:
            return int(row[0])
        db = self._opened
        for table in TABLES:
            await db.execute(f"delete from {table}")  # noqa: S608 -- our own names
        await db.execute("insert into position values (0, 0, ?)", (log,))
        await db.commit()
        return 0

    async def archive_position(self) -> int:
        """The sequence up to which the archive is in here."""
        row = await self._one("select seq from archive_position")
        return int(row[0]) if row else 0

    async def write(self, seq: int, rows: Iterable[RunRows]) -> None:
        """Write what changed and the new position, together."""
        await self._write(rows, "update position set seq = ?", seq)

    async def write_archived(self, seq: int, rows: Iterable[RunRows]) -> None:
        """Write archived runs and the archive's new position, together."""
        await self._write(rows, "insert or replace into archive_position values (0, ?)", seq)

    async def _write(self, rows: Iterable[RunRows], position: str, seq: int) -> None:
        db = self._opened
        runs, nodes, waits, answered = [], [], [], []
        for changed in rows:
            run = changed.run
            body = msgspec.json.encode(run)
            started = (run.started_at, changed.first_seq, body)
            runs.append((run.run_id, run.workflow_id, run.status, *started))
            for node in changed.nodes:
                view = node.view
                place = ".".join(f"{number + 1:07d}" for number in node.place)
                nodes.append((run.run_id, view.address, place, msgspec.json.encode(view)))
                answered.append((run.run_id, view.address))
                # What a run that ended left waiting waits no more.
                waits_for = view.waiting.waiting_for if view.waiting else ""
                if view.status == "waiting" and view.waiting and waits_for in ANSWERED:
                    since = view.started_at or run.started_at
                    waits.append((view.waiting.token, run.run_id, view.address, since))
        try:
            await db.executemany("insert or replace into runs values (?, ?, ?, ?, ?, ?)", runs)
            await db.executemany("insert or replace into nodes values (?, ?, ?, ?)", nodes)
            await db.executemany("delete from waiting where run_id = ? and address = ?", answered)
            await db.executemany("insert or replace into waiting values (?, ?, ?, ?)", waits)
            await db.execute(position, (seq,))
            await db.commit()
        except BaseException:
            await db.rollback()
            raise

    async def status(self, run_id: str) -> str | None:
        """A run's status, or None when it is not in here."""
        row = await self._one("select status from runs where run_id = ?", run_id)
        return str(row[0]) if row else None

    @property
    def _opened(self) -> aiosqlite.Connection:
        if self._db is None:
            message = "the read model is closed"
            raise ConfigurationError(message, code="projection.database")
        return self._db

    async def _one(self, sql: str, *values: Any) -> Any:
        async with self._opened.execute(sql, values) as cursor:
            return await cursor.fetchone()
