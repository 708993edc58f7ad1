"""How a call of an MCP tool fails: a code, a message, and whether another attempt can help.

A call that was lost may have been carried out: it is retryable only where the tool may be repeated.
What failed before the call was sent is judged by itself.
"""

from __future__ import annotations

from typing import Any

from runfold.contracts.secrecy import masked
from runfold.errors import FailureKind, NodeFailed

SHOWN = 500
"""Characters of a server's own text in a message."""
TOLD = 20_000
"""Characters of a tool's own error in a failure's details, which models are told."""


def failed(
    server: str,
    code: str,
    message: str,
    *,
    kind: FailureKind,
    retryable: bool = False,
    retry_after: float | None = None,
    **details: Any,
) -> NodeFailed:
    """A failure about a server."""
    return NodeFailed(
        f"MCP server {server!r}: {message}",
        code=f"mcp.{code}",
        kind=kind,
        retryable=retryable,
        retry_after=retry_after,
        details={"server": server, **details},
    )


def not_started(server: str, command: str, reason: str) -> NodeFailed:
    """The program cannot be started at all."""
    message = f"its program {command!r} cannot be started: {reason}; the operator must mend that"
    return failed(server, "not_started", message, kind="input", command=command)


def unavailable(server: str, reason: str, **details: Any) -> NodeFailed:
    """There is no session: nothing was called, so another attempt is safe."""
    return failed(server, "unavailable", reason, kind="network", retryable=True, **details)


def protocol(server: str, reason: str) -> NodeFailed:
    """It does not speak MCP."""
    return failed(server, "protocol", f"it does not speak MCP: {reason}", kind="server")


def too_large(server: str, limit: int, what: str) -> NodeFailed:
    """It sends more than it may."""
    message = f"{what} over {limit} bytes; the limit is RUNFOLD_MCP__MAX_MESSAGE_BYTES"
    return failed(server, "too_large", message, kind="limit", limit=limit)


def no_connections(server: str, connection: str) -> NodeFailed:
    """It names a connection where none can be read."""
    message = f"its connection {connection!r} is stored with a NATS server, and none is up here"
    return unavailable(server, message, connection=connection)


def status(server: str, code: int, retry_after: float | None, connection: str = "") -> NodeFailed:
    """An HTTP status that is no answer. What it means for a call is `lost`'s to say."""
    about: dict[str, Any] = {"status": code}
    match code:
        case 401 | 403 if connection:
            message = (
                f"it refuses the credentials of connection {connection!r} (HTTP {code}): store or "
                "authorize that again, with what the server wants"
            )
            return failed(server, "auth", message, kind="auth", connection=connection, **about)
        case 401 | 403:
            message = f"it refuses the credentials (HTTP {code}): check its headers or oauth"
            return failed(server, "auth", message, kind="auth", **about)
        case 429:
            message = "it asks for fewer requests (HTTP 429)"
            return failed(
                server,
                "rate_limited",
                message,
                kind="rate_limit",
                retryable=True,
                retry_after=retry_after,
                **about,
            )
        case _ if code < 400:  # noqa: PLR2004 -- HTTP's own
            message = f"it redirects to another place (HTTP {code}): declare that as its url"
            return failed(server, "unavailable", message, kind="network", **about)
        case _ if code < 500:  # noqa: PLR2004 -- HTTP's own
            message = f"it answered with HTTP {code}: check its url"
            return failed(server, "unavailable", message, kind="network", **about)
        case _:
            return unavailable(server, f"it answered with HTTP {code}", **about)


def timed_out(server: str, tool: str, seconds: float, *, repeatable: bool) -> NodeFailed:
    """A call took too long; the server was told to stop."""
    message = f"tool {tool!r} took longer than {seconds:.3g} s"
    return failed(
        server, "timeout", message, kind="timeout", retryable=repeatable, tool=tool, timeout=seconds
    )


def lost(cause: NodeFailed, tool: str, *, repeatable: bool) -> NodeFailed:
    """A call that was sent and will not be answered, because of something else."""
    server = cause.details.get("server", "")
    again = "" if repeatable else "; it is not repeated, since the tool may have run"
    reason = cause.message.removeprefix(f"MCP server {server!r}: ")
    details = {**cause.details, "tool": tool, "repeatable": repeatable}
    if cause.code in {"mcp.protocol", "mcp.too_large"}:
        return NodeFailed(
            f"{cause.message} (while tool {tool!r} was called)",
            code=cause.code,
            kind=cause.kind,
            retryable=False,
            details=details,
        )
    return NodeFailed(
        f"MCP server {server!r}: the call of tool {tool!r} was lost: {reason}{again}",
        code="mcp.connection_lost",
        kind="network",
        retryable=repeatable,
        details=details,
    )


def executor_lost(server: str, tool: str) -> NodeFailed:
    """The attempt was in the hands of an executor that is gone, which may have called the tool."""
    cause = unavailable(server, "the executor that had it is gone")
    return lost(cause, tool, repeatable=False)


def cut_off(server: str, tool: str) -> NodeFailed:
    """The attempt was cut off in a call, since its executor stops; the server was told to stop."""
    return lost(unavailable(server, "its executor stops"), tool, repeatable=False)


def tool_error(server: str, tool: str, text: str, **details: Any) -> NodeFailed:
    """The tool was called and says that it failed."""
    text = masked(text)  # before it is cut: half a secret is not found later
    message = f"tool {tool!r} failed: {text[:SHOWN] or 'it gives no reason'}"
    told = text if len(text) <= TOLD else f"{text[: TOLD - 1]}…"
    return failed(server, "tool_error", message, kind="server", tool=tool, error=told, **details)


def first_cause(error: BaseException) -> BaseException:
    """What a group of exceptions comes from: the first that is none itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
