"""What a statement may do on a connection of SQLite, and for how long."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress

from runfold.errors import ExpressionFailed
from runfold.values.json_text import text_of
from runfold.values.patterns import compiled
from runfold_executor_data.databases.catalogue import quoted
from runfold_executor_data.databases.sources import Target

_READING = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_WRITING = frozenset((sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE))
_TABLES = _WRITING | {sqlite3.SQLITE_READ}
_ROWS_OF_VALUES = frozenset(("json_each", "json_tree"))
"""Tables that are functions."""
_FUNCTIONS = frozenset(("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"))


class Guard:
    """Asked by SQLite before each action of a statement, and every few steps of it.

    Args:
        target: The source.
        end: Monotonic time at which all is over.
        write: Whether anything may be changed.
    """

    def __init__(self, target: Target, end: float, *, write: bool) -> None:
        self._target = target
        self._end = end
        self.write = write
        self.closed = False
        """Whether an author's statement is asked about, and not one of this package's."""
        self.refused = ""
        """What was refused, as far as that is known."""
        self.refused_table = ""
        self._stopped = False
        self._parts: dict[str, str] = {}

    @property
    def allowed_tables(self) -> list[str]:
        """What tables the operator lets workflows use, for messages."""
        return self._target.declared.tables or ["all but SQLite's own"]

    @property
    def left(self) -> float:
        """Seconds until all is over."""
        return self._end - time.monotonic()

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0

    def learn(self, connection: sqlite3.Connection) -> None:
        """Look at the virtual tables, such as those of full-text search, before it is asked.

        The first use of one is a change of the schema, and its rows are in tables of its own: who
        may use it uses these too.
        """
        listed = connection.execute("PRAGMA table_list").fetchall()
        virtual = sorted((name for _, name, kind, *_ in listed if kind == "virtual"), key=len)
        for name in virtual:
            with suppress(sqlite3.Error):  # one of a module that is not there
                connection.execute(f"SELECT 1 FROM {quoted(name)} LIMIT 0").close()
            parts = (one for _, one, kind, *_ in listed if kind == "shadow")
            self._parts |= {one: name for one in parts if one.startswith(f"{name}_")}

    def stop(self) -> None:
        """End what runs: nothing waits for it any more."""
        self._stopped = True

    def is_over(self) -> int:
        """Not 0: SQLite ends the statement."""
        return int(self._stopped or self.is_late)

    def allows(
        self, action: int, first: str | None, second: str | None, _db: str | None, _via: str | None
    ) -> int:
        """SQLite's question.

        Through which view or trigger is not looked at: a statement may call a part of its own like
        one.
        """
        if not self.closed:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (first, second) == ("data_version", None):
            return sqlite3.SQLITE_OK  # asked by a table of full-text search
        if action in _WRITING and not self.write:
            return self._refuse("a statement that changes rows")
        if action not in _READING and action not in _WRITING:
            return self._refuse("only rows of tables can be read and changed")
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
            return self._refuse(f"function {second} may not be used")
        if action in _TABLES and first and not self._may_use(first):
            self.refused_table = first
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def _may_use(self, table: str) -> bool:
        return table in _ROWS_OF_VALUES or self._target.allows(self._parts.get(table, table))

    def _refuse(self, what: str) -> int:
        self.refused = self.refused or what
        return sqlite3.SQLITE_DENY


def regexp(pattern: object, value: object) -> bool | None:
    """What `value REGEXP pattern` means: null for null, else whether it is found.

    Raises:
        ValueError: The pattern is not one.
    """
    if value is None or pattern is None:
        return None
    try:
        return compiled(text_of(pattern)).search(text_of(value)) is not None
    except ExpressionFailed as error:
        raise ValueError(error.message) from error
