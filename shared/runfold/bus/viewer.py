"""Watching one run: every event and chunk once, from any place on, to the run's end.

Live messages cost the broker nothing and may get lost; what is stored fills the gaps. A viewer that
cannot keep up is cut off, never the run.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from heapq import merge
from math import inf

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.live import Live
from runfold.bus.ports.messages import LiveMessage
from runfold.contracts.events import TERMINAL_RUN_EVENTS, Recorded, RecordedChunk
from runfold.errors import RunfoldError

SILENCE = 5.0
"""Seconds without a message after which the stored ones are looked at again."""
QUEUE = 10_000
"""Messages a viewer may lag behind."""


class TooSlow(RunfoldError):
    """A viewer lagged too far behind; it may begin again where it was."""

    code = "viewer.too_slow"
    retryable = True


class RunViewer:
    """Follows runs on a bus.

    Args:
        bus: Where runs are stored and seen live.
        queue: Messages one follower may lag behind.
        live: Where live messages come from, when it is shared; else the bus.
    """

    def __init__(self, bus: Bus, *, queue: int = QUEUE, live: Live | None = None) -> None:
        self._bus = bus
        self._live = live or bus.live
        self._queue = queue

    async def follow(
        self,
        run_id: str,
        *,
        after_event: int = 0,
        after_chunk: int = 0,
        on_live: Callable[[], None] = lambda: None,
    ) -> AsyncIterator[LiveMessage]:
        """Events and chunks of a run after two places, in order, up to its terminal event.

        Args:
            run_id: The run; it need not have begun.
            after_event: Sequence of the last event that is known.
            after_chunk: Sequence of the last chunk that is known.
            on_live: Called once when all that was stored at first has been given.

        Yields:
            Each message once; the terminal event last, after all chunks stored before it.

        Raises:
            TooSlow: When more live messages wait than the queue holds.
            BusUnavailable: When what is stored cannot be read.
        """
        arrived = _Arrived(self._queue)
        stop = await self._live.watch(run_id, arrived.put, arrived.put_gap)
        # The event at the place itself too: after the terminal one there is nothing to wait for.
        before = _Position(max(0, after_event - 1), after_chunk)
        position = _Position(after_event, after_chunk)
        try:
            for message in await self._stored(run_id, before):
                if position.advance(message):
                    yield message
                if _is_end(message):
                    return
            on_live()
            while True:
                live = await arrived.next()
                if live is not None and not _is_end(live):
                    if position.advance(live):
                        yield live
                    continue
                # Silence, a gap, or the end: what was lost on the way is in the streams.
                for stored in await self._stored(run_id, position):
                    if position.advance(stored):
                        yield stored
                        if _is_end(stored):
                            return
        finally:
            await stop()

    async def _stored(self, run_id: str, position: _Position) -> list[LiveMessage]:
        """What is stored after a position, merged by time; each stream in its own order."""
        events = await self._bus.events.read_run(run_id, after=position.event)
        chunks = await self._bus.chunks.read(run_id, after=position.chunk)
        timed = merge(_timed(events), _timed(chunks), key=lambda one: (one[0], _is_end(one[1])))
        return [message for _, message in timed]


class _Position:
    """The last event and the last chunk seen."""

    def __init__(self, event: int, chunk: int) -> None:
        self.event = event
        self.chunk = chunk

    def advance(self, message: LiveMessage) -> bool:
        """Note a message; False when it was seen before."""
        if isinstance(message, RecordedChunk):
            if message.seq <= self.chunk:
                return False
            self.chunk = message.seq
            return True
        if message.seq <= self.event:
            return False
        self.event = message.seq
        return True


class _Arrived:
    """Live messages not looked at yet; None stands for those that may be missing."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._messages: deque[LiveMessage | None] = deque()
        self._overflown = False
        self._wake = asyncio.Event()

    def put(self, message: LiveMessage | None) -> None:
        """A message came."""
        if len(self._messages) >= self._limit:
            self._overflown = True
            self._messages.clear()
        if not self._overflown:
            self._messages.append(message)
        self._wake.set()

    def put_gap(self) -> None:
        """Messages may be missing here."""
        self.put(None)

    async def next(self) -> LiveMessage | None:
        """The next message, or None after a silence or at a gap."""
        if self._overflown:
            message = f"over {self._limit} messages behind: begin again from the last one seen"
            raise TooSlow(message)
        if not self._messages:
            self._wake.clear()
            try:
                async with asyncio.timeout(SILENCE):
                    await self._wake.wait()
            except TimeoutError:
                return None
        return self._messages.popleft()


def _timed(messages: Iterable[LiveMessage]) -> Iterator[tuple[float, LiveMessage]]:
    """Messages with a time that never goes back, which the server's clock may do.

    An end from after it did comes behind everything: no chunk's time says that it was stored later.
    """
    newest = 0.0
    for message in messages:
        went_back = message.time < newest
        newest = max(newest, message.time)
        yield (inf if went_back and _is_end(message) else newest), message


def _is_end(message: LiveMessage) -> bool:
    return isinstance(message, Recorded) and isinstance(message.event, TERMINAL_RUN_EVENTS)
