"""The stream's clock, as seen from here: due times are by it, so a skewed host does no harm.

An event that was under way for long makes the stream's clock look late, never early; so the
smallest offset seen is the best one, and it may only grow slowly.
"""

from __future__ import annotations

import time
from collections.abc import Callable

DRIFT = 0.001
"""Seconds by which the offset may grow each second: more than any clock drifts."""


class StreamClock:
    """Follows the offset between this host's clock and the times the stream gives.

    Args:
        host: This host's clock, in seconds; one that is never set.
    """

    def __init__(self, host: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._offset = 0.0
        self._observed_at: float | None = None

    def observe(self, stream_time: float) -> None:
        """Note the time of an event that has just been stored."""
        now = self._host()
        offset = now - stream_time
        if self._observed_at is not None:
            offset = min(offset, self._offset + DRIFT * max(0.0, now - self._observed_at))
        self._offset, self._observed_at = offset, now

    def until(self, due: float) -> float:
        """Seconds from now to a due time by the stream's clock; 0 when it has passed."""
        return max(0.0, due - (self._host() - self._offset))
