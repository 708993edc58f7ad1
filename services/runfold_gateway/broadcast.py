"""Runs as they are shown: one watch, one fold and one encoding a run, however many look on.

A run's frames are kept in one list while it has viewers, and each viewer is a place in it. A viewer
that has all frames and a writable connection gets the next one written at once; any other is woken
and takes what waits for it. One that lags too far is cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from runfold.bus.viewer import RunViewer, TooSlow
from runfold.engine.history.fold import Plans
from runfold.errors import RunfoldError
from runfold.failpoints import failpoint
from runfold_gateway.frames import Batch, FrameMaker, Place, error_batch, error_frame

log = structlog.get_logger("gateway")

KEPT = 32 * 1024 * 1024
"""Bytes a viewer may lag; of a run, over which frames that all its viewers have are let go."""
SETTLED_WITHIN = 5.0
"""Seconds in which the log of an ended run is read to its end."""
TAKEN = 256 * 1024
"""Bytes about which a viewer takes at a time."""


class Watching:
    """One viewer's place in a broadcast. Made by `Broadcasts.join`."""

    def __init__(self, broadcast: _Broadcast, after: Place, limit: int, *, as_lines: bool) -> None:
        self._broadcast = broadcast
        self._after = after
        self._limit = limit
        self._joined = broadcast.count
        self._wake = asyncio.Event()
        self._write: Callable[[bytes], None] | None = None
        self._cut = False
        self._told_so = False
        self._owed = 0
        """Bytes that came since it had everything."""
        self.as_lines = as_lines
        self.at = 0
        """The frames it has, counted from the run's first."""

    def tell(self, batch: Batch) -> None:
        """A message came."""
        if self._write is not None:
            self.at += 1
            self._write(batch.wire(as_lines=self.as_lines))
            return
        if self._broadcast.is_live:
            since = max(self.at, self._joined, self._broadcast.stored)
            self._owed += batch.size
            self._cut = self._broadcast.count - since > self._limit or self._owed > KEPT
        if self._cut:
            self._broadcast.leave(self)
        self._wake.set()

    def wake(self) -> None:
        """Have the viewer look for itself: something ended, or it cannot be written to."""
        self._write = None
        self._wake.set()

    def take(self) -> bytes:
        """What waits for this viewer; empty when it has everything."""
        self._write = None
        if self._cut:
            if self._told_so:
                return b""
            self._told_so = True
            message = (
                f"over {self._limit} messages or {KEPT} bytes behind: begin again from the last "
                "one seen"
            )
            return error_frame(TooSlow(message)).rendered(as_line=self.as_lines)
        taken: list[bytes] = []
        size = 0
        while self.at < self._broadcast.count and size < TAKEN:
            batch = self._broadcast.batch(self.at)
            self.at += 1
            body = batch.body(self._after, as_lines=self.as_lines)
            if self._after.event <= batch.place.event and self._after.chunk <= batch.place.chunk:
                # From the place on which it came back on, everything is new.
                self._after = Place()
            taken.append(body)
            size += len(body)
        if self.at == self._broadcast.count:
            self._owed = 0
        return b"".join(taken)

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more."""
        done = self._broadcast.ended and self.at >= self._broadcast.count
        return self._cut or self._broadcast.drained or done

    @property
    def has_all(self) -> bool:
        """Whether it has seen the run to its end, and not only as far as we could show it."""
        shown = self._broadcast
        return shown.ended and not (shown.failed or shown.drained) and self.at >= shown.count

    async def more(self, silence: float, write: Callable[[bytes], None] | None) -> bool:
        """Wait until there is something to take; False after so many seconds of silence.

        Until then what comes is written with `write`, when it is given.
        """
        loop = asyncio.get_running_loop()
        self._wake.clear()
        self._write = write if self._after == Place() else None
        begun = loop.time()
        while (left := max(begun, self._broadcast.told_at) + silence - loop.time()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                continue
            return True
        return False

    def leave(self) -> _Broadcast:
        """Look on no more; returns what was looked at."""
        self._write = None
        self._broadcast.leave(self)
        return self._broadcast


class _Broadcast:
    """One run that is shown."""

    def __init__(self, run_id: str, viewer: RunViewer, plans: Plans) -> None:
        self.run_id = run_id
        self._viewer = viewer
        self._maker = FrameMaker(run_id, plans)
        self._batches: list[Batch] = []
        self._size = 0
        self._gone = 0
        """Batches that are no longer held."""
        self._viewers: dict[Watching, None] = {}
        self._task = asyncio.create_task(self._show(), name=f"show-{run_id}")
        self.ended = False
        self.failed = False
        self.drained = False
        self.told_at = 0.0
        self.is_live = False
        self.stored = 0
        """Messages there were when it began: they do not count as a lag."""

    @property
    def count(self) -> int:
        """Messages so far."""
        return self._gone + len(self._batches)

    @property
    def is_whole(self) -> bool:
        """Whether a newcomer finds everything here."""
        return not self._gone and not self.failed

    @property
    def is_watched(self) -> bool:
        """Whether it has viewers."""
        return bool(self._viewers)

    def batch(self, at: int) -> Batch:
        """A message by its number."""
        return self._batches[at - self._gone]

    def join(self, watching: Watching) -> None:
        """Somebody looks on."""
        self._viewers[watching] = None

    def leave(self, watching: Watching) -> None:
        """Somebody looks on no more."""
        self._viewers.pop(watching, None)

    def drain(self) -> None:
        """Send everybody away."""
        self.drained = True
        self._wake_all()

    def stop(self) -> None:
        """The run has no viewer."""
        self._task.cancel()

    async def _show(self) -> None:
        try:
            async for message in self._viewer.follow(self.run_id, on_live=self._go_live):
                self._tell(self._maker.batch(message))
                failpoint("gateway.streaming")
        except RunfoldError as error:
            self._fail(error)
        except Exception as error:
            # A log that cannot be folded is one run's trouble, not the gateway's.
            log.exception("run cannot be shown", run_id=self.run_id)
            self._fail(RunfoldError(f"run {self.run_id!r} cannot be shown: {error}"))
        except BaseException:
            self.failed = True
            raise
        finally:
            # However it ended: no viewer waits for what will not come.
            self.ended = True
            self._wake_all()

    def _go_live(self) -> None:
        self.is_live = True
        self.stored = self.count

    def _fail(self, error: RunfoldError) -> None:
        self.failed = True
        self._tell(error_batch(error))

    def _tell(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._size += batch.size
        self.told_at = asyncio.get_running_loop().time()
        for watching in list(self._viewers):
            watching.tell(batch)
        if self._size > KEPT:
            self._let_go()

    def _let_go(self) -> None:
        """Drop what every viewer has; who comes later begins a broadcast of his own."""
        low = min((watching.at for watching in self._viewers), default=self.count)
        dropped = self._batches[: low - self._gone]
        del self._batches[: len(dropped)]
        self._gone += len(dropped)
        self._size -= sum(batch.size for batch in dropped)

    def _wake_all(self) -> None:
        for watching in list(self._viewers):
            watching.wake()


class Broadcasts:
    """The runs that this gateway shows.

    Args:
        viewer: Follows runs.
        limit: Messages a viewer may lag behind.
    """

    def __init__(self, viewer: RunViewer, limit: int) -> None:
        self._viewer = viewer
        self._limit = limit
        self._plans = Plans()
        self._shown: dict[str, _Broadcast] = {}
        self._open: set[_Broadcast] = set()
        self._drained = False

    def join(self, run_id: str, after: Place, *, as_lines: bool) -> Watching:
        """Look on at a run from a place on; to be ended with `leave`."""
        broadcast = self._shown.get(run_id)
        if broadcast is None or not broadcast.is_whole:
            broadcast = self._shown[run_id] = _Broadcast(run_id, self._viewer, self._plans)
            self._open.add(broadcast)
            broadcast.drained = self._drained
        watching = Watching(broadcast, after, self._limit, as_lines=as_lines)
        broadcast.join(watching)
        return watching

    def leave(self, watching: Watching) -> None:
        """Look on no more; the last one ends the broadcast."""
        broadcast = watching.leave()
        if broadcast.is_watched:
            return
        broadcast.stop()
        self._open.discard(broadcast)
        if self._shown.get(broadcast.run_id) is broadcast:
            del self._shown[broadcast.run_id]

    async def is_over(self, run_id: str, after: Place) -> bool:
        """Whether a run that has ended has nothing to show after a place.

        False as well when its log does not say so in time: then a viewer waits for it.
        """
        watching = self.join(run_id, after, as_lines=False)
        try:
            async with asyncio.timeout(SETTLED_WITHIN):
                while not watching.ended:
                    if watching.take():
                        return False
                    if not watching.ended:
                        await watching.more(SETTLED_WITHIN, None)
        except TimeoutError:
            return False
        else:
            return watching.has_all
        finally:
            self.leave(watching)

    def drain(self) -> None:
        """End all streams; their clients come back elsewhere, from where they were."""
        self._drained = True
        for broadcast in list(self._open):
            broadcast.drain()
