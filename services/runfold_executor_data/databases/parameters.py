"""Parameters of a statement that is being written."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.database_settings import Dialect
from runfold_executor_data.databases.catalogue import Column
from runfold_executor_data.databases.failures import failed

MOST_PARAMETERS = 30_000
"""Of one statement. PostgreSQL takes 32,767 and SQLite 32,766."""


class Parameter(msgspec.Struct, frozen=True):
    """A value as a workflow has it, and the column that it is for."""

    value: Any
    column: Column | None = None
    name: str = ""
    """As an author calls it."""


class Parameters:
    """Collects values; each gets a number.

    Args:
        dialect: How numbers are written.
        source: For failures.
    """

    def __init__(self, dialect: Dialect, source: str) -> None:
        self._mark = "$" if dialect == "postgresql" else ":p"
        self._source = source
        self._all: list[Parameter] = []

    def add(self, value: Any, column: Column | None = None) -> str:
        """Add a value; returns what stands for it in the statement.

        Raises:
            NodeFailed: `db.too_many_values`.
        """
        if len(self._all) >= MOST_PARAMETERS:
            message = f"over {MOST_PARAMETERS} values in one statement: use several nodes"
            raise failed(self._source, "too_many_values", message, kind="limit")
        self._all.append(Parameter(value, column))
        mark = f"{self._mark}{len(self._all)}"
        if self._mark == "$" and column is not None and column.kind == "composite":
            # Ranges and rows go in as they come out, as text; the type is the catalogue's word.
            return f"{mark}::text::{column.type}"
        return mark

    @property
    def all(self) -> tuple[Parameter, ...]:
        """The values in the order of their numbers."""
        return tuple(self._all)
