"""`db_insert`: new rows in a table of a data source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.db_rows import GROUP, OUTPUT_TYPES, OUTPUTS, names_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register


class DbInsertConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `db_insert` node."""

    source: str
    """Name of a data source in `RUNFOLD_DATABASES__SOURCES` that may be written."""
    table: str
    """Name of a table; `schema.table` where it is in no schema that is searched."""
    values: dict[str, Any] | list[dict[str, Any]]
    """The row, values by column; or a list of rows, all of which are written or none."""
    returning: list[str] = []
    """Columns of the new rows to give back, such as an id that the database made."""
    FORM: ClassVar[Forms] = {
        "source": Form("text", ("shop",)),
        "table": Form("text", ("orders",)),
        "values": Form("value", ({"customer": "{{customer}}", "total": 12.5},)),
        "returning": Form("list", (["id"],)),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from names_problems(config, "source", "table")


KIND = register(
    Kind(
        type="db_insert",
        group=GROUP,
        config=DbInsertConfig,
        summary="Write new rows into a database's table",
        outputs=OUTPUTS,
        rules=_rules,
        hints=Hints(category="data", output_types=OUTPUT_TYPES),
    )
)
