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
from runfold.ids import place_in_definition
from runfold_projection import conversations

VERSION = 7
"""Of the schema; a database of another is built again."""
SCHEMA = """
create table if not exists position (
    id integer primary key check (id = 0), seq integer not null, log text not null
);
create table if not exists archive_position (
    id integer primary key check (id = 0), seq integer not null
);
create table if not exists runs (
    run_id text primary key, workflow_id text not null, first_seq integer not null,
    started_at real not null, version text not null, origin text not null,
    status text not null, error_code text not null, error_node text not null, finished_at real,
    document blob not null
) without rowid;
create index if not exists runs_by_age on runs (first_seq desc, started_at, version);
create index if not exists runs_by_workflow
    on runs (workflow_id, first_seq desc, started_at, version, status);
create index if not exists runs_by_status
    on runs (status, first_seq desc, started_at, workflow_id, version);
create index if not exists runs_by_error on runs (error_code, first_seq desc)
    where error_code <> '';
create index if not exists runs_by_failure on runs
    (workflow_id, error_node, error_code, status, started_at, finished_at, first_seq)
    where error_code <> '';
create index if not exists runs_by_origin on runs (origin, first_seq desc) where origin <> '';
create table if not exists labels (
    name text not null, value text not null, first_seq integer not null, run_id text not null,
    primary key (name, value, first_seq desc, run_id)
) without rowid;
create table if not exists texts (run_id text primary key, text text not null) without rowid;
create table if not exists nodes (
    run_id text not null, address text not null, node_id text not null, place text not null,
    status text not null, document blob not null,
    primary key (run_id, address)
) without rowid;
create index if not exists nodes_by_id on nodes (node_id, run_id, status);
create table if not exists waiting (
    token text primary key, run_id text not null, address text not null, since real not null,
    workflow_id text not null, assignee text not null, type text not null
) without rowid;
create index if not exists waiting_by_age on waiting (since, token);
create index if not exists waiting_by_run on waiting (run_id, address);
"""
RUN = """
insert into runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (run_id) do update set
    status = excluded.status, error_code = excluded.error_code, error_node = excluded.error_node,
    finished_at = excluded.finished_at, document = excluded.document
"""
NODE = """
insert into nodes values (?, ?, ?, ?, ?, ?) on conflict (run_id, address) do update set
    status = excluded.status, document = excluded.document
"""
ANSWERED = ("human", "state_machine")
"""What a node waits for that somebody can send by its token."""
TABLES = (
    *("position", "archive_position", "runs", "labels", "texts", "nodes", "waiting"),
    *conversations.TABLES,
)


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
    text: str | None = None
    """What is looked for in, when it may have changed."""


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
            made = f"{SCHEMA}{conversations.SCHEMA}pragma user_version = {VERSION};"
            await db.executescript(f"begin;{drops}{made}commit;")

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
        written = _Rows()
        for changed in rows:
            written.add(changed)
        try:
            await db.executemany(RUN, written.runs)
            await db.executemany("insert or ignore into labels values (?, ?, ?, ?)", written.labels)
            await db.executemany("insert or replace into texts values (?, ?)", written.texts)
            await db.executemany(NODE, written.nodes)
            await db.executemany(
                "delete from waiting where run_id = ? and address = ?", written.answered
            )
            await db.executemany(
                "insert or replace into waiting values (?, ?, ?, ?, ?, ?, ?)", written.waits
            )
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


class _Rows:
    """The values of the rows to write, a list a table."""

    def __init__(self) -> None:
        self.runs: list[tuple[Any, ...]] = []
        self.labels: list[tuple[Any, ...]] = []
        self.texts: list[tuple[Any, ...]] = []
        self.nodes: list[tuple[Any, ...]] = []
        self.answered: list[tuple[Any, ...]] = []
        self.waits: list[tuple[Any, ...]] = []

    def add(self, changed: RunRows) -> None:
        """Add what changed in one run."""
        run, first_seq = changed.run, changed.first_seq
        begun = (run.run_id, run.workflow_id, first_seq, run.started_at, run.version)
        origin = run.origin.run_id if run.origin else ""
        error_code = run.error.code if run.error else ""
        ended = (run.status, error_code, place_in_definition(run.error_node), run.finished_at)
        self.runs.append((*begun, origin, *ended, msgspec.json.encode(run)))
        if changed.text is not None:
            self.texts.append((run.run_id, changed.text))
            self.labels += [(*label, first_seq, run.run_id) for label in run.labels.items()]
        for row in changed.nodes:
            self._add_node(run, row)

    def _add_node(self, run: RunView, row: NodeRow) -> None:
        node = row.view
        place = ".".join(f"{number + 1:07d}" for number in row.place)
        whose = (run.run_id, node.address)
        self.nodes.append((*whose, node.node_id, place, node.status, msgspec.json.encode(node)))
        self.answered.append(whose)
        # What a run that ended left waiting waits no more.
        if node.status == "waiting" and node.waiting and node.waiting.waiting_for in ANSWERED:
            since = node.started_at or run.started_at
            fits = (run.workflow_id, node.waiting.assignee, node.type)
            self.waits.append((node.waiting.token, *whose, since, *fits))
