"""What a node reads while another is still writing it: the text of one attempt, and how that ended.

The recorded result of the source is the truth. Its pieces are only the same earlier: when they do
not add up to it (pieces were lost, or another executor took the source up anew), the reading node
begins again, within the same attempt, as it does when its task is delivered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from runfold.contracts.events import (
    AnyEvent,
    NodeEvent,
    NodeRunCancelled,
    NodeRunFailed,
    NodeRunSucceeded,
    Recorded,
    RecordedChunk,
    StreamChunk,
    TimerFired,
)
from runfold.contracts.tasks import Task
from runfold.errors import ReferenceMissing
from runfold.values.json_text import text_of

OUTPUT = "output"

PATIENCE = 60.0
"""Seconds without a sign of the source after which who reads makes room for other tasks."""


class Aside(Exception):
    """Reading does not go on as it began."""


class SourceGone(Aside):
    """The attempt that is read came to nothing; what is made of it no longer counts."""


class SourceSilent(Aside):
    """Nothing was heard of the source for long; it may wait for the place that is held here."""


class BeginAgain(Aside):
    """What was read so far does not hold."""


class Source:
    """One attempt of the node that is read, as far as it has come; fed with the run's messages.

    Args:
        task: The reading task; its `source` says what is read.
    """

    def __init__(self, task: Task) -> None:
        if task.source is None:
            message = f"task of node {task.node_id!r} reads along with no other"
            raise ValueError(message)
        self._of = task.source
        self._scope = task.scope
        self._pieces: dict[str, list[str]] = {}
        self._last_index = -1
        self._is_broken = False
        """Whether pieces are missing, so that only the result tells what was written."""
        self._outputs: Mapping[str, Any] | None = None
        self._is_gone = False
        self._stirred = asyncio.Event()
        self._at_end: dict[object, Callable[[], None]] = {}
        self._given: dict[str, str] = {}
        """Field → what was given of it since the last beginning."""
        self.beginnings = 0
        """How often what was read before did not hold."""

    @property
    def ended(self) -> bool:
        """Whether the source has succeeded."""
        return self._outputs is not None

    @contextmanager
    def at_end(self, call: Callable[[], None]) -> Iterator[None]:
        """Have something called once the source has succeeded, at once if it has."""
        if self.ended:
            call()
            yield
            return
        mark = object()
        self._at_end[mark] = call
        try:
            yield
        finally:
            self._at_end.pop(mark, None)

    def feed(self, message: Recorded | RecordedChunk) -> None:
        """Take the next of the run's messages."""
        if self.ended or self._is_gone:
            return
        if isinstance(message, RecordedChunk):
            self._add(message.chunk)
        else:
            self._see(message.event)

    def give_up(self) -> None:
        """The run is over: the source will not succeed any more."""
        self._is_gone = not self.ended
        self._stir()

    def _add(self, chunk: StreamChunk) -> None:
        about = (chunk.node_id, chunk.scope, chunk.attempt)
        if about != (self._of.node_id, self._scope, self._of.attempt):
            return
        if chunk.index == 0 and self._last_index >= 0:
            # Another executor took the attempt up.
            self._begin_again()
        elif chunk.index != self._last_index + 1:
            self._is_broken = True
        self._last_index = chunk.index
        if chunk.text and not self._is_broken:
            self._pieces.setdefault(chunk.name, []).append(chunk.text)
        self._stir()

    def _see(self, event: AnyEvent) -> None:
        if not isinstance(event, NodeEvent):
            return
        about = (event.node_id, event.scope, event.attempt)
        if about != (self._of.node_id, self._scope, self._of.attempt):
            return
        # The first of these in the log is the one that counts.
        if isinstance(event, NodeRunSucceeded):
            self._outputs = event.outputs
            self._stir()
            for call in tuple(self._at_end.values()):
                call()
        elif isinstance(event, NodeRunFailed | NodeRunCancelled) or (
            isinstance(event, TimerFired) and event.timer == "timeout"
        ):
            self.give_up()

    def _begin_again(self) -> None:
        self.beginnings += 1
        self._pieces, self._last_index, self._is_broken = {}, -1, False
        self._given = {}

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def _something(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._stirred.wait()
        except TimeoutError:
            raise SourceSilent from None

    async def end(self) -> None:
        """Return once the source has succeeded.

        Raises:
            SourceGone: When it did not.
            SourceSilent: When nothing is heard of it.
        """
        while not self.ended:
            if self._is_gone:
                raise SourceGone
            await self._something()

    def holds(self, beginning: int) -> bool:
        """Whether what was given since a beginning is what the source came to. Asked at its end."""
        if self.beginnings == beginning:
            if all(self._whole(field).startswith(given) for field, given in self._given.items()):
                return True
            self._begin_again()
        return False

    def _whole(self, field: str) -> str:
        """The text of a field, from the recorded result."""
        outputs, name = self._outputs or {}, self._of.fields[field]
        if name not in outputs and name != OUTPUT:
            message = f"node {self._of.node_id!r} has no output {name!r}"
            details = {"reference": f"{self._of.node_id}.{name}", "missing": name}
            raise ReferenceMissing(message, details=details)
        return text_of(outputs.get(name, outputs))

    async def pieces(self, field: str) -> AsyncIterator[str]:
        """The text of a field as it is written, all of it once this ends.

        Raises:
            BeginAgain: When what was given does not hold.
            SourceGone: When the source came to nothing.
            SourceSilent: When nothing is heard of it.
            ReferenceMissing: When the source has no such output.
        """
        name, beginning = self._of.fields[field], self.beginnings
        given, at = "", 0
        while True:
            if self._is_gone:
                raise SourceGone
            if self.beginnings != beginning:
                raise BeginAgain
            held = self._pieces.get(name, [])
            if at < len(held):
                piece = "".join(held[at:])
                given, at = given + piece, len(held)
                self._given[field] = given
                yield piece
            elif self.ended:
                break
            else:
                await self._something()
        if not self.holds(beginning):
            raise BeginAgain
        if rest := self._whole(field)[len(given) :]:
            yield rest
