"""What the attempts of one service share: opened once when it starts, closed once it has drained.

Each is held by a task of its own, so that it is left where it was entered. Nothing here knows what
a resource is: see `runfold.executor.node.NodeExecutor.open`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.executor.node import NodeExecutor, Open, OpenOnBus
from runfold.graph.extras import missing
from runfold.settings import Settings

Opening = Open | OpenOnBus


class Resources:
    """The resources of one service's node kinds.

    Args:
        executors: The kinds. Those with the same `open` share what it gives.
        settings: Handed to `open`.
        bus: Handed to `open_on_bus`.
    """

    def __init__(self, executors: Iterable[NodeExecutor], settings: Settings, bus: Bus) -> None:
        self._settings = settings
        self._bus = bus
        # Without its extra a kind runs nothing, and what it would open may not even be there.
        able = [one for one in executors if not missing(one.kind.extra)]
        self._opens = {key: one for one in able if (key := opening_of(one)) is not None}
        self._opened: dict[Opening, asyncio.Future[Any]] = {}
        self._drained = asyncio.Event()
        self.held: list[asyncio.Task[None]] = []
        """One task each; ends when it is closed, or with what opening it failed with."""

    def open(self) -> None:
        """Begin to open all of them, in the background."""
        loop = asyncio.get_running_loop()
        self._opened = {one: loop.create_future() for one in self._opens}
        self.held = [
            loop.create_task(
                self._hold(one, opened), name=f"resource {getattr(one, '__name__', '')}"
            )
            for one, opened in self._opened.items()
        ]

    async def of(self, executor: NodeExecutor) -> Any:
        """A kind's resource, once it is open; None for a kind without one, or without its extra.

        Raises:
            Exception: What opening it failed with.
        """
        opening = opening_of(executor)
        if opening not in self._opened:
            return None
        return await asyncio.shield(self._opened[opening])

    async def close(self) -> None:
        """Close all of them; raise what closing the first one failed with."""
        closing = [task for task in self.held if not task.done()]
        self._drained.set()
        for opened, task in zip(self._opened.values(), self.held, strict=True):
            if not opened.done():
                task.cancel()
        results = await asyncio.gather(*closing, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _hold(self, opening: Opening, opened: asyncio.Future[Any]) -> None:
        try:
            kind = self._opens[opening]
            async with opened_for(kind, self._settings, self._bus) as resource:
                opened.set_result(resource)
                await self._drained.wait()
        except BaseException as error:
            if not opened.done():
                _fail(opened, error)
            raise


def opening_of(executor: NodeExecutor) -> Opening | None:
    """What opens a kind's resource."""
    return executor.open or executor.open_on_bus


def opened_for(
    executor: NodeExecutor, settings: Settings, bus: Bus
) -> AbstractAsyncContextManager[Any]:
    """A kind's resource, to be entered; None for a kind without one."""
    if executor.open is not None:
        return executor.open(settings)
    if executor.open_on_bus is not None:
        return executor.open_on_bus(settings, bus)
    return nullcontext()


def _fail(opened: asyncio.Future[Any], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        opened.cancel()
        return
    opened.set_exception(error)
    opened.exception()  # the task tells it too: the loop need not, when no attempt waits
