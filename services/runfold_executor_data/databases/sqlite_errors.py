"""What goes wrong with SQLite as failures by code."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from runfold.errors import FailureKind, NodeFailed
from runfold_executor_data.databases.failures import failed, not_allowed, timed_out, unavailable
from runfold_executor_data.databases.sqlite_guard import Guard

log = structlog.get_logger("databases")

_CODES: dict[str, tuple[str, FailureKind, bool]] = {
    "SQLITE_BUSY": ("busy", "server", True),
    "SQLITE_LOCKED": ("busy", "server", True),
    "SQLITE_READONLY": ("read_only", "input", False),
    "SQLITE_CONSTRAINT": ("constraint", "input", False),
    "SQLITE_TOOBIG": ("too_large", "limit", False),
    "SQLITE_MISMATCH": ("value", "input", False),
    "SQLITE_RANGE": ("parameters", "input", False),
    "SQLITE_ERROR": ("sql_invalid", "input", False),
}
_UNKNOWN = (
    (re.compile(r"no such table"), "unknown_table"),
    (re.compile(r"no such column|has no column named"), "unknown_column"),
)
_CANNOT_OPEN = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_AUTH", "SQLITE_PERM")


@contextmanager
def translated(source: str, seconds: float, guard: Guard) -> Iterator[None]:
    """Turn what a statement raises into failures."""
    try:
        yield
    except sqlite3.Error as error:
        raise _failure(source, seconds, guard, error) from error
    except OverflowError as error:
        raise failed(source, "value", "a whole number is too large for SQLite") from error
    except UnicodeEncodeError as error:
        raise failed(source, "value", "a text is not UTF-8") from error


def _failure(source: str, seconds: float, guard: Guard, error: sqlite3.Error) -> NodeFailed:
    if guard.refused_table:
        allowed = guard.allowed_tables
        return not_allowed(source, guard.refused_table, allowed)
    if guard.refused:
        code = "read_only" if not guard.write and "changes" in guard.refused else "denied"
        return failed(source, code, f"not allowed here: {guard.refused}")
    name = getattr(error, "sqlite_errorname", "") or ""
    said = str(error)[:500]
    if name == "SQLITE_INTERRUPT" or (guard.is_late and name.startswith("SQLITE_BUSY")):
        return timed_out(source, seconds)
    if name.startswith(_CANNOT_OPEN):
        log.warning("no connection", source=source, reason=said)
        message = "its file cannot be opened as a database; the executor's log has the reason"
        return unavailable(source, message, retryable=False)
    found = next((code for pattern, code in _UNKNOWN if pattern.search(said)), "")
    if found:
        return failed(source, found, said)
    if not name:
        # Python's own, about parameters and statements.
        return failed(source, "sql_invalid", said)
    base = next((code for code in _CODES if name.startswith(code)), "")
    code, kind, retryable = _CODES.get(base, ("failed", "server", False))
    return failed(source, code, said, kind=kind, retryable=retryable, sqlite=name)
