"""A session with one server: opened, used by many calls at a time, ended.

The SDK wants a session left by the task that entered it, so each has a task of its own. Imports
the SDK: import it lazily.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import Context
from typing import Any

import structlog
from mcp import Client, MCPError, types
from pydantic import ValidationError

from runfold import __version__
from runfold.background import end
from runfold.contracts.secrecy import remember
from runfold.errors import NodeFailed
from runfold_executor_http.connections import Connections
from runfold_executor_http.guarded_network import GuardedNetwork
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.authorized import Authorized
from runfold_executor_http.mcp_client.exchange import EXCHANGE, Exchange
from runfold_executor_http.mcp_client.http import address
from runfold_executor_http.mcp_client.oauth import Tokens
from runfold_executor_http.mcp_client.servers import Target
from runfold_executor_http.mcp_client.stdio import program
from runfold_executor_http.mcp_client.tool_list import ToolList

CLOSED_WITHIN = 8.0
"""Seconds for leaving a session: longer than a program is given to end."""

log = structlog.get_logger("mcp")


class Session:
    """One session.

    Args:
        target: The server.
        network: The guard, for one that is reached over HTTP.
        connections: Give the credentials of the connection that the server names.
    """

    def __init__(
        self, target: Target, network: GuardedNetwork, connections: Connections | None = None
    ) -> None:
        self.target = target
        self.tools = ToolList()
        self._tokens = Tokens()
        self._authorized: Authorized | None = None
        if connections is not None and target.opened is not None:
            declared = dict(target.headers)
            self._authorized = Authorized(target.name, connections, target.opened, declared)
        self.redaction = target.redaction
        """What keeps secrets out of the log: the server's, and those that calls send it."""
        self.lost = asyncio.Event()
        """Set when nothing will come of it any more."""
        self.cause: NodeFailed | None = None
        """Why it is lost."""
        self._network = network
        self._client: Client | None = None
        self._is_retired = False
        self._ending: set[asyncio.Task[Any]] = set()
        self._leave = asyncio.Event()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # It outlives the attempt that opens it, and is none of that attempt's.
        self._task = asyncio.create_task(
            self._live(), name=f"mcp session {target.name}", context=Context()
        )

    @property
    def is_usable(self) -> bool:
        """Whether new calls may use it."""
        return not (self._is_retired or self._leave.is_set() or self.lost.is_set())

    @property
    def client(self) -> Client:
        """The SDK's, once it is open."""
        assert self._client is not None  # noqa: S101 -- callers wait for `opened`
        return self._client

    async def opened(self) -> None:
        """Return once it is open.

        Raises:
            NodeFailed: When it cannot be opened.
        """
        lost = asyncio.create_task(self.lost.wait())
        try:
            await asyncio.wait((self._opened, lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            self.remember_secrets()
        if self._opened.done():
            self._opened.result()
        elif self.cause is not None:
            raise self.cause

    def remember_secrets(self) -> None:
        """Have the running attempt mask what the session was given meanwhile."""
        for secret in self._secrets():
            remember(secret)

    def _secrets(self) -> Iterator[str]:
        if self._tokens.secret:
            yield self._tokens.secret
        if self._authorized is not None:
            yield from self._authorized.secrets

    def retire(self) -> None:
        """Take no more calls; those under way go on."""
        self._is_retired = True

    def lose(self, cause: NodeFailed) -> None:
        """Nothing will come any more; the first reason counts."""
        if not self.lost.is_set():
            self.cause = cause
            self.lost.set()
            self._leave.set()

    def let_end(self, asking: asyncio.Task[Any]) -> None:
        """Hold a question that was cancelled, until it has ended."""
        if not asking.done():
            self._ending.add(asking)
            asking.add_done_callback(self._ending.discard)
        asking.add_done_callback(_looked_at)

    async def close(self) -> None:
        """End it, and return when it is ended."""
        self._leave.set()
        await end(*self._ending)
        if not self._opened.done():
            self._task.cancel()  # it waits for the server, and for nothing else
        done, _ = await asyncio.wait((self._task,), timeout=CLOSED_WITHIN)
        if not done:
            log.warning("session does not end", server=self.target.name)
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _live(self) -> None:
        """Enter the session, keep it until it is to be left, and leave it."""
        exchange = Exchange(self.target.name)
        EXCHANGE.set(exchange)
        try:
            async with self._entered() as self._client:
                self._opened.set_result(None)
                await self._leave.wait()
        except Exception as error:  # noqa: BLE001 -- the SDK raises groups of anything
            cause = self._why(error, exchange)
            if self._opened.done():
                log.warning("session ended badly", server=self.target.name, reason=cause.message)
            self.lose(cause)
        finally:
            self.lose(failures.unavailable(self.target.name, "its session was closed"))
            if not self._opened.done():
                self._opened.set_exception(self.cause or AssertionError)
                self._opened.exception()  # told to those who wait, if any do

    @asynccontextmanager
    async def _entered(self) -> AsyncIterator[Client]:
        declared = self.target.declared
        streams: AbstractAsyncContextManager[Any] = (
            program(self.target, self.lose, self.redaction)
            if declared.command
            else address(self.target, self._network, self._tokens, self._authorized)
        )
        client = Client(
            streams,
            client_info=types.Implementation(name="runfold", version=__version__),
            message_handler=self._heard,
            cache=None,  # `ToolList` knows how long a list holds
        )
        late = asyncio.get_running_loop().call_later(
            declared.connect_timeout, self._is_late, declared.connect_timeout
        )
        try:
            # A moment later: those who wait are told first, and leaving may take a while.
            async with asyncio.timeout(declared.connect_timeout + 0.05):
                await client.__aenter__()
        finally:
            late.cancel()
        # `requests` checks them, within bounds.
        client.session.validate_tool_result = _not_checked  # type: ignore[method-assign]
        try:
            yield client
        finally:
            await client.__aexit__(None, None, None)

    def _is_late(self, seconds: float) -> None:
        self.lose(failures.unavailable(self.target.name, f"it was not ready within {seconds:g} s"))

    async def _heard(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self.tools.forget()

    def _why(self, error: Exception, exchange: Exchange) -> NodeFailed:
        """Why it could not be opened, or ended."""
        server, cause = self.target.name, failures.first_cause(error)
        known = self.cause or exchange.failure
        match cause:
            case NodeFailed():
                return cause
            case _ if known is not None:
                return known
            case ValidationError():
                return failures.protocol(server, "its first answer is not as the protocol has it")
            case MCPError() if cause.code == types.CONNECTION_CLOSED:
                return failures.unavailable(server, "the connection ended")
            case MCPError():
                return failures.protocol(server, f"it answered: {self._shown(cause.message)}")
            case _:
                shown = self._shown(str(cause))
                return failures.unavailable(server, f"{type(cause).__name__}: {shown}")

    def _shown(self, text: str) -> str:
        for secret in self._secrets():
            self.redaction.remember(secret)
        return self.redaction.text(text)[: failures.SHOWN]


async def _not_checked(name: str, result: types.CallToolResult) -> None:
    """What the SDK does with a result beside reading it: nothing."""


def _looked_at(asking: asyncio.Task[Any]) -> None:
    """Look at how a task ended, so that the loop does not report it."""
    if not asking.cancelled():
        asking.exception()
