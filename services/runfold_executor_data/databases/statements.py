"""Statements from a node's structure: names from the catalogue, values as parameters alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from runfold.database_settings import Dialect
from runfold.graph.kinds.db_query import Order
from runfold.values.row_conditions import RowCondition
from runfold_executor_data.databases.catalogue import Column, Table
from runfold_executor_data.databases.comparisons import Conditions
from runfold_executor_data.databases.parameters import MOST_PARAMETERS, Parameter, Parameters

COUNTED = "runfold changed rows"
"""The column that has how many rows a statement changed, where it also gives some of them."""


class Statement(msgspec.Struct, frozen=True):
    """A statement with numbered parameters."""

    sql: str
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()
    """Those of its rows, as far as they come from a table."""
    counts: bool = False
    """Whether its first column is `COUNTED`."""


def select(
    dialect: Dialect,
    table: Table,
    columns: list[Column],
    where: RowCondition | None,
    order: Iterable[Order] = (),
    limit: int | None = None,
    offset: int = 0,
) -> Statement:
    """Rows of a table."""
    values = Parameters(dialect, table.source)
    parts = [f"SELECT {_read(dialect, columns)} FROM {table.quoted}"]
    parts += _where(dialect, table, where, values)
    if by := [_ordered(table.column(one.column), one) for one in order]:
        parts.append(f"ORDER BY {', '.join(by)}")
    if limit is not None or offset:
        most = -1 if dialect == "sqlite" else None
        if limit is not None or most is not None:
            parts.append(f"LIMIT {limit if limit is not None else most}")
        parts.append(f"OFFSET {offset}")
    return Statement(" ".join(parts), values.all, tuple(columns))


def count(dialect: Dialect, table: Table, where: RowCondition | None) -> Statement:
    """How many rows of a table, as `n`."""
    values = Parameters(dialect, table.source)
    parts = [f"SELECT count(*) AS n FROM {table.quoted}", *_where(dialect, table, where, values)]
    return Statement(" ".join(parts), values.all)


def inserts(
    dialect: Dialect, table: Table, rows: list[dict[str, Any]], returning: list[Column]
) -> Iterator[tuple[int, Statement]]:
    """New rows, and how many of them each statement writes: of the same columns, in order."""
    back = f" RETURNING {_read(dialect, returning)}" if returning else ""
    for names, group in groupby(rows, key=tuple):
        columns = [table.column(name) for name in names]
        if not columns:
            for _ in group:
                yield (
                    1,
                    Statement(
                        f"INSERT INTO {table.quoted} DEFAULT VALUES{back}", (), tuple(returning)
                    ),
                )
            continue
        into = ", ".join(column.quoted for column in columns)
        all_rows = list(group)
        most = MOST_PARAMETERS // len(columns)
        for at in range(0, len(all_rows), most):
            part = all_rows[at : at + most]
            values = Parameters(dialect, table.source)
            tuples = ", ".join(
                f"({', '.join(values.add(row[column.name], column) for column in columns)})"
                for row in part
            )
            sql = f"INSERT INTO {table.quoted} ({into}) VALUES {tuples}{back}"
            yield len(part), Statement(sql, values.all, tuple(returning))


def update(
    dialect: Dialect,
    table: Table,
    changes: dict[str, Any],
    where: RowCondition | None,
    returning: list[Column],
) -> Statement:
    """Other values in rows."""
    values = Parameters(dialect, table.source)
    columns = [(table.column(name), value) for name, value in changes.items()]
    given = ", ".join(f"{column.quoted} = {values.add(value, column)}" for column, value in columns)
    parts = [f"UPDATE {table.quoted} SET {given}", *_where(dialect, table, where, values)]
    return _changing(dialect, " ".join(parts), values, returning)


def delete(
    dialect: Dialect, table: Table, where: RowCondition | None, returning: list[Column]
) -> Statement:
    """Rows to be gone."""
    values = Parameters(dialect, table.source)
    parts = [f"DELETE FROM {table.quoted}", *_where(dialect, table, where, values)]
    return _changing(dialect, " ".join(parts), values, returning)


def _changing(dialect: Dialect, sql: str, values: Parameters, returning: list[Column]) -> Statement:
    if not returning:
        return Statement(sql, values.all)
    back = f"{sql} RETURNING {_read(dialect, returning)}"
    if dialect == "sqlite":
        return Statement(back, values.all, tuple(returning))
    # How many were changed, however few of them are read.
    counted = f'(SELECT count(*) FROM changed) AS "{COUNTED}"'
    whole = f"WITH changed AS ({back}) SELECT {counted}, changed.* FROM changed"
    return Statement(whole, values.all, tuple(returning), counts=True)


def _read(dialect: Dialect, columns: list[Column]) -> str:
    return ", ".join(
        f"{column.quoted}::text AS {column.quoted}"
        if dialect == "postgresql" and column.kind == "composite"
        else column.quoted
        for column in columns
    )


def _where(
    dialect: Dialect, table: Table, where: RowCondition | None, values: Parameters
) -> list[str]:
    return [] if where is None else [f"WHERE {Conditions(dialect, table, values).sql(where)}"]


def _ordered(column: Column, order: Order) -> str:
    nulls = f" NULLS {order.nulls.upper()}" if order.nulls else ""
    return f"{column.quoted} {order.direction.upper()}{nulls}"
