"""What `runfold check` says of nodes on databases, once it has asked the sources they name.

A source that is declared elsewhere, or cannot be reached from here, is a warning: the executors may
know it. What a declaration or the database contradicts is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from runfold.database_settings import DataSource
from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Finding, Node, Workflow
from runfold.graph.kinds.db_sql import sql_problems
from runfold.graph.node_addresses import node_addresses
from runfold.settings import Settings
from runfold.values.references import is_computed
from runfold.values.sql_text import read_sql

if TYPE_CHECKING:
    from runfold_executor_data.databases.survey import Surveyed

_KINDS = frozenset(("db_query", "db_insert", "db_update", "db_delete", "db_sql"))
_WRITING = frozenset(("db_insert", "db_update", "db_delete"))


class Use(NamedTuple):
    """A node that names a source."""

    path: str
    node: Node

    @property
    def source(self) -> str:
        """The name."""
        return str(self.node.config["source"])

    @property
    def table(self) -> str:
        """The table that it names; empty for none."""
        table = self.node.config.get("table")
        return table if isinstance(table, str) and not is_computed(table) else ""


class _Problem(NamedTuple):
    level: Any
    code: str
    field: str
    message: str
    hint: str = ""


def source_findings(workflow: Workflow, settings: Settings) -> list[Finding]:
    """Findings about nodes that name a data source.

    Args:
        workflow: What is checked.
        settings: Declare the sources.
    """
    uses = list(_uses(workflow.nodes, "nodes"))
    if not uses:
        return []
    from runfold_executor_data.databases.survey import survey

    tables: dict[str, set[str]] = {}
    for use in uses:
        if use.source in settings.databases.sources:
            tables.setdefault(use.source, set()).update({use.table} - {""})
    surveyed = asyncio.run(survey(settings, tables)) if tables else {}
    addresses = node_addresses(workflow)
    return [
        Finding(
            one.level,
            one.code,
            f"{use.path}.config.{one.field}",
            f"node {use.node.id!r}: {one.message}",
            one.hint,
            addresses.get(use.path, use.node.id),
        )
        for use in uses
        for one in _about(use, settings, surveyed)
    ]


def _uses(nodes: tuple[Node, ...], path: str) -> Iterator[Use]:
    for index, node in enumerate(nodes):
        here = f"{path}[{index}]"
        source = node.config.get("source")
        if node.type in _KINDS and isinstance(source, str) and not is_computed(source):
            yield Use(here, node)
        for body in bodies_of(node).values():
            yield from _uses(body.nodes, f"{here}.config.{body.path}nodes")


def _about(use: Use, settings: Settings, surveyed: dict[str, Surveyed]) -> Iterator[_Problem]:
    declared = settings.databases.sources.get(use.source)
    if declared is None:
        known = ", ".join(sorted(settings.databases.sources))
        # Where some are declared, this is where their executor is.
        level = "error" if known else "warning"
        hint = f"declared are: {known}" if known else "declare it in RUNFOLD_DATABASES__SOURCES"
        message = f"data source {use.source!r} is not declared here"
        yield _Problem(level, "db.unknown_source", "source", message, hint)
        return
    writes = use.node.type in _WRITING or use.node.config.get("write") is True
    if writes and not declared.write:
        message = f"data source {use.source!r} may only be read"
        yield _Problem("error", "db.read_only", "source", message)
    yield from _about_sql(use, declared)
    there = surveyed[use.source]
    if there.problem:
        yield _Problem("warning", "db.not_asked", "source", there.problem)
        return
    if use.table in there.refused:
        error = there.refused[use.table]
        yield _Problem("error", error.code, "table", error.message)
    elif use.table:
        yield from _about_columns(use, there.columns[use.table])


def _about_sql(use: Use, declared: DataSource) -> Iterator[_Problem]:
    """What only the source's own dialect says: the checks have said the rest."""
    config = use.node.config
    sql = config.get("sql")
    if use.node.type != "db_sql" or not isinstance(sql, str):
        return
    both = set(sql_problems(config, [read_sql(sql, "postgresql"), read_sql(sql, "sqlite")]))
    for problem in sql_problems(config, [read_sql(sql, declared.dialect)]):
        if problem not in both:
            yield _Problem("error", problem.code, problem.field, problem.message)


def _about_columns(use: Use, known: list[str]) -> Iterator[_Problem]:
    for field, name in _named_columns(use.node.config):
        if name not in known and not is_computed(name):
            message = f"table {use.table!r} has no column {name!r}"
            hint = f"it has: {', '.join(known)}"
            yield _Problem("error", "db.unknown_column", field, message, hint)


def _named_columns(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and name of each column that a node names."""
    values = config.get("values")
    for row in values if isinstance(values, list) else [values]:
        if isinstance(row, dict) and not is_computed(row):
            yield from (("values", name) for name in row)
    for field in ("columns", "returning"):
        names = config.get(field)
        if isinstance(names, list):
            yield from ((field, name) for name in names if isinstance(name, str))
    order = config.get("order")
    for one in order if isinstance(order, list) else []:
        if isinstance(one, dict) and isinstance(one.get("column"), str):
            yield "order", one["column"]
    yield from (("where", name) for name in _compared(config.get("where")))


def _compared(condition: Any) -> Iterator[str]:
    if isinstance(condition, list):
        for one in condition:
            yield from _compared(one)
    elif isinstance(condition, dict) and not is_computed(condition):
        for key in ("and", "or", "conditions"):
            yield from _compared(condition.get(key))
        for key in ("column", "left", "field"):
            if isinstance(name := condition.get(key), str):
                yield name
