"""What goes wrong with PostgreSQL as failures by code.

The database's message is shown, its detail is not: that repeats values of rows. Why a connection
fails is logged and not shown: that names the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import asyncpg
import structlog

from runfold.errors import FailureKind, NodeFailed
from runfold_executor_data.databases.failures import (
    connection_lost,
    failed,
    read_only,
    timed_out,
    unavailable,
)

log = structlog.get_logger("databases")


class _Meaning(NamedTuple):
    code: str
    kind: FailureKind = "input"
    retryable: bool = False


_MEANINGS = {
    "40001": _Meaning("conflict", "server", retryable=True),
    "40P01": _Meaning("conflict", "server", retryable=True),
    "55P03": _Meaning("busy", "server", retryable=True),
    "53300": _Meaning("busy", "server", retryable=True),
    "42501": _Meaning("denied", "auth"),
    "42P01": _Meaning("unknown_table"),
    "42703": _Meaning("unknown_column"),
    "0A000": _Meaning("sql_invalid"),
    "22": _Meaning("value"),
    "23": _Meaning("constraint"),
    "42": _Meaning("sql_invalid"),
    "44": _Meaning("constraint"),
    "53": _Meaning("failed", "server", retryable=True),
    "54": _Meaning("sql_invalid", "limit"),
}
"""By state, or by the first two characters of it, its class."""
_ARGUMENT = re.compile(r"invalid input for query argument \$(\d+)")
_TIMED_OUT = ("57014", "25P03", "25P04")
_READ_ONLY = "25006"
_SHUT_DOWN = ("57P01", "57P02", "57P03", "57P05")

LOST = (ConnectionError, OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
"""How asyncpg says that a connection is gone; the last is of one that is closed already."""


def refused(source: str, error: BaseException) -> NodeFailed:
    """Why no connection was made."""
    log.warning("no connection", source=source, reason=f"{type(error).__name__}: {error}")
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith("28"):
        message = "the database refuses its user or password: the operator must mend that"
        return failed(source, "denied", message, kind="auth")
    if state == "3D000":
        message = "there is no such database on its server: the operator must mend that"
        return unavailable(source, message, retryable=False)
    if state == "53300":
        message = "the database has no connection to spare"
        return failed(source, "busy", message, kind="server", retryable=True)
    return unavailable(source, "no connection; the executor's log has the reason")


@contextmanager
def translated(source: str, seconds: float) -> Iterator[None]:
    """Turn what a statement raises into failures."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise of_state(source, error, seconds) from error
    except asyncpg.UnsupportedClientFeatureError as error:
        message = "a column is of a type that cannot be read here: cast it, `column::text`"
        raise failed(source, "value", message) from error
    except LOST as error:
        log.warning("connection lost", source=source, reason=str(error))
        raise connection_lost(source) from error


def of_state(source: str, error: asyncpg.PostgresError, seconds: float) -> NodeFailed:
    """What an error of the server means."""
    state = str(error.sqlstate or "")
    said = str(error.args[0] if error.args else error).splitlines()[0][:500]
    if found := _ARGUMENT.match(said):
        # asyncpg's own, before anything is sent; what follows repeats the value.
        said = f"value {found[1]} does not fit the type of its place"
    if isinstance(error, asyncpg.PostgresConnectionError) or state in _SHUT_DOWN:
        return connection_lost(source)
    if state in _TIMED_OUT:
        return timed_out(source, seconds)
    if state == _READ_ONLY:
        return read_only(source, f"only reading is allowed here: {said}")
    meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2]) or _Meaning("failed", "server")
    details = {
        name: value
        for name, value in (
            ("constraint", getattr(error, "constraint_name", None)),
            ("column", getattr(error, "column_name", None)),
        )
        if value
    }
    return failed(
        source,
        meaning.code,
        said,
        kind=meaning.kind,
        retryable=meaning.retryable,
        sqlstate=state,
        **details,
    )
