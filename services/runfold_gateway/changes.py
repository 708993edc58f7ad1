"""The changes of a deployment as they are shown: one reader a gateway, however many look on.

The newest changes are kept in one list, and each viewer is a place in it. One that comes back with
an id goes on from there, if the list still reaches back so far; else it is told to begin anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

import structlog

from runfold.background import end, until
from runfold.bus.ports.bus import Bus
from runfold.bus.viewer import TooSlow
from runfold.client.change_documents import Reset
from runfold.client.changes import ChangePlace, ChangeReader, Placed, newest_place
from runfold.contracts.codec import encode
from runfold.errors import RunfoldError
from runfold_gateway.frames import Frame, error_frame

log = structlog.get_logger("gateway")

KEPT = 10_000
"""Changes that are held for viewers that lag, or come back."""
READ_ON = 300.0
"""Seconds for which the sources are read on without a viewer: most of them come back."""
TAKEN = 500
"""Changes that a viewer goes through at a time."""
RESET = "what came after this id is not held any more: read the lists anew"


class _Shown(NamedTuple):
    """A change, made ready for everybody."""

    placed: Placed
    kind: str
    sse: bytes
    line: bytes


def _shown(placed: Placed) -> _Shown:
    kind = str(placed.change.__struct_config__.tag)
    frame = Frame(kind, placed.place.id, encode(placed.change))
    return _Shown(placed, kind, frame.rendered(as_line=False), _line(frame))


def _line(frame: Frame) -> bytes:
    """A frame as a line of JSON, which has the id in it."""
    return b'{"id":"%b",%b\n' % (frame.id.encode(), frame.data[1:])


class _Reading:
    """The sources while they are read."""

    def __init__(self, bus: Bus) -> None:
        self._reader = ChangeReader(bus)
        self._kept: deque[_Shown] = deque()
        self.gone = 0
        """Changes that are no longer held."""
        self.floor = ChangePlace()
        """After it, everything is held."""
        self.newest = ChangePlace()
        """The furthest place that there is known to be, though it may not have been read yet."""
        self.viewers: set[ChangeViewer] = set()
        self.error: RunfoldError | None = None
        self.drained = False
        self.begun = asyncio.Event()
        self.task = asyncio.create_task(self._read(), name="changes")

    @property
    def place(self) -> ChangePlace:
        """How far the sources have been read."""
        return self._reader.place

    @property
    def count(self) -> int:
        """Changes so far."""
        return self.gone + len(self._kept)

    def reaches(self, after: ChangePlace) -> bool:
        """Whether everything after a place is held or still to come."""
        return self.floor.is_before(after) and after.is_before(self.newest)

    def changes(self, at: int) -> list[_Shown]:
        """Some of what is held from a number on."""
        first = at - self.gone
        return list(islice(self._kept, first, first + TAKEN))

    async def _read(self) -> None:
        try:
            await self._reader.begin()
            self.floor = self.newest = self.place
            self.begun.set()
            await self._reader.read(self._add)
        except RunfoldError as error:
            self.error = error
        except Exception as error:
            # Its viewers are told, and the next one begins anew.
            log.exception("changes cannot be read")
            self.error = RunfoldError(f"changes cannot be read: {error}")
        finally:
            self.wake_all()

    def _add(self, changes: list[Placed], place: ChangePlace) -> None:
        self.newest = self.newest.furthest(place)
        for placed in changes:
            self._kept.append(_shown(placed))
            if len(self._kept) > KEPT:
                dropped = self._kept.popleft().placed
                self.gone += 1
                self.floor = self.floor.at(dropped.source, dropped.seq)
        if changes:
            self.wake_all()

    def wake_all(self) -> None:
        """Have all viewers look."""
        for viewer in self.viewers:
            viewer.wake.set()


class ChangeViewer:
    """One viewer's place among the changes. Made by `ChangeBoard.join`."""

    def __init__(
        self,
        reading: _Reading,
        after: ChangePlace | None,
        wanted: Collection[str],
        *,
        as_lines: bool,
    ) -> None:
        self.reading = reading
        self._needs_reset = after is not None and not reading.reaches(after)
        goes_on = after is not None and not self._needs_reset
        self._after = after if after is not None and goes_on else ChangePlace()
        self._wanted = frozenset(wanted)
        self._as_lines = as_lines
        self._at = reading.gone if goes_on else reading.count
        self._cut = False
        self.wake = asyncio.Event()

    def greeting(self) -> bytes:
        """What comes first: that something is missing before, or where the stream begins."""
        place_id = self.reading.place.id
        if self._needs_reset:
            return self._rendered(Frame("reset", place_id, encode(Reset(RESET))))
        if self._as_lines or self._after != ChangePlace():
            return b""
        return f"id: {place_id}\n\n".encode()

    def take(self) -> bytes:
        """What waits for this viewer; empty when it has everything."""
        self.wake.clear()
        reading = self.reading
        if self._at < reading.gone and not self._cut:
            self._cut = True
            message = f"over {KEPT} changes behind: come back with the last id"
            return error_frame(TooSlow(message)).rendered(as_line=self._as_lines)
        taken: list[bytes] = []
        while self._at < reading.count and not self._cut and not taken:
            found = reading.changes(self._at)
            self._at += len(found)
            taken += [one.line if self._as_lines else one.sse for one in found if self._fits(one)]
        if not taken and reading.error is not None and not self._cut:
            self._cut = True
            return error_frame(reading.error).rendered(as_line=self._as_lines)
        return b"".join(taken)

    def _fits(self, shown: _Shown) -> bool:
        is_new = shown.placed.seq > self._after.of(shown.placed.source)
        return is_new and (not self._wanted or shown.kind in self._wanted)

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more."""
        return self._cut or self.reading.drained

    def silence(self) -> bytes:
        """Says that we are here, and how far one is whom nothing of it concerned."""
        if self._as_lines:
            return b"\n"
        reading = self.reading
        is_behind = self._at < reading.count or not self._after.is_before(reading.place)
        place = "" if is_behind else f"id: {reading.place.id}\n"
        return f"{place}: still here\n\n".encode()

    def _rendered(self, frame: Frame) -> bytes:
        return _line(frame) if self._as_lines else frame.rendered(as_line=False)


class ChangeBoard:
    """The changes that this gateway shows.

    Args:
        bus: Where they are read.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._reading: _Reading | None = None
        self._letting_go: asyncio.TimerHandle | None = None
        self._drained = False

    async def ready(self, after: ChangePlace | None) -> _Reading:
        """The sources, once they are read, and it is known whether there is such a place in them.

        Raises:
            BusUnavailable: The sources cannot be read.
        """
        reading = self._reading
        if reading is None or reading.task.done():
            reading = self._reading = _Reading(self._bus)
            reading.drained = self._drained
        self._let_go_later()
        await until(reading.begun, reading.task)
        if reading.error is not None:
            raise reading.error
        if after is not None and not after.is_before(reading.newest):
            # Another gateway was ahead of us, or the id is of another deployment.
            reading.newest = reading.newest.furthest(await newest_place(self._bus))
        return reading

    def join(
        self,
        reading: _Reading,
        after: ChangePlace | None,
        wanted: Collection[str],
        *,
        as_lines: bool,
    ) -> ChangeViewer:
        """Look on from a place on, or from now on; to be ended with `leave`.

        Args:
            reading: What `ready` gave.
            after: What has been seen.
            wanted: Kinds of changes; empty: all.
            as_lines: Whether as lines of JSON.
        """
        viewer = ChangeViewer(reading, after, wanted, as_lines=as_lines)
        reading.viewers.add(viewer)
        return viewer

    def leave(self, viewer: ChangeViewer) -> None:
        """Look on no more; when all have left, the sources are read on for a while."""
        viewer.reading.viewers.discard(viewer)
        self._let_go_later()

    def _let_go_later(self) -> None:
        """Read on for some time; after it, no longer unless somebody looks on."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        self._letting_go = asyncio.get_running_loop().call_later(READ_ON, self._let_go)

    def _let_go(self) -> None:
        if self._reading is not None and not self._reading.viewers:
            self._reading.task.cancel()
            self._reading = None

    def drain(self) -> None:
        """End all streams; their clients come back elsewhere, from where they were."""
        self._drained = True
        if self._reading is not None:
            self._reading.drained = True
            self._reading.wake_all()

    async def close(self) -> None:
        """Read no more."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        if self._reading is not None:
            await end(self._reading.task)
