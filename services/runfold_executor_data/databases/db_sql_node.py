"""The node `db_sql`: an author's statement."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.db_sql import KIND, DbSqlConfig
from runfold.values.sql_text import (
    KEY_PARAMETER,
    SqlProblem,
    SqlText,
    parameter_problems,
    read_sql,
)
from runfold_executor_data.databases.db_nodes import outcome
from runfold_executor_data.databases.failures import failed
from runfold_executor_data.databases.opened import open_databases
from runfold_executor_data.databases.parameters import Parameter
from runfold_executor_data.databases.sources import target_of


async def run(ctx: NodeContext, config: DbSqlConfig, _inputs: dict[str, Any]) -> Outcome:
    """Run one statement."""
    target = target_of(ctx.settings, config.source, ctx.secret)
    text = read_sql(config.sql, target.declared.dialect)
    for problem in _problems(text, config):
        raise failed(target.name, problem.code.removeprefix("db."), problem.message)
    given = {KEY_PARAMETER: ctx.idempotency_key, **config.params}
    sql, names = text.numbered("$" if target.declared.dialect == "postgresql" else ":p")
    parameters = [Parameter(given[name], name=name) for name in names]
    async with ctx.resource.begin(ctx, target, write=config.write) as session:
        return outcome(await session.run_text(sql, parameters))


def _problems(text: SqlText, config: DbSqlConfig) -> list[SqlProblem]:
    problems = [*text.problems, *parameter_problems(text.names, config.params)]
    if text.writes and not config.write:
        message = f"{text.keyword.upper()} changes rows: set `write: true`"
        problems.append(SqlProblem("db.read_only", message))
    return problems


NODE = NodeExecutor(KIND, run, open_databases)
