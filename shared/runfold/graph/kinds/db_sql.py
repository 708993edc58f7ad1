"""`db_sql`: one statement of SQL on a data source, with parameters by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.db_rows import GROUP, OUTPUT_TYPES, OUTPUTS, names_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.references import is_computed
from runfold.values.sql_text import Dialect, SqlText, parameter_problems, read_sql

_DIALECTS: tuple[Dialect, ...] = ("postgresql", "sqlite")


class DbSqlConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `db_sql` node."""

    source: str
    """Name of a data source in `RUNFOLD_DATABASES__SOURCES`."""
    sql: str
    """One statement, in the dialect of the source. Values stand in it as `:name` alone."""
    params: dict[str, Any] = {}
    """The values of `:name`, by name."""
    write: bool = False
    """Whether the statement may change anything; the source must allow it too."""
    FORM: ClassVar[Forms] = {
        "source": Form("text", ("shop",)),
        "sql": Form("code", ("select count(*) as n from orders where total > :least",)),
        "params": Form("key_values", ({"least": "{{least}}"},)),
        "write": Form("boolean", group="limits"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from names_problems(config, "source")
    sql = config.get("sql")
    if isinstance(sql, str):
        yield from sql_problems(config, [read_sql(sql, one) for one in _DIALECTS])


def sql_problems(config: dict[str, Any], readings: list[SqlText]) -> Iterator[Problem]:
    """What is wrong with a node's statement in every dialect that it may be in."""
    params = config.get("params", {})
    found: list[dict[Problem, None]] = []
    for text in readings:
        problems = {Problem("sql", one.message, one.code): None for one in text.problems}
        if not problems and isinstance(params, dict) and not is_computed(params):
            for one in parameter_problems(text.names, params):
                problems[Problem("params", one.message, one.code)] = None
        if not problems and text.writes and config.get("write", False) is False:
            message = f"{text.keyword.upper()} changes rows: set `write: true`"
            problems[Problem("sql", message, "db.read_only")] = None
        found.append(problems)
    yield from (one for one in found[0] if all(one in others for others in found))


KIND = register(
    Kind(
        type="db_sql",
        group=GROUP,
        config=DbSqlConfig,
        summary="Run a statement of SQL on a database",
        outputs=OUTPUTS,
        raw=("sql",),
        rules=_rules,
        hints=Hints(category="data", fixed=("sql",), output_types=OUTPUT_TYPES),
    )
)
