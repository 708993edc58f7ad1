"""Transactions on PostgreSQL: always prepared, so never several statements in one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from runfold.database_settings import Dialect
from runfold_executor_data.databases.catalogue import Column, ColumnKind, Table, split_name
from runfold_executor_data.databases.failures import failed, not_allowed
from runfold_executor_data.databases.parameters import Parameter
from runfold_executor_data.databases.postgres_values import Load, Store, decoded, encoded
from runfold_executor_data.databases.rows import Limited, named_once
from runfold_executor_data.databases.session import Fetched
from runfold_executor_data.databases.sources import Target
from runfold_executor_data.databases.statements import COUNTED, Statement

_AT_ONCE = 100
"""Rows read at a time, once one has shown how large they are."""
_CATEGORIES: dict[str, ColumnKind] = {
    "S": "text",
    "N": "number",
    "B": "boolean",
    "A": "array",
    "C": "composite",
    "R": "composite",
}
_COLUMNS = """
SELECT n.nspname AS schema, c.relname AS name, a.attname AS column_name,
       format_type(a.atttypid, a.atttypmod) AS type, t.typname, t.typcategory::text AS category,
       pg_catalog.pg_table_is_visible(c.oid) AS visible
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND CASE WHEN $1::text = '' THEN pg_catalog.pg_table_is_visible(c.oid)
           ELSE n.nspname = $1::text END
ORDER BY a.attnum
"""
_USED = """
SELECT DISTINCT relation FROM pg_catalog.pg_lock_status() AS locked
WHERE pid = pg_catalog.pg_backend_pid() AND relation IS NOT NULL
"""
_NAMES = """
SELECT n.nspname AS schema, c.relname AS name, pg_catalog.pg_table_is_visible(c.oid) AS visible
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""


class PostgresSession:
    """One transaction.

    Args:
        connection: Inside of it.
        target: The source.
        store: Keeps bytes of results.
        load: Reads files for parameters.
    """

    dialect: Dialect = "postgresql"

    def __init__(
        self, connection: asyncpg.Connection[Any], target: Target, store: Store, load: Load
    ) -> None:
        self._connection = connection
        self.target = target
        self.key_stored = False
        self._store = store
        self._load = load

    async def table(self, name: str) -> Table:
        """A table by the name that a node says."""
        source = self.target.name
        schema, short = split_name(name)
        found = await self._connection.fetch(_COLUMNS, schema, short)
        if not found:
            message = f"there is no table {name[:100]!r} that its user may see"
            raise failed(source, "unknown_table", message, table=name[:100])
        schema = found[0]["schema"]
        if not self.target.allows(short, schema, visible=found[0]["visible"]):
            raise not_allowed(source, name, self._allowed)
        columns = {
            row["column_name"]: Column(row["column_name"], row["type"], _kind_of(row))
            for row in found
        }
        return Table(source, short, schema, columns)

    @property
    def _allowed(self) -> list[str]:
        return self.target.declared.tables or ["all but the system's"]

    async def alone(self, key: str) -> None:
        """Wait until no other transaction writes under a key."""
        await self._connection.execute(
            "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))", key
        )

    async def run(self, statement: Statement, most: int | None = None) -> Fetched:
        """Run a statement of this package's."""
        fetched = await self._run(statement.sql, statement.parameters, most)
        if not statement.counts:
            return fetched
        count = fetched.rows[0][COUNTED] if fetched.rows else 0
        rows = [{k: v for k, v in row.items() if k != COUNTED} for row in fetched.rows]
        return Fetched(rows, fetched.columns[1:], fetched.truncated, count)

    async def run_text(self, sql: str, parameters: Sequence[Parameter]) -> Fetched:
        """Run an author's statement; what it used is known by the locks that it holds."""
        fetched = await self._run(sql, parameters, None)
        used = [row["relation"] for row in await self._connection.fetch(_USED)]
        if not used:
            return fetched
        if self.target.declared.tables:
            # What a name means must not be the statement's to say.
            await self._connection.execute("SET LOCAL search_path TO DEFAULT")
        for row in await self._connection.fetch(_NAMES, used):
            if not self.target.allows(row["name"], row["schema"], visible=row["visible"]):
                raise not_allowed(self.target.name, f"{row['schema']}.{row['name']}", self._allowed)
        return fetched

    async def _run(self, sql: str, parameters: Sequence[Parameter], most: int | None) -> Fetched:
        prepared = await self._connection.prepare(sql)
        arguments = [
            await encoded(
                parameter.value,
                wanted,
                self.target.name,
                _place(parameter, number),
                self._load,
            )
            for number, (parameter, wanted) in enumerate(
                zip(parameters, prepared.get_parameters(), strict=True), start=1
            )
        ]
        attributes = prepared.get_attributes()
        if not attributes:
            await prepared.fetch(*arguments)
            return Fetched([], [], truncated=False, row_count=_counted(prepared.get_statusmsg()))
        names = [one.name for one in attributes]
        named_once(self.target.name, names)
        limited = Limited(self.target, most)
        cursor = await prepared.cursor(*arguments)
        at_once = 1
        while rows := await cursor.fetch(at_once):
            if not limited.take(tuple(row.values()) for row in rows):
                break
            at_once = _AT_ONCE
        types = [one.type.name for one in attributes]
        made = [
            {
                name: await decoded(value, type_name, name, self._store)
                for name, type_name, value in zip(names, types, row, strict=True)
            }
            for row in limited.rows
        ]
        columns = [
            {"name": name, "type": type_name} for name, type_name in zip(names, types, strict=True)
        ]
        return Fetched(made, columns, limited.truncated, len(made))


def _kind_of(row: asyncpg.Record) -> ColumnKind:
    if row["typname"] in {"json", "jsonb"}:
        return "json"
    return "bytes" if row["typname"] == "bytea" else _CATEGORIES.get(row["category"], "other")


def _place(parameter: Parameter, number: int) -> str:
    if parameter.column is not None:
        return f"column {parameter.column.name!r}"
    return f"parameter {parameter.name!r}" if parameter.name else f"value {number}"


def _counted(status: str) -> int:
    """The rows that a statement changed: `INSERT 0 3`, `UPDATE 5`."""
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0
