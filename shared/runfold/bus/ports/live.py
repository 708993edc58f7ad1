"""Chunks, and events and chunks as they are stored, for viewers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from runfold.bus.ports.messages import Ack, LiveMessage
from runfold.contracts.events import (
    Recorded,
    RecordedChunk,
    StreamChunk,
)


class Chunks(Protocol):
    """Pieces of output on their way to viewers."""

    def publish(self, chunk: StreamChunk) -> Awaitable[Ack]:
        """Send a chunk; pipelined, in order."""

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """A run's chunks still held (one hour), in stream order."""


class Live(Protocol):
    """Events and chunks of single runs as they are stored, at no cost to the broker."""

    async def watch(
        self,
        run_id: str,
        on_message: Callable[[LiveMessage], None],
        on_gap: Callable[[], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on.

        At most once and only from now on: a viewer reads the stored ones after watching, and heals
        gaps from there. `on_gap` is called where messages may be missing, before those that follow.
        Returns the function that ends the watch.
        """

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_end(run_id)` for each terminal run event, of any run, from now on.

        `on_compensating` likewise for each run that begins to compensate. `on_gap` is called once
        this listens again after some may have been missed.
        """

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_event` for each event of some types, of any run, from now on.

        At most once: what is stored while the connection is lost is not told of.
        """
