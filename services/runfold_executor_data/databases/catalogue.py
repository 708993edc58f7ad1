"""What a database says of its tables: names are looked up here before they stand in a statement."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal

import msgspec

from runfold_executor_data.databases.failures import failed

ColumnKind = Literal["text", "number", "boolean", "array", "json", "bytes", "composite", "other"]


class Column(msgspec.Struct, frozen=True):
    """One column."""

    name: str
    type: str
    """As the database calls it."""
    kind: ColumnKind

    @property
    def quoted(self) -> str:
        """Its name in a statement."""
        return quoted(self.name)


class Table(msgspec.Struct, frozen=True):
    """One table or view."""

    source: str
    name: str
    schema: str
    columns: dict[str, Column]

    @property
    def quoted(self) -> str:
        """Its name in a statement."""
        name = quoted(self.name)
        return f"{quoted(self.schema)}.{name}" if self.schema else name

    def column(self, name: str) -> Column:
        """A column by its name.

        Raises:
            NodeFailed: `db.unknown_column`.
        """
        found = self.columns.get(name)
        if found is None:
            near = difflib.get_close_matches(name, self.columns, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f": {', '.join(self.columns)}"
            message = f"table {self.name!r} has no column {name[:100]!r}{hint}"
            raise failed(self.source, "unknown_column", message, table=self.name, column=name[:100])
        return found

    def chosen(self, names: Iterable[str]) -> list[Column]:
        """Columns by their names, each once; all of them for no names."""
        return [self.column(name) for name in dict.fromkeys(names)] or list(self.columns.values())


def quoted(name: str) -> str:
    """A name as an identifier: a quote inside of it ends nothing."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def split_name(name: str) -> tuple[str, str]:
    """`(schema, table)` of a table's name as a node says it; the schema may be empty."""
    schema, _, table = name.rpartition(".")
    return schema, table
