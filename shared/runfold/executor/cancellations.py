"""Which parts of runs were given up, though the runs go on: heard of while this listens.

Best effort. What is not heard of is worked for in vain: its result changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from runfold.bus.ports.live import Live
from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.ids import address_of, child_scope
from runfold.lru import LruMap

KEPT_RUNS = 1_000
"""Runs of which it is remembered, so that their waiting tasks are dropped when they come."""
KINDS = (
    e.NodeRunCancelled,
    e.LoopFailed,
    e.AgentFailed,
    e.LoopItemFailed,
    e.ParallelBranchFailed,
)


class Cancellations:
    """What one executor process knows of parts of runs that were given up.

    Args:
        live: Notices.
        on_given_up: Called with a run of which a part was given up.
    """

    def __init__(self, live: Live, on_given_up: Callable[[str], None]) -> None:
        self._live = live
        self._tell = on_given_up
        self._known: LruMap[str, set[str]] = LruMap(KEPT_RUNS)
        self._unwatch: Callable[[], Awaitable[None]] | None = None

    async def open(self) -> None:
        """Listen from now on."""
        types = tuple(str(kind.__struct_config__.tag) for kind in KINDS)
        self._unwatch = await self._live.watch_types(types, self._on_event)

    async def close(self) -> None:
        """Listen no more."""
        if self._unwatch is not None:
            await self._unwatch()

    def covers(self, task: Task) -> bool:
        """Whether a task is for something that was given up; what undoes that is wanted."""
        parts = None if task.undoes else self._known.get(task.run_id)
        return parts is not None and any(place in parts for place in _places_of(task))

    def _on_event(self, record: e.Recorded) -> None:
        event = record.event
        if not isinstance(event, KINDS):
            return
        parts = self._known.get(event.run_id)
        if parts is None:
            parts = self._known[event.run_id] = set()
        parts.update(_given_up(event))
        self._tell(event.run_id)


def _given_up(event: e.NodeEvent) -> Iterator[str]:
    """What an event gives up: a node, all inside a composite (`each[`), or inside an item."""
    address = address_of(event.scope, event.node_id)
    if isinstance(event, e.LoopItemFailed):
        branch = event.branch if isinstance(event, e.ParallelBranchFailed) else ""
        yield f"{child_scope(address, event.index, branch)}/"
        return
    yield f"{address}["
    if isinstance(event, e.NodeRunCancelled):
        yield address


def _places_of(task: Task) -> Iterator[str]:
    """The task's address, and all that it is inside of, in the same spelling."""
    address = address_of(task.scope, task.node_id)
    yield address
    for place, character in enumerate(address):
        if character in "[/":
            yield address[: place + 1]
