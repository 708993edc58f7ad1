"""What the kinds `db_*` have in common: their group, what they give, and rules about conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.graph.kinds.registry import Problem
from runfold.values.references import is_computed
from runfold.values.row_conditions import row_condition_findings

GROUP = "data"
SERVICE_SETTING = "RUNFOLD_DATABASES__SOURCES"
OUTPUTS = ("row_count", "columns", "truncated", "repeated")
OUTPUT_TYPES = {
    "output": "array",
    "row_count": "integer",
    "columns": "array",
    "truncated": "boolean",
    "repeated": "boolean",
}
WHERE = {"column": "status", "operator": "equals", "right": "open"}
"""A condition, as forms show one."""


def where_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Conditions that are none."""
    where = config.get("where")
    if where is None:
        return
    for message in row_condition_findings(where):
        yield Problem("where", message, "db.condition")


def restriction_problems(config: dict[str, Any], verb: str) -> Iterator[Problem]:
    """A change without a condition, unless it says that it means all rows; and both of them."""
    where, everything = config.get("where"), config.get("all", False)
    if where is None and everything is False:
        message = f"say which rows to {verb} with `where`, or all of them with `all: true`"
        yield Problem("where", message, "db.no_condition")
    if where is not None and everything is True:
        yield Problem("all", "`where` and `all: true` say different things: leave one out")


def names_problems(config: dict[str, Any], *fields: str) -> Iterator[Problem]:
    """Fields that have to say something."""
    for field in fields:
        if field in config and not is_computed(config[field]) and not config[field]:
            yield Problem(field, "is empty")
