"""How nodes on a data source fail. A message names the source, and never where it is."""

from __future__ import annotations

from typing import Any

from runfold.errors import FailureKind, NodeFailed


def failed(
    source: str,
    code: str,
    message: str,
    *,
    kind: FailureKind = "input",
    retryable: bool = False,
    **details: Any,
) -> NodeFailed:
    """A failure about a source; `code` is what follows `db.`."""
    return NodeFailed(
        f"data source {source!r}: {message}",
        code=f"db.{code}",
        kind=kind,
        retryable=retryable,
        details={"source": source, **details},
    )


def unavailable(source: str, reason: str, *, retryable: bool = True) -> NodeFailed:
    """It cannot be reached: nothing was begun."""
    return failed(source, "unavailable", reason, kind="network", retryable=retryable)


def connection_lost(source: str) -> NodeFailed:
    """The connection was lost before the end of the transaction: nothing of it counts."""
    message = "the connection was lost; nothing was changed"
    return failed(source, "connection_lost", message, kind="network", retryable=True)


def outcome_unknown(source: str, *, key_stored: bool) -> NodeFailed:
    """The connection was lost while the changes were being made to count."""
    again = (
        "another attempt finds the key of this one if they were kept"
        if key_stored
        else "it is not repeated, since they may have been kept"
    )
    message = f"the connection was lost while the changes were committed: {again}"
    return failed(source, "outcome_unknown", message, kind="network", retryable=key_stored)


def timed_out(source: str, seconds: float) -> NodeFailed:
    """Too slow; the statement was cancelled and nothing was changed."""
    message = f"cancelled after {seconds:.3g} s, its time for one node; nothing was changed"
    return failed(
        source, "timeout", message, kind="timeout", retryable=True, timeout=round(seconds, 3)
    )


def read_only(source: str, what: str) -> NodeFailed:
    """A change where none is allowed."""
    return failed(source, "read_only", what)


def not_allowed(source: str, table: str, allowed: list[str]) -> NodeFailed:
    """A table that the operator does not let workflows use."""
    message = f"table {table!r} may not be used; allowed are: {', '.join(allowed)}"
    return failed(source, "table_not_allowed", message, kind="auth", table=table)


def too_large(source: str, limit: int) -> NodeFailed:
    """One row alone is over the limit."""
    message = f"a row is larger than {limit} bytes, the source's max_bytes: read fewer columns"
    return failed(source, "too_large", message, kind="limit", limit=limit)
