"""What is asked of a server in a session: its tools, and calls of them.

What goes wrong is a `NodeFailed` that says whether another attempt is safe. Imports the SDK:
import it lazily.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from mcp import Client, MCPError, types
from mcp.shared.dispatcher import ProgressFnT
from pydantic import ValidationError

from runfold.contracts.secrecy import masked, secrets_in
from runfold.errors import ExpressionFailed, NodeFailed
from runfold.values.json_schema import mismatches
from runfold.values.json_text import to_json
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.exchange import EXCHANGE, Exchange
from runfold_executor_http.mcp_client.session import Session
from runfold_executor_http.mcp_client.tool_list import HELD, Listed

T = TypeVar("T")
MOST_TOOLS = 1000
MOST_PAGES = 1000
"""Pages of a list of tools: a server may name a next one for ever."""
CANCELLED_WITHIN = 0.1
"""Seconds for telling the server that no answer is wanted; what takes longer goes on beside."""
IDEMPOTENCY_KEY = "runfold/idempotency-key"
"""Name in a call's `_meta` of what is the same for every delivery of an attempt."""
_KEEPS_SESSION = frozenset(("mcp.rate_limited", "mcp.too_large"))
"""Failures of one call after which the next may use the same session."""


class SessionGone(Exception):
    """The server no longer knows the session, and has not begun with the call."""


async def tools_of(session: Session, *, newest: bool = False) -> dict[str, types.Tool]:
    """The server's tools by name, those that the operator lets be seen.

    Raises:
        NodeFailed: When it cannot say; another attempt is safe.
        SessionGone: When the session is.
    """
    return await session.tools.get(lambda: _listed(session), newest=newest)


async def _listed(session: Session) -> Listed:
    server, within = session.target.name, session.target.declared.connect_timeout
    tools: dict[str, types.Tool] = {}
    holds, cursor = HELD, None
    until = asyncio.get_running_loop().time() + within
    for _ in range(MOST_PAGES):
        left = max(until - asyncio.get_running_loop().time(), 0.01)
        try:
            page = await _asked(session, _page_at(cursor), left)
        except TimeoutError:
            message = f"it did not list its tools within {within:g} s"
            raise failures.unavailable(server, message) from None
        except _Lost as error:
            raise error.cause from error
        except MCPError as error:
            if error.code == types.METHOD_NOT_FOUND:
                return {}, HELD  # it has none
            reason = f"it does not list its tools: {masked(error.message)[: failures.SHOWN]}"
            raise failures.protocol(server, reason) from error
        tools |= {tool.name: tool for tool in page.tools if session.target.offers(tool.name)}
        if len(tools) > MOST_TOOLS:
            message = f"it lists more than {MOST_TOOLS} tools"
            raise failures.failed(server, "too_large", message, kind="limit", limit=MOST_TOOLS)
        if page.ttl_ms:
            holds = min(holds, page.ttl_ms / 1000)
        if page.next_cursor is None or page.next_cursor == cursor:
            return tools, holds
        cursor = page.next_cursor
    message = f"its list of tools has more than {MOST_PAGES} pages"
    raise failures.failed(server, "too_large", message, kind="limit", limit=MOST_PAGES)


def _page_at(cursor: str | None) -> Callable[[Client], Awaitable[types.ListToolsResult]]:
    return lambda client: client.list_tools(cursor=cursor)


async def call_tool(
    session: Session,
    tool: types.Tool,
    arguments: dict[str, Any],
    *,
    seconds: float,
    repeatable: bool,
    key: str,
    progress: ProgressFnT,
) -> types.CallToolResult:
    """Call a tool. That it failed itself is in its result.

    Args:
        session: Open.
        tool: As the server lists it.
        arguments: By name.
        seconds: How long it may take.
        repeatable: Whether it may be called again when its answer is lost.
        key: The attempt's idempotency key.
        progress: Called with what it says while it works.

    Raises:
        NodeFailed: When no answer comes, or one that is not as the tool's own schema says.
        SessionGone: When the session is.
    """
    server, name = session.target.name, tool.name
    # It may write them on its standard error, which outlives the attempt that knows them.
    for secret in secrets_in(to_json(arguments)):
        session.redaction.remember(secret)
    meta: Any = {IDEMPOTENCY_KEY: key}

    async def ask(client: Client) -> types.CallToolResult:
        return await client.call_tool(name, arguments, progress_callback=progress, meta=meta)

    try:
        result = await _asked(session, ask, seconds)
    except TimeoutError:
        raise failures.timed_out(server, name, seconds, repeatable=repeatable) from None
    except _Lost as error:
        if not error.was_sent or error.cause.code in {"mcp.auth", "mcp.rate_limited"}:
            raise error.cause from error
        raise failures.lost(error.cause, name, repeatable=repeatable) from error
    except MCPError as error:
        raise failures.tool_error(server, name, error.message, rpc_code=error.code) from error
    if not result.is_error and tool.output_schema is not None:
        await _check(server, tool, result)
    return result


async def _check(server: str, tool: types.Tool, result: types.CallToolResult) -> None:
    """Check a result by its tool's schema. One that cannot be used says nothing about the result.

    The SDK would do so with patterns that can take for ever, on the loop that all attempts share.
    """
    if result.structured_content is None and "structured_content" not in result.model_fields_set:
        reason = f"tool {tool.name!r} has a schema of its results and gave none of that shape"
        raise failures.failed(server, "output_invalid", reason, kind="output", tool=tool.name)
    schema: Any = tool.output_schema
    try:
        wrong = await asyncio.to_thread(mismatches, result.structured_content, schema)
    except ExpressionFailed:
        return
    if wrong:
        shown = "; ".join(f"{one.path}: {one.message}" for one in wrong[:5])
        reason = f"the result of tool {tool.name!r} is not as its own schema says: {shown}"
        raise failures.failed(server, "output_invalid", reason, kind="output", tool=tool.name)


async def _asked(session: Session, ask: Callable[[Client], Awaitable[T]], within: float) -> T:
    """What the server answers.

    Raises:
        TimeoutError: No answer has come in time; the server is told that none is wanted any more.
        _Lost: No answer will come.
        SessionGone: The session is.
        MCPError: It answers with an error.
        NodeFailed: `mcp.protocol` or `mcp.output_invalid`, when the answer is none.
    """
    exchange = Exchange(session.target.name)
    asking = asyncio.create_task(_with(exchange, ask(session.client)))
    ends = [asyncio.create_task(event.wait()) for event in (exchange.gone, session.lost)]
    try:
        await asyncio.wait((asking, *ends), timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            return _judged(session, asking, exchange)
        if session.lost.is_set():
            raise _Lost(session.cause or exchange.cause(), sent=True)
        if exchange.gone.is_set():
            session.retire()
            raise _Lost(exchange.cause(), sent=True)
        raise TimeoutError
    finally:
        exchange.end()
        session.remember_secrets()
        for task in (asking, *ends):
            task.cancel()
        await asyncio.wait((asking, *ends), timeout=CANCELLED_WITHIN)
        session.let_end(asking)


async def _with(exchange: Exchange, asking: Awaitable[T]) -> T:
    """Ask, with the exchange where the connection finds it."""
    EXCHANGE.set(exchange)
    return await asking


def _judged(session: Session, asking: asyncio.Task[T], exchange: Exchange) -> T:
    """An answer, or what an exception of the SDK stands for."""
    server = session.target.name
    try:
        return asking.result()
    except MCPError as error:
        if exchange.session_is_gone:
            session.retire()
            raise SessionGone from error
        if exchange.failure is not None:
            if exchange.failure.code not in _KEEPS_SESSION:
                session.retire()
            raise _Lost(exchange.failure, sent=exchange.was_sent) from error
        if error.code == types.CONNECTION_CLOSED:
            session.retire()
            raise _Lost(session.cause or exchange.cause(), sent=True) from error
        if error.code == types.PARSE_ERROR:
            session.retire()
            reason = "its answer is not JSON-RPC"
            raise failures.protocol(server, reason) from error
        raise
    except ValidationError as error:
        session.retire()
        reason = f"its answer is not as the protocol has it, in {error.error_count()} places"
        raise failures.protocol(server, reason) from error
    except RuntimeError as error:
        # What the SDK raises for a result that it cannot make anything of.
        text = masked(str(error))[: failures.SHOWN]
        raise failures.failed(server, "output_invalid", text, kind="output") from error


class _Lost(Exception):
    """No answer will come.

    Args:
        cause: Why.
        sent: Whether the server may have begun with what was asked.
    """

    def __init__(self, cause: NodeFailed, *, sent: bool) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.was_sent = sent
