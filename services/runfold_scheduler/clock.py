"""The stream's clock, as seen from here: due times are by it, so a skewed host does no harm."""

from __future__ import annotations

import time
from collections.abc import Callable


class StreamClock:
    """Follows the offset between this host's clock and the times the stream gives.

    Args:
        wall: This host's clock, in Unix seconds.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._offset = 0.0

    def observe(self, stream_time: float) -> None:
        """Note the time of an event that has just been stored."""
        self._offset = self._wall() - stream_time

    def until(self, due: float) -> float:
        """Seconds from now to a due time by the stream's clock; 0 when it has passed."""
        return max(0.0, due - (self._wall() - self._offset))
