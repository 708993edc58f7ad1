"""What nodes do in one transaction, whichever database it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from runfold.database_settings import Dialect
from runfold_executor_data.databases.catalogue import Table
from runfold_executor_data.databases.parameters import Parameter
from runfold_executor_data.databases.sources import Target
from runfold_executor_data.databases.statements import Statement


class Fetched(NamedTuple):
    """What a statement came to."""

    rows: list[dict[str, Any]]
    """As JSON values, within the source's limits."""
    columns: list[dict[str, str]]
    """Name and type of each column."""
    truncated: bool
    """Whether there were more rows."""
    row_count: int
    """Rows changed, or read."""


class Session(Protocol):
    """One transaction. It is kept when the block that it is entered with ends, else undone."""

    dialect: Dialect
    target: Target
    key_stored: bool
    """Set by nodes whose changes carry the attempt's key: they may be tried again."""

    async def table(self, name: str) -> Table:
        """A table by the name that a node says.

        Raises:
            NodeFailed: `db.unknown_table`, `db.table_not_allowed`.
        """

    async def alone(self, key: str) -> None:
        """Wait until no other transaction writes under a key."""

    async def run(self, statement: Statement, most: int | None = None) -> Fetched:
        """Run a statement of this package's; `most` rows or the source's limit, if that is less."""

    async def run_text(self, sql: str, parameters: Sequence[Parameter]) -> Fetched:
        """Run an author's statement with numbered parameters, and nothing that it may not do."""
