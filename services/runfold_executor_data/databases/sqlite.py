"""Transactions on a file of SQLite: one connection each, in a thread.

The file is never made here. An authorizer says what an author's statement may do; a progress
handler ends it when its time is up, or when the task that waits for it is cancelled.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from runfold.database_settings import Dialect
from runfold.values.files import is_file
from runfold.values.json_text import to_json
from runfold.values.operators import boolean_of
from runfold_executor_data.databases.catalogue import Column, ColumnKind, Table
from runfold_executor_data.databases.failures import failed, not_allowed, unavailable
from runfold_executor_data.databases.parameters import Parameter
from runfold_executor_data.databases.places import Places
from runfold_executor_data.databases.rows import Limited, named_once
from runfold_executor_data.databases.session import Fetched
from runfold_executor_data.databases.sources import Target
from runfold_executor_data.databases.sqlite_errors import translated
from runfold_executor_data.databases.sqlite_guard import Guard, regexp
from runfold_executor_data.databases.statements import Statement
from runfold_executor_data.databases.values import float_value, json_value

T = TypeVar("T")

Store = Callable[[bytes, str], Awaitable[dict[str, Any]]]
Load = Callable[[Any], Awaitable[bytes]]

_STEPS = 2000
"""Steps of SQLite's machine between two looks at the clock."""
_LOCKED = 5.0
"""Seconds that a lock of another connection is waited for, at most."""
_AT_ONCE = 100
_READ, _WRITTEN = 1 << 20, 64 << 20
"""Bytes that one value may have at least, where the source's limit is smaller."""
_KINDS: tuple[tuple[str, ColumnKind], ...] = (
    ("JSON", "json"),
    ("BOOL", "boolean"),
    ("INT", "number"),
    ("CHAR", "text"),
    ("CLOB", "text"),
    ("TEXT", "text"),
    ("BLOB", "bytes"),
    ("REAL", "number"),
    ("FLOA", "number"),
    ("DOUB", "number"),
    ("NUM", "number"),
    ("DEC", "number"),
)
_COLUMNS = "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid"
_TABLE = """
SELECT name FROM main.sqlite_master
WHERE type IN ('table', 'view') AND lower(name) = lower(?)
"""


class SqliteSession:
    """One transaction.

    Args:
        connection: Inside of it.
        guard: What the connection asks before it does anything.
        target: The source.
        work: Runs what blocks.
        store: Keeps bytes of results.
        load: Reads files for parameters.
    """

    dialect: Dialect = "sqlite"

    def __init__(
        self,
        connection: sqlite3.Connection,
        guard: Guard,
        target: Target,
        work: Work,
        store: Store,
        load: Load,
    ) -> None:
        self._connection = connection
        self._guard = guard
        self.target = target
        self.key_stored = False
        self._work = work
        self._store = store
        self._load = load

    async def table(self, name: str) -> Table:
        """A table by the name that a node says."""
        source = self.target.name

        def look() -> tuple[str, list[tuple[str, str]]]:
            found = self._connection.execute(_TABLE, (name.removeprefix("main."),)).fetchone()
            rows = self._connection.execute(_COLUMNS, (found[0],)).fetchall() if found else []
            return (found[0] if found else ""), rows

        short, rows = await self._work(look)
        if not rows:
            message = f"there is no table {name[:100]!r}"
            raise failed(source, "unknown_table", message, table=name[:100])
        if not self.target.allows(short):
            raise not_allowed(source, name, self.target.declared.tables or ["all but SQLite's own"])
        columns = {column: Column(column, type_, kind_of(type_)) for column, type_ in rows}
        return Table(source, short, "", columns)

    async def alone(self, key: str) -> None:
        """Nothing to wait for: a transaction that writes has the file to itself."""

    async def run(self, statement: Statement, most: int | None = None) -> Fetched:
        """Run a statement of this package's."""
        return await self._run(statement.sql, statement.parameters, statement.columns, most)

    async def run_text(self, sql: str, parameters: Sequence[Parameter]) -> Fetched:
        """Run an author's statement under the guard."""
        self._guard.closed = True
        try:
            return await self._run(sql, parameters, (), None)
        finally:
            self._guard.closed = False

    async def _run(
        self,
        sql: str,
        parameters: Sequence[Parameter],
        known: Sequence[Column],
        most: int | None,
    ) -> Fetched:
        arguments = {
            f"p{number}": await self._argument(parameter)
            for number, parameter in enumerate(parameters, start=1)
        }
        limited = Limited(self.target, most)

        def execute() -> tuple[list[str], int]:
            before = self._connection.total_changes
            cursor = self._connection.execute(sql, arguments)
            names = [one[0] for one in cursor.description or ()]
            named_once(self.target.name, names)
            seen = 0
            wants_more = True
            while rows := cursor.fetchmany(_AT_ONCE):
                seen += len(rows)
                wants_more = wants_more and limited.take(rows)
                # Rows that were changed are counted to the end; others are not read to it.
                if not wants_more and self._connection.total_changes == before:
                    break
            changed = cursor.rowcount
            cursor.close()
            if not names:
                return names, max(0, changed)
            has_changed = self._connection.total_changes != before
            return names, seen if has_changed else len(limited.rows)

        names, count = await self._work(execute)
        columns = list(known) or [Column(name, "", "other") for name in names]
        rows = [
            {
                column.name: await self._value(value, column)
                for column, value in zip(columns, row, strict=True)
            }
            for row in limited.rows
        ]
        shown = [{"name": one.name, "type": one.type} for one in columns if names]
        return Fetched(rows, shown, limited.truncated, count)

    async def _argument(self, parameter: Parameter) -> Any:
        value = parameter.value
        column = parameter.column
        if is_file(value) and (column is None or column.kind not in {"json", "text"}):
            return await self._load(value)
        if column is not None and column.kind == "json" and value is not None:
            return to_json(value)
        if isinstance(value, dict | list):
            return to_json(value)
        if column is not None and column.kind == "boolean" and isinstance(value, str):
            truth = boolean_of(value)
            return value if truth is None else truth
        return value

    async def _value(self, value: Any, column: Column) -> Any:
        match value:
            case bytes():
                return await self._store(value, column.name)
            case float():
                return float_value(value)
            case str() if column.kind == "json":
                return json_value(value)
            case 0 | 1 if column.kind == "boolean":
                return bool(value)
            case _:
                return value


def kind_of(declared: str) -> ColumnKind:
    """What a column holds by the type that it is declared with."""
    upper = declared.upper()
    return next((kind for word, kind in _KINDS if word in upper), "other")


Work = Callable[[Callable[[], Any]], Awaitable[Any]]


class SqliteFile:
    """The transactions on one source.

    Args:
        target: The source.
        threads: Where they run.
    """

    def __init__(self, target: Target, threads: Executor) -> None:
        self.target = target
        self._threads = threads
        self._places = Places(target)

    @asynccontextmanager
    async def begin(
        self, *, write: bool, seconds: float, store: Store, load: Load
    ) -> AsyncIterator[SqliteSession]:
        """A transaction, kept at the end of the block and undone when it fails.

        Args:
            write: Whether it may change anything.
            seconds: What it may take, the wait for its turn included.
            store: Keeps bytes of results.
            load: Reads files for parameters.

        Raises:
            NodeFailed: `db.…`.
        """
        source = self.target.name
        end = time.monotonic() + seconds
        async with self._places.taken(seconds):
            guard = Guard(self.target, end, write=write)
            with translated(source, seconds, guard):
                connection = await self._call(guard, lambda: self._opened(guard))
                try:

                    async def work(block: Callable[[], Any]) -> Any:
                        return await self._call(guard, block, connection)

                    yield SqliteSession(connection, guard, self.target, work, store, load)
                    await work(connection.commit)
                finally:
                    # Undoes what was not committed.
                    await asyncio.shield(self._in_thread(connection.close))

    def _in_thread(self, block: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, block)

    async def _call(
        self,
        guard: Guard,
        block: Callable[[], T],
        connection: sqlite3.Connection | None = None,
    ) -> T:
        """Run what blocks; a task that is cancelled stops it, and waits until it has stopped."""
        working = self._in_thread(block)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            guard.stop()
            if connection is not None:
                connection.interrupt()
            await asyncio.wait([working])
            if connection is None and not working.exception():
                await asyncio.wait([self._in_thread(working.result().close)])  # type: ignore[attr-defined]
            raise

    def _opened(self, guard: Guard) -> sqlite3.Connection:
        path = Path(self.target.address)
        if not path.is_file():
            raise unavailable(
                self.target.name, "its file is not there: the operator makes it", retryable=False
            )
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rw' if guard.write else 'ro'}",
            uri=True,
            timeout=min(_LOCKED, max(0.0, guard.left)),
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.create_function("regexp", 2, regexp, deterministic=True)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA foreign_keys = ON")
            # The first use of these is a change of the schema to the authorizer.
            connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").close()
            guard.learn(connection)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            most = max(self.target.declared.max_bytes, _WRITTEN if guard.write else _READ)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, most)
            connection.set_progress_handler(guard.is_over, _STEPS)
            connection.execute("BEGIN IMMEDIATE" if guard.write else "BEGIN")
            connection.set_authorizer(guard.allows)
        except BaseException:
            connection.close()
            raise
        return connection
