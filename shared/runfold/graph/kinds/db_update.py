"""`db_update`: other values in rows of a table of a data source."""

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


class DbUpdateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `db_update` node."""

    source: str
    """Name of a data source in `RUNFOLD_DATABASES__SOURCES` that may be written."""
    table: str
    """Name of a table; `schema.table` where it is in no schema that is searched."""
    values: dict[str, Any]
    """The new values, by column."""
    where: Any = None
    """Which rows: a condition about columns, or a group of them."""
    all: bool = False
    """Changes every row; in place of `where`."""
    returning: list[str] = []
    """Columns of the changed rows to give back."""
    FORM: ClassVar[Forms] = {
        "source": Form("text", ("shop",)),
        "table": Form("text", ("orders",)),
        "values": Form("key_values", ({"status": "paid"},)),
        "where": Form("condition", (WHERE,)),
        "all": Form("boolean", group="limits"),
        "returning": Form("list", (["id"],)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from names_problems(config, "source", "table", "values")
    yield from where_problems(config)
    yield from restriction_problems(config, "change")


KIND = register(
    Kind(
        type="db_update",
        group=GROUP,
        config=DbUpdateConfig,
        summary="Change rows of a database's table",
        outputs=OUTPUTS,
        rules=_rules,
        hints=Hints(category="data", output_types=OUTPUT_TYPES),
    )
)
