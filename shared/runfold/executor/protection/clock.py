"""The time that all executors have in common: the log's, as seen from here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

AGAIN = 20.0
"""Seconds after which the log is asked again."""
ASKED = 3
"""Times it is asked at the start: the quickest answer is the best one."""
DRIFT = 0.0005
"""Seconds by which two clocks may part in a second: more than any do."""


class LogClock:
    """Follows the offset between this host's clock and the log's.

    An answer is known to be of some moment between question and answer, so it is as exact as it was
    quick.

    Args:
        ask: What time it is by the log's clock.
        host: This host's clock, in seconds; one that is never set.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[float]], host: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._host = host
        self._asking = asyncio.Lock()
        self._asked_at: float | None = None
        self._offset = 0.0
        self._error = 0.0
        self._offset_at = 0.0

    async def now(self) -> float:
        """What time it is, in Unix seconds. Raises `BusUnavailable` when that cannot be known."""
        if self._is_old():
            async with self._asking:
                if self._is_old():
                    for _ in range(ASKED if self._asked_at is None else 1):
                        await self._observe()
        return self._host() + self._offset

    def _is_old(self) -> bool:
        return self._asked_at is None or self._host() - self._asked_at > AGAIN

    async def _observe(self) -> None:
        before = self._host()
        told = await self._ask()
        after = self._host()
        error = (after - before) / 2
        grown = self._error + DRIFT * (after - self._offset_at)
        if self._asked_at is None or error <= grown:
            self._offset, self._error, self._offset_at = told - (before + after) / 2, error, after
        self._asked_at = after
