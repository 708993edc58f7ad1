"""The stream's clock, as seen from here: due times are by it, so a skewed host does no harm.

An event that was under way for long makes the stream's clock look late, never early; so the
smallest offset seen is the best one, and it may only grow slowly.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

DRIFT = 0.001
"""Seconds by which the offset may grow each second: more than any clock drifts."""


class Clocks(NamedTuple):
    """This host's clocks, as everything in a scheduler reads them."""

    wall: Callable[[], float] = time.time
    """Unix seconds."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that go on while this process is stopped."""


class StreamClock:
    """Follows the offset between this host's clock and the times the stream gives.

    Args:
        wall: This host's clock, in Unix seconds.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._offset = 0.0
        self._observed_at: float | None = None

    def observe(self, stream_time: float) -> None:
        """Note the time of an event that has just been stored."""
        now = self._wall()
        offset = now - stream_time
        if self._observed_at is not None:
            offset = min(offset, self._offset + DRIFT * max(0.0, now - self._observed_at))
        self._offset, self._observed_at = offset, now

    def until(self, due: float) -> float:
        """Seconds from now to a due time by the stream's clock; 0 when it has passed."""
        return max(0.0, due - (self._wall() - self._offset))
