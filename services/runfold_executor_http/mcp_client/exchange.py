"""One request of a session as its connection sees it: what went wrong with it, if anything.

The SDK tells of a failed request in few words, and carries the caller's context to where the
request is sent. So the one who calls puts an `Exchange` there, and the connection notes in it.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from runfold.errors import NodeFailed
from runfold_executor_http.mcp_client import failures

RESUMED_WITHIN = 2.0
"""Seconds within which an answer that broke off goes on."""


class Exchange:
    """A request that is under way.

    Args:
        server: Who is asked.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.failure: NodeFailed | None = None
        """Why it failed."""
        self.was_sent = False
        """Whether the failure came when the server may have begun with it."""
        self.gone = asyncio.Event()
        """Set when no answer will come."""
        self.session_is_gone = False
        """Whether the server no longer knows the session: it has not begun with the request."""
        self._broken: asyncio.TimerHandle | None = None

    def fail(self, failure: NodeFailed, *, sent: bool) -> None:
        """Note why it fails; the last reason counts."""
        self.failure, self.was_sent = failure, sent

    def answered(self) -> None:
        """It is being answered: what went wrong before no longer counts."""
        self.failure, self.was_sent = None, False

    def broke_off(self) -> None:
        """Its answer broke off: unless that is taken up again soon, it is lost."""
        if self._broken is None:
            loop = asyncio.get_running_loop()
            self._broken = loop.call_later(RESUMED_WITHIN, self.gone.set)

    def resumed(self) -> None:
        """Its answer goes on."""
        self.end()

    def unreachable(self, failure: NodeFailed) -> None:
        """Its answer cannot be taken up again."""
        self.fail(failure, sent=True)
        self.gone.set()

    def end(self) -> None:
        """Wait for nothing any more."""
        if self._broken is not None:
            self._broken.cancel()
            self._broken = None

    def cause(self) -> NodeFailed:
        """Why it failed, as far as that is known."""
        return self.failure or failures.unavailable(self.server, "the connection broke")


EXCHANGE: ContextVar[Exchange | None] = ContextVar("mcp_exchange", default=None)
"""The one that the present task is about."""
