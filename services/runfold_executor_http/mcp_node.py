"""`mcp` nodes: a call of a tool, or the list of a server's tools."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.mcp import KIND, MCPConfig
from runfold.values.durations import parse_duration
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.progress import ProgressText
from runfold_executor_http.mcp_client.servers import Target, target_of
from runfold_executor_http.outside import open_outside

if TYPE_CHECKING:
    from mcp import types

    from runfold_executor_http.mcp_client.session import Session

_BEFORE_DEADLINE = 0.2
"""Seconds before the node's own timeout at which a call is given up: only here it is known whether
another attempt is safe."""


async def run(ctx: NodeContext, config: MCPConfig, _inputs: dict[str, Any]) -> Outcome:
    """Call the tool, or list them all."""
    sessions = ctx.resource.sessions
    target = target_of(ctx.settings.mcp, config.server, ctx.secret)
    seconds = _seconds(config, target)
    target = await sessions.connected(target)
    from runfold_executor_http.mcp_client.requests import SessionGone

    for _ in range(2):
        async with sessions.use(target) as session:
            try:
                return await _done(ctx, config, session, seconds)
            except SessionGone:
                continue  # the server was started again: it wants a new session
    raise failures.unavailable(target.name, "it forgets its sessions")


async def _done(ctx: NodeContext, config: MCPConfig, session: Session, seconds: float) -> Outcome:
    from runfold_executor_http.mcp_client import results
    from runfold_executor_http.mcp_client.requests import call_tool, tools_of

    target = session.target
    if config.list_tools:
        return Outcome(
            {"tools": results.listed(target, await tools_of(session, newest=True), config.preset)}
        )
    tool = await _tool(session, config.tool)
    repeatable = results.is_repeatable(target, tool)
    if ctx.deliveries > 1 and not repeatable:
        raise failures.executor_lost(target.name, tool.name)
    try:
        async with ProgressText(ctx) as progress:
            result = await call_tool(
                session,
                tool,
                results.filled_in(tool, config.arguments, config.preset),
                seconds=_left(ctx, seconds),
                repeatable=repeatable,
                key=ctx.idempotency_key,
                progress=progress.heard,
            )
    except asyncio.CancelledError as cancelled:
        if repeatable:
            raise
        # Given back it would begin anew, and nothing would tell that the tool may have run.
        raise failures.cut_off(target.name, tool.name) from cancelled
    if result.is_error:
        raise failures.tool_error(target.name, tool.name, results.text_of(result))

    async def write(body: bytes, name: str, media_type: str) -> dict[str, Any]:
        try:
            return await ctx.files.write(body, name=name, media_type=media_type)
        except NodeFailed as error:
            if error.code != "file.media_type":
                raise
            # Servers call a picture by another picture's name: its bytes say what it is.
            return await ctx.files.write(body, name=name)

    return Outcome(await results.outputs_of(target, tool.name, result, write))


async def _tool(session: Session, name: str) -> types.Tool:
    """The tool of a name, which may be newer than the list that is known."""
    from runfold_executor_http.mcp_client import results
    from runfold_executor_http.mcp_client.requests import tools_of

    target = session.target
    tools = await tools_of(session)
    tool = results.tool_named(target, tools, name)
    if tool is None:
        tools = await tools_of(session, newest=True)
        tool = results.tool_named(target, tools, name)
    if tool is None:
        raise results.unknown_tool(target, tools, name)
    return tool


def _seconds(config: MCPConfig, target: Target) -> float:
    seconds = target.declared.timeout
    if config.timeout is not None:
        seconds = parse_duration(config.timeout)
    if seconds <= 0:
        raise NodeFailed("timeout must be over 0", code="mcp.invalid", kind="input")
    return seconds


def _left(ctx: NodeContext, seconds: float) -> float:
    if ctx.deadline is None:
        return seconds
    left = ctx.deadline - asyncio.get_running_loop().time() - _BEFORE_DEADLINE
    return max(0.01, min(seconds, left))


NODE = NodeExecutor(KIND, run, open_on_bus=open_outside)
