"""One live subscription a run, however many watch it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from runfold.bus.ports import Live, LiveMessage

OnMessage = Callable[[LiveMessage], None]


class SharedLive:
    """Shares `watch` among callers; otherwise the `runfold.bus.ports.Live` it is made from."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._watched: dict[str, _Watched] = {}

    async def watch(self, run_id: str, on_message: OnMessage) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on."""
        watched = self._watched.get(run_id)
        if watched is None:
            watched = self._watched[run_id] = _Watched()
            watched.opening = asyncio.ensure_future(self._live.watch(run_id, watched.tell))
        watched.callers.append(on_message)
        opening = watched.opening
        try:
            await asyncio.shield(opening)
        except BaseException:
            await self._leave(run_id, watched, on_message)
            raise

        async def stop() -> None:
            await self._leave(run_id, watched, on_message)

        return stop

    async def watch_run_ends(self, on_end: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
        """As the `Live` it is made from."""
        return await self._live.watch_run_ends(on_end)

    async def _leave(self, run_id: str, watched: _Watched, on_message: OnMessage) -> None:
        if on_message in watched.callers:
            watched.callers.remove(on_message)
        if watched.callers or self._watched.get(run_id) is not watched:
            return
        del self._watched[run_id]
        if watched.opening.done() and watched.opening.exception() is None:
            await watched.opening.result()()
        else:
            watched.opening.cancel()


class _Watched:
    """A run that is watched, and by whom."""

    opening: asyncio.Future[Callable[[], Awaitable[None]]]

    def __init__(self) -> None:
        self.callers: list[OnMessage] = []

    def tell(self, message: LiveMessage) -> None:
        for caller in list(self.callers):
            caller(message)
