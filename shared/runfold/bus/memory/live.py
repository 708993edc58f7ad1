"""Live messages and chunks, delivered to watchers in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from runfold.bus.ports.messages import Ack, LiveMessage
from runfold.contracts.codec import decode_chunk, encode
from runfold.contracts.events import (
    TERMINAL_RUN_EVENTS,
    Recorded,
    RecordedChunk,
    RunCompensating,
    StreamChunk,
    event_type,
)

Clock = Callable[[], float]


Watcher = Callable[[LiveMessage], None]


class MemoryLive:
    """Who watches what."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}
        self._on_end: list[Callable[[str], None]] = []
        self._of_types: list[tuple[frozenset[str], Callable[[Recorded], None]]] = []
        self._on_compensating: list[Callable[[str], None]] = []

    def tell(self, run_id: str, message: LiveMessage) -> None:
        """A message was stored."""
        for watcher in list(self._watchers.get(run_id, ())):
            watcher(message)
        if not isinstance(message, Recorded):
            return
        if isinstance(message.event, TERMINAL_RUN_EVENTS):
            for on_end in list(self._on_end):
                on_end(run_id)
        for types, on_event in list(self._of_types):
            if event_type(message.event) in types:
                on_event(message)
        if isinstance(message.event, RunCompensating):
            for on_compensating in list(self._on_compensating):
                on_compensating(run_id)

    async def watch(
        self,
        run_id: str,
        on_message: Watcher,
        on_gap: Callable[[], None] | None = None,  # noqa: ARG002 -- nothing gets lost in memory
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on."""
        watchers = self._watchers.setdefault(run_id, [])
        watchers.append(on_message)

        async def stop() -> None:
            watchers.remove(on_message)

        return stop

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,  # noqa: ARG002 -- nothing gets lost in memory
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_end(run_id)` for each terminal run event, of any run."""
        self._on_end.append(on_end)
        if on_compensating is not None:
            self._on_compensating.append(on_compensating)

        async def stop() -> None:
            self._on_end.remove(on_end)
            if on_compensating is not None:
                self._on_compensating.remove(on_compensating)

        return stop

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_event` for each event of some types, of any run."""
        wanted = (frozenset(types), on_event)
        self._of_types.append(wanted)

        async def stop() -> None:
            self._of_types.remove(wanted)

        return stop


class MemoryChunks:
    """`runfold.bus.ports.live.Chunks` in a list."""

    def __init__(self, live: MemoryLive, clock: Clock) -> None:
        self._live = live
        self._clock = clock
        self._chunks: list[RecordedChunk] = []

    def publish(self, chunk: StreamChunk) -> asyncio.Future[Ack]:
        """Send a chunk; in order."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        stored = decode_chunk(encode(chunk))
        record = RecordedChunk(len(self._chunks) + 1, self._clock(), stored)
        self._chunks.append(record)
        done.set_result(Ack(record.seq))
        self._live.tell(chunk.run_id, record)
        return done

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """A run's chunks, in stream order."""
        return [record for record in self._chunks[after:] if record.chunk.run_id == run_id]
