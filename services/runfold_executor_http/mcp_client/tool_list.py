"""The tools of a session, as its server listed them, for as long as that holds.

Nothing here asks the server. Imports nothing of the SDK at run time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp import types

HELD = 60.0
"""Seconds for which a list holds, unless the server says for how long."""

Listed = tuple[dict[str, "types.Tool"], float]
"""Tools by name, and for how many seconds that holds."""


class ToolList:
    """The list, asked for once however many want it."""

    def __init__(self) -> None:
        self._tools: dict[str, types.Tool] = {}
        self._asked = 0.0
        self._holds = 0.0
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """The server says that it has changed."""
        self._holds = 0.0

    async def get(
        self, ask: Callable[[], Awaitable[Listed]], *, newest: bool
    ) -> dict[str, types.Tool]:
        """The tools by name.

        Args:
            ask: Asks the server.
            newest: Whether what was asked for before this call does not do.
        """
        wanted = time.monotonic()
        async with self._lock:
            since = wanted if newest else time.monotonic() - self._holds
            if self._asked < since or not self._holds:
                asked = time.monotonic()
                self._tools, self._holds = await ask()
                self._asked = asked
            return self._tools
