"""`db_query`: rows of a table of a data source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.db_rows import (
    GROUP,
    OUTPUT_TYPES,
    OUTPUTS,
    WHERE,
    names_problems,
    where_problems,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column to order by."""

    column: str
    """Its name."""
    direction: Literal["asc", "desc"] = "asc"
    """Smallest first, or largest first."""
    nulls: Literal["first", "last"] | None = None
    """Where rows without a value come; null: as the database has it."""
    FORM: ClassVar[Forms] = {
        "column": Form("text", ("created_at",)),
        "direction": Form("choice", ("desc",)),
        "nulls": Form("choice", ("last",)),
    }


class DbQueryConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `db_query` node."""

    source: str
    """Name of a data source in `RUNFOLD_DATABASES__SOURCES`."""
    table: str
    """Name of a table or view; `schema.table` where it is in no schema that is searched."""
    columns: list[str] = []
    """The columns to read; empty: all."""
    where: Any = None
    """Which rows: a condition about columns, or a group of them."""
    order: list[Order] = []
    """The columns to order by."""
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most rows; the source's own limit counts too."""
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Rows left out at the beginning."""
    FORM: ClassVar[Forms] = {
        "source": Form("text", ("shop",)),
        "table": Form("text", ("orders",)),
        "columns": Form("list", (["id", "total"],)),
        "where": Form("condition", (WHERE,)),
        "order": Form("objects", ([{"column": "id"}],)),
        "limit": Form("number", (20,)),
        "offset": Form("number", (40,), group="limits"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from names_problems(config, "source", "table")
    yield from where_problems(config)


KIND = register(
    Kind(
        type="db_query",
        group=GROUP,
        config=DbQueryConfig,
        summary="Read rows of a database's table",
        outputs=OUTPUTS,
        rules=_rules,
        hints=Hints(category="data", output_types=OUTPUT_TYPES),
    )
)
