"""One session for each server and credential, shared by all attempts of the executor.

Opened when first used, closed when no call has used it for a while; one that went wrong is not
used any more, and the next call opens another. The SDK is imported when the first is opened.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from runfold.settings import Settings
from runfold_executor_http.addresses import Policy
from runfold_executor_http.connections import Connections, Use
from runfold_executor_http.guarded_network import GuardedNetwork, Resolve, system_resolve
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.servers import Target

if TYPE_CHECKING:
    from runfold_executor_http.mcp_client.session import Session


class _Shared:
    """A session and who uses it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.users = 0
        self.idle: asyncio.TimerHandle | None = None


class Sessions:
    """The sessions of one executor.

    Args:
        settings: The process's.
        connections: Give the credentials of stored connections; None: there are none here.
        resolve: Another resolver than the system's.
    """

    def __init__(
        self,
        settings: Settings,
        connections: Connections | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._connections = connections
        self._network = GuardedNetwork(Policy(settings.http), resolve or system_resolve)
        self._by_key: dict[tuple[object, ...], _Shared] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._is_imported = False

    async def connected(self, target: Target) -> Target:
        """A server with the stored connection that it names, as that is now.

        Raises:
            NodeFailed: The connection is not there, or may not be sent to the server.
        """
        name = target.declared.connection
        if not name:
            return target
        if self._connections is None:
            raise failures.no_connections(target.name, name)
        opened = await self._connections.opened(Use(name), target.declared.url)
        return msgspec.structs.replace(target, opened=opened)

    @asynccontextmanager
    async def use(self, target: Target) -> AsyncIterator[Session]:
        """An open session, for as long as this is entered.

        Raises:
            NodeFailed: When it cannot be opened.
        """
        if not self._is_imported:
            # In a thread: it takes most of a second.
            await asyncio.to_thread(importlib.import_module, _SESSION)
            self._is_imported = True
        shared = self._shared(target)
        shared.users += 1
        if shared.idle is not None:
            shared.idle.cancel()
            shared.idle = None
        try:
            await shared.session.opened()
            yield shared.session
        finally:
            shared.users -= 1
            if not shared.users:
                self._release(target, shared)

    async def aclose(self) -> None:
        """Close all sessions."""
        for shared in self._by_key.values():
            if shared.idle is not None:
                shared.idle.cancel()
            self._close(shared)
        self._by_key.clear()
        await asyncio.gather(*self._closing)

    def _shared(self, target: Target) -> _Shared:
        shared = self._by_key.get(target.key)
        if shared is None or not shared.session.is_usable:
            from runfold_executor_http.mcp_client.session import Session

            # One that is retired is closed by its last user.
            session = Session(target, self._network, self._connections)
            shared = self._by_key[target.key] = _Shared(session)
        return shared

    def _release(self, target: Target, shared: _Shared) -> None:
        """Nothing uses it now: close it, or wait for the next call."""
        if shared.session.is_usable:
            loop = asyncio.get_running_loop()
            shared.idle = loop.call_later(target.idle, self._expire, target, shared)
        else:
            self._expire(target, shared)

    def _expire(self, target: Target, shared: _Shared) -> None:
        if self._by_key.get(target.key) is shared:
            del self._by_key[target.key]
        self._close(shared)

    def _close(self, shared: _Shared) -> None:
        closing = asyncio.create_task(shared.session.close(), name="mcp close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


_SESSION = "runfold_executor_http.mcp_client.session"


@asynccontextmanager
async def open_sessions(
    settings: Settings, connections: Connections | None = None
) -> AsyncIterator[Sessions]:
    """The sessions of an executor; none is open yet."""
    sessions = Sessions(settings, connections)
    try:
        yield sessions
    finally:
        await sessions.aclose()
