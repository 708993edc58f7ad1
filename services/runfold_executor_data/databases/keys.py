"""The attempt's key in the rows that it writes: what was written once is not written again.

All attempts of a node have keys of their own. A later one looks for those of the earlier ones too,
which may have been committed without anybody hearing of it.
"""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext
from runfold.ids import address_of, attempt_id
from runfold.values.row_conditions import Comparison
from runfold_executor_data.databases.catalogue import Column, Table
from runfold_executor_data.databases.session import Fetched, Session
from runfold_executor_data.databases.statements import count, select

_MOST_ATTEMPTS = 200
"""Earlier attempts that are looked for."""


def key_column(session: Session, table: Table) -> Column | None:
    """The column of a table for the key, when the operator has named one and the table has it."""
    name = session.target.declared.idempotency_column
    return table.columns.get(name) if name else None


async def written_before(
    ctx: NodeContext, session: Session, table: Table, column: Column, returning: list[str]
) -> Fetched | None:
    """The rows that an earlier attempt, or this one in other hands, has written; None for none.

    From here on to the end of the transaction no other attempt of the node writes.
    """
    address = address_of(ctx.scope, ctx.node_id)
    await session.alone(f"{ctx.run_id}:{address}")
    session.key_stored = True
    first = max(1, ctx.attempt - _MOST_ATTEMPTS)
    keys = [attempt_id(ctx.run_id, address, one) for one in range(first, ctx.attempt + 1)]
    where = Comparison(column.name, "in", keys)
    columns = table.chosen(returning) if returning else [column]
    found = await session.run(select(session.dialect, table, columns, where))
    if not found.rows:
        return None
    if found.truncated:
        counted = await session.run(count(session.dialect, table, where))
        found = found._replace(row_count=counted.rows[0]["n"])
    return found if returning else found._replace(rows=[], columns=[], truncated=False)


def with_key(ctx: NodeContext, column: Column | None, row: dict[str, Any]) -> dict[str, Any]:
    """A row's values, and the key where there is a column for it."""
    return row if column is None else {**row, column.name: ctx.idempotency_key}
