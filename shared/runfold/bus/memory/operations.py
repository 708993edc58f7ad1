"""How streams and queues stand in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from runfold.bus.memory.queues import MemoryTasks
from runfold.bus.ports.operations import QueueStanding, StreamStanding


class MemoryOperations:
    """`runfold.bus.ports.operations.Operations`; of the streams, the log alone.

    Args:
        tasks: The queues.
        last_seq: The newest sequence of the log.
    """

    def __init__(self, tasks: MemoryTasks, last_seq: Callable[[], Awaitable[int]]) -> None:
        self._tasks = tasks
        self._last_seq = last_seq

    async def streams(self) -> list[StreamStanding]:
        """The log."""
        last = await self._last_seq()
        return [StreamStanding("EVENTS", last, 0, min(last, 1), last, None)]

    async def queues(self) -> list[QueueStanding]:
        """The queues of all executor groups, by group."""
        return self._tasks.standings()
