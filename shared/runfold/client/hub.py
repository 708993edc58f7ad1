"""One live subscription a run, however many watch it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from runfold.bus.ports.live import Live
from runfold.bus.ports.messages import LiveMessage
from runfold.contracts.events import Recorded

OnMessage = Callable[[LiveMessage], None]
OnGap = Callable[[], None]
Caller = tuple[OnMessage, OnGap | None]


class SharedLive:
    """Shares `watch` among callers; otherwise the `runfold.bus.ports.live.Live` it is made from."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._watched: dict[str, _Watched] = {}

    async def watch(
        self, run_id: str, on_message: OnMessage, on_gap: OnGap | None = None
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on."""
        caller = (on_message, on_gap)
        watched = self._watched.get(run_id)
        if watched is None:
            watched = self._watched[run_id] = _Watched()
            watched.opening = asyncio.ensure_future(
                self._live.watch(run_id, watched.tell, watched.tell_gap)
            )
        watched.callers.append(caller)
        opening = watched.opening
        try:
            await asyncio.shield(opening)
        except BaseException:
            await self._leave(run_id, watched, caller)
            raise

        async def stop() -> None:
            await self._leave(run_id, watched, caller)

        return stop

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """As the `Live` it is made from."""
        return await self._live.watch_run_ends(on_end, on_gap, on_compensating)

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """As the `Live` it is made from."""
        return await self._live.watch_types(types, on_event)

    async def _leave(self, run_id: str, watched: _Watched, caller: Caller) -> None:
        if caller in watched.callers:
            watched.callers.remove(caller)
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
        self.callers: list[Caller] = []

    def tell(self, message: LiveMessage) -> None:
        for on_message, _ in list(self.callers):
            on_message(message)

    def tell_gap(self) -> None:
        for _, on_gap in list(self.callers):
            if on_gap is not None:
                on_gap()
