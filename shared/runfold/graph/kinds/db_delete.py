"""`db_delete`: takes rows out of a table of a data source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.db_rows import (
    GROUP,
    OUTPUT_TYPES,
    OUTPUTS,
    WHERE,
    names_problems,
    restriction_problems,
    where_problems,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register


class DbDeleteConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `db_delete` node."""

    source: str
    """Name of a data source in `RUNFOLD_DATABASES__SOURCES` that may be written."""
    table: str
    """Name of a table; `schema.table` where it is in no schema that is searched."""
    where: Any = None
    """Which rows: a condition about columns, or a group of them."""
    all: bool = False
    """Takes out every row; in place of `where`."""
    returning: list[str] = []
    """Columns of the rows to give back as they were."""
    FORM: ClassVar[Forms] = {
        "source": Form("text", ("shop",)),
        "table": Form("text", ("orders",)),
        "where": Form("condition", (WHERE,)),
        "all": Form("boolean", group="limits"),
        "returning": Form("list", (["id"],)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from names_problems(config, "source", "table")
    yield from where_problems(config)
    yield from restriction_problems(config, "take out")


KIND = register(
    Kind(
        type="db_delete",
        group=GROUP,
        config=DbDeleteConfig,
        summary="Take rows out of a database's table",
        outputs=OUTPUTS,
        rules=_rules,
        hints=Hints(category="data", output_types=OUTPUT_TYPES),
    )
)
