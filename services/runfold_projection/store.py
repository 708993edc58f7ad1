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

from runfold.engine.view import NodeView, RunView
from runfold.errors import ConfigurationError

SCHEMA = """
create table if not exists position (id integer primary key check (id = 0), seq integer not null);
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
    token text primary key, run_id text not null, address text not null
) without rowid;
create index if not exists waiting_by_run on waiting (run_id, address);
"""


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
            await self._db.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            message = (
                f"cannot open the read model {self._path}: {error}; "
                "choose another directory with RUNFOLD_DATA_DIR, or delete the file to rebuild it"
            )
            raise ConfigurationError(message, code="projection.database") from error
        return self

    async def close(self) -> None:
        """Close it."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def position(self) -> int:
        """The sequence up to which the log is in here."""
        row = await self._one("select seq from position")
        return int(row[0]) if row else 0

    async def archive_position(self) -> int:
        """The sequence up to which the archive is in here."""
        row = await self._one("select seq from archive_position")
        return int(row[0]) if row else 0

    async def write(self, seq: int, rows: Iterable[RunRows]) -> None:
        """Write what changed and the new position, together."""
        await self._write_rows(rows)
        await self._opened.execute("insert or replace into position values (0, ?)", (seq,))
        await self._opened.commit()

    async def write_archived(self, seq: int, rows: Iterable[RunRows]) -> None:
        """Write archived runs and the archive's new position, together."""
        await self._write_rows(rows)
        await self._opened.execute("insert or replace into archive_position values (0, ?)", (seq,))
        await self._opened.commit()

    async def _write_rows(self, rows: Iterable[RunRows]) -> None:
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
                if view.waiting is not None and view.waiting.token:
                    waits.append((view.waiting.token, run.run_id, view.address))
        await db.executemany("insert or replace into runs values (?, ?, ?, ?, ?, ?)", runs)
        await db.executemany("insert or replace into nodes values (?, ?, ?, ?)", nodes)
        await db.executemany("delete from waiting where run_id = ? and address = ?", answered)
        await db.executemany("insert or replace into waiting values (?, ?, ?)", waits)

    async def wipe(self) -> None:
        """Forget everything, to be built again."""
        for table in ("position", "archive_position", "runs", "nodes", "waiting"):
            await self._opened.execute(f"delete from {table}")  # noqa: S608 -- our own names
        await self._opened.commit()

    async def status(self, run_id: str) -> str | None:
        """A run's status, or None when it is not in here."""
        row = await self._one("select status from runs where run_id = ?", run_id)
        return str(row[0]) if row else None

    async def run(self, run_id: str) -> RunView | None:
        """A run with its nodes."""
        row = await self._one("select document from runs where run_id = ?", run_id)
        if row is None:
            return None
        found = await self._all(
            "select document from nodes where run_id = ? order by place", run_id
        )
        nodes = tuple(msgspec.json.decode(document, type=NodeView) for (document,) in found)
        run = msgspec.json.decode(row[0], type=RunView)
        return msgspec.structs.replace(run, nodes=nodes)

    async def runs(
        self, *, workflow_id: str, status: str, before: int, limit: int
    ) -> list[tuple[int, RunView]]:
        """Runs without their nodes, newest first, each with where it began in the log."""
        found = await self._all(
            "select first_seq, document from runs where first_seq < ? "
            "and (? = '' or workflow_id = ?) and (? = '' or status = ?) "
            "order by first_seq desc limit ?",
            *(before, workflow_id, workflow_id, status, status, limit),
        )
        return [(seq, msgspec.json.decode(document, type=RunView)) for seq, document in found]

    async def waiting(self, token: str, limit: int) -> list[NodeView]:
        """Nodes that wait for a person: the one with a token, or all."""
        found = await self._all(
            "select nodes.document from waiting join nodes using (run_id, address) "
            "where ? = '' or token = ? limit ?",
            *(token, token, limit),
        )
        return [msgspec.json.decode(document, type=NodeView) for (document,) in found]

    @property
    def _opened(self) -> aiosqlite.Connection:
        if self._db is None:
            message = "the read model is closed"
            raise ConfigurationError(message, code="projection.database")
        return self._db

    async def _one(self, sql: str, *values: Any) -> Any:
        async with self._opened.execute(sql, values) as cursor:
            return await cursor.fetchone()

    async def _all(self, sql: str, *values: Any) -> Any:
        async with self._opened.execute(sql, values) as cursor:
            return await cursor.fetchall()
