"""Rows within the limits of their source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runfold_executor_data.databases.failures import failed, too_large
from runfold_executor_data.databases.sources import Target

_PLAIN = 8
"""Bytes that a number, a date or null is counted as."""


class Limited:
    """Takes rows until there are enough.

    Args:
        target: Has the limits.
        most: A limit of the node's own.
    """

    def __init__(self, target: Target, most: int | None = None) -> None:
        self._source = target.name
        self._most = target.declared.max_rows if most is None else most
        self._bytes = target.declared.max_bytes
        self.rows: list[Sequence[Any]] = []
        self.truncated = False
        self._size = 0

    def take(self, rows: Iterable[Sequence[Any]]) -> bool:
        """Take rows; False when there is room for no more.

        Raises:
            NodeFailed: `db.too_large`, when the first row alone is over the limit.
        """
        for row in rows:
            size = sum(map(size_of, row))
            if len(self.rows) >= self._most or self._size + size > self._bytes:
                if not self.rows and size > self._bytes:
                    raise too_large(self._source, self._bytes)
                self.truncated = True
                return False
            self.rows.append(row)
            self._size += size
        return True


def size_of(value: Any) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    # A row within a row is neither a list nor a mapping to Python; it has `values`.
    values = getattr(value, "values", None)
    if callable(values):
        return _PLAIN + sum(map(size_of, values()))
    if isinstance(value, list | tuple):
        return _PLAIN + sum(map(size_of, value))
    return _PLAIN


def named_once(source: str, names: Sequence[str]) -> None:
    """Refuse rows that would lose a column.

    Raises:
        NodeFailed: `db.duplicate_column`.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two columns of the result are called {twice[0]!r}: name them with AS"
        raise failed(source, "duplicate_column", message, column=twice[0])
