"""The nodes `db_query`, `db_insert`, `db_update` and `db_delete`."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import db_delete, db_insert, db_query, db_update
from runfold.values.row_conditions import RowCondition, Unreadable, read_condition
from runfold_executor_data.databases import statements
from runfold_executor_data.databases.failures import failed
from runfold_executor_data.databases.keys import key_column, with_key, written_before
from runfold_executor_data.databases.opened import open_databases
from runfold_executor_data.databases.session import Fetched, Session
from runfold_executor_data.databases.sources import target_of

MOST_ROWS = 10_000
"""Rows that one node inserts."""


def outcome(fetched: Fetched, *, repeated: bool = False) -> Outcome:
    """What a node gives."""
    return Outcome(
        {
            "output": fetched.rows,
            "row_count": fetched.row_count,
            "columns": fetched.columns,
            "truncated": fetched.truncated,
            "repeated": repeated,
        }
    )


async def query(
    ctx: NodeContext, config: db_query.DbQueryConfig, _inputs: dict[str, Any]
) -> Outcome:
    """Read rows."""
    target = target_of(ctx.settings, config.source, ctx.secret)
    where = _where(config.source, config.where)
    async with ctx.resource.begin(ctx, target, write=False) as session:
        table = await session.table(config.table)
        most = target.declared.max_rows
        wanted = most if config.limit is None else min(most, config.limit)
        # One more tells whether there are more; who asks for fewer does not want to know.
        beyond = 1 if config.limit is None or config.limit > most else 0
        statement = statements.select(
            session.dialect,
            table,
            table.chosen(config.columns),
            where,
            config.order,
            wanted + beyond,
            config.offset,
        )
        return outcome(await session.run(statement, wanted))


async def insert(
    ctx: NodeContext, config: db_insert.DbInsertConfig, _inputs: dict[str, Any]
) -> Outcome:
    """Write new rows: all of them, or none."""
    target = target_of(ctx.settings, config.source, ctx.secret)
    rows = [config.values] if isinstance(config.values, dict) else config.values
    if len(rows) > MOST_ROWS:
        message = f"{len(rows)} rows are over the {MOST_ROWS} that one node inserts: use a batch"
        raise failed(target.name, "too_many_rows", message, kind="limit", limit=MOST_ROWS)
    async with ctx.resource.begin(ctx, target, write=True) as session:
        table = await session.table(config.table)
        returning = table.chosen(config.returning) if config.returning else []
        column = key_column(session, table)
        if column is not None:
            before = await written_before(ctx, session, table, column, config.returning)
            if before is not None:
                return outcome(before, repeated=True)
        keyed = [with_key(ctx, column, row) for row in rows]
        return outcome(await _inserted(session, table, keyed, returning))


async def _inserted(
    session: Session, table: Any, rows: list[dict[str, Any]], returning: list[Any]
) -> Fetched:
    left = session.target.declared.max_rows
    whole = Fetched([], [], truncated=False, row_count=0)
    for count, statement in statements.inserts(session.dialect, table, rows, returning):
        part = await session.run(statement, left)
        left -= len(part.rows)
        whole = Fetched(
            whole.rows + part.rows,
            part.columns,
            whole.truncated or part.truncated,
            whole.row_count + count,
        )
    return whole


async def update(
    ctx: NodeContext, config: db_update.DbUpdateConfig, _inputs: dict[str, Any]
) -> Outcome:
    """Change rows."""
    target = target_of(ctx.settings, config.source, ctx.secret)
    where = _restricted(config.source, config.where, everything=config.all)
    if not config.values:
        raise failed(config.source, "no_values", "there are no values to write")
    async with ctx.resource.begin(ctx, target, write=True) as session:
        table = await session.table(config.table)
        returning = table.chosen(config.returning) if config.returning else []
        column = key_column(session, table)
        if column is not None:
            before = await written_before(ctx, session, table, column, config.returning)
            if before is not None:
                return outcome(before, repeated=True)
        changes = with_key(ctx, column, config.values)
        statement = statements.update(session.dialect, table, changes, where, returning)
        return outcome(await session.run(statement))


async def delete(
    ctx: NodeContext, config: db_delete.DbDeleteConfig, _inputs: dict[str, Any]
) -> Outcome:
    """Take rows out."""
    target = target_of(ctx.settings, config.source, ctx.secret)
    where = _restricted(config.source, config.where, everything=config.all)
    async with ctx.resource.begin(ctx, target, write=True) as session:
        table = await session.table(config.table)
        returning = table.chosen(config.returning) if config.returning else []
        statement = statements.delete(session.dialect, table, where, returning)
        return outcome(await session.run(statement))


def _where(source: str, where: Any) -> RowCondition | None:
    if where is None:
        return None
    try:
        return read_condition(where)
    except Unreadable as error:
        raise failed(source, "condition", f"where: {error}") from error


def _restricted(source: str, where: Any, *, everything: bool) -> RowCondition | None:
    """The condition of a change, which must be there unless all rows are meant.

    Raises:
        NodeFailed: `db.no_condition`, `db.condition`.
    """
    if everything is (where is not None):
        message = "say which rows with `where`, or all of them with `all: true`, and not both"
        raise failed(source, "no_condition", message)
    return _where(source, where)


NODES = (
    NodeExecutor(db_query.KIND, query, open_databases),
    NodeExecutor(db_insert.KIND, insert, open_databases),
    NodeExecutor(db_update.KIND, update, open_databases),
    NodeExecutor(db_delete.KIND, delete, open_databases),
)
