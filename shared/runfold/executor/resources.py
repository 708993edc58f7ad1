"""What the attempts of one service share: opened once when it starts, closed once it has drained.

Each is held by a task of its own, so that it is left where it was entered. Nothing here knows what
a resource is: see `runfold.executor.node.NodeExecutor.open`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from runfold.executor.extras import missing
from runfold.executor.node import NodeExecutor, Open
from runfold.settings import Settings


class Resources:
    """The resources of one service's node kinds.

    Args:
        executors: The kinds. Those with the same `open` share what it gives.
        settings: Handed to `open`.
    """

    def __init__(self, executors: Iterable[NodeExecutor], settings: Settings) -> None:
        self._settings = settings
        # Without its extra a kind runs nothing, and what it would open may not even be there.
        able = [one for one in executors if not missing(one.kind.extra)]
        self._opens = list(dict.fromkeys(one.open for one in able if one.open is not None))
        self._opened: dict[Open, asyncio.Future[Any]] = {}
        self._drained = asyncio.Event()
        self.held: list[asyncio.Task[None]] = []
        """One task each; ends when it is closed, or with what opening it failed with."""

    def open(self) -> None:
        """Begin to open all of them, in the background."""
        loop = asyncio.get_running_loop()
        self._opened = {one: loop.create_future() for one in self._opens}
        self.held = [
            loop.create_task(self._hold(one, opened), name=f"resource {one.__name__}")
            for one, opened in self._opened.items()
        ]

    async def of(self, executor: NodeExecutor) -> Any:
        """A kind's resource, once it is open; None for a kind without one, or without its extra.

        Raises:
            Exception: What opening it failed with.
        """
        if executor.open not in self._opened:
            return None
        return await asyncio.shield(self._opened[executor.open])

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

    async def _hold(self, open_: Open, opened: asyncio.Future[Any]) -> None:
        try:
            async with open_(self._settings) as resource:
                opened.set_result(resource)
                await self._drained.wait()
        except BaseException as error:
            if not opened.done():
                _fail(opened, error)
            raise


def _fail(opened: asyncio.Future[Any], error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        opened.cancel()
        return
    opened.set_exception(error)
    opened.exception()  # the task tells it too: the loop need not, when no attempt waits
