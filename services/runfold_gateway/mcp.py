"""`/mcp`: the MCP server over streamable HTTP, behind the same door as the API.

The SDK is imported when the first request comes. Without the extra the path answers 404, and says
what to install.
"""

from __future__ import annotations

import asyncio
import importlib
from contextvars import Context
from typing import TYPE_CHECKING

import structlog

from runfold.background import end
from runfold.bus.ports.bus import Bus
from runfold.definitions.store import DefinitionStore
from runfold.graph.extras import how_to_install, missing
from runfold.mcp_server.calls import Calls
from runfold.mcp_server.tools import WorkflowTools
from runfold_gateway.http.asgi import App, Receive, Scope, Send
from runfold_gateway.problems import problem_bytes

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"
MOST_BODY = 4 * 1024 * 1024
"""Bytes of one message from a client."""
MOST_SESSIONS = 1000
"""Sessions of clients of the protocols before 2026 at a time; more are answered 503."""
IDLE = 600.0
"""Seconds after which such a session that asks nothing is over."""
_EXTRA = "mcp"
_ABSENT = f"this gateway was installed without MCP: {how_to_install(_EXTRA)}"


class McpEndpoint:
    """ASGI middleware that answers `/mcp`, and hands everything else on.

    Args:
        app: What answers everything else.
        bus: The bus.
    """

    def __init__(self, app: App, bus: Bus) -> None:
        self._app = app
        definitions = DefinitionStore(bus.definitions)
        self._calls = Calls(bus, definitions)
        self._tools = WorkflowTools(definitions)
        self._manager: asyncio.Future[StreamableHTTPSessionManager] | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        if missing(_EXTRA):
            content_type, body = problem_bytes(404, "extra.missing", _ABSENT)
            length = str(len(body)).encode()
            headers = [(b"content-type", content_type), (b"content-length", length)]
            await send({"type": "http.response.start", "status": 404, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        manager = await self._served()
        scope["user"] = _user()
        await manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End all sessions. The runs of calls under way go on."""
        await self._calls.close()
        if self._running is not None:
            await end(self._running)

    async def _served(self) -> StreamableHTTPSessionManager:
        if self._manager is None:
            self._manager = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(
                self._run(self._manager), name="mcp sessions", context=Context()
            )
        return await asyncio.shield(self._manager)

    async def _run(self, opened: asyncio.Future[StreamableHTTPSessionManager]) -> None:
        try:
            await asyncio.to_thread(importlib.import_module, "runfold.mcp_server.server")
            from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

            from runfold.mcp_server.server import tool_server

            manager = StreamableHTTPSessionManager(
                tool_server(self._tools, self._calls),
                max_request_body_size=MOST_BODY,
                session_idle_timeout=IDLE,
                max_sessions=MOST_SESSIONS,
            )
            async with manager.run():
                opened.set_result(manager)
                await asyncio.Event().wait()
        except Exception as error:
            self._manager = None
            if not opened.done():
                opened.set_exception(error)
            raise


def _user() -> object:
    """Who asks, by the key's name: a session belongs to the key that opened it."""
    from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
    from mcp.server.auth.provider import AccessToken

    caller = str(structlog.contextvars.get_contextvars().get("caller", ""))
    return AuthenticatedUser(AccessToken(token="", client_id=caller, scopes=[]))
