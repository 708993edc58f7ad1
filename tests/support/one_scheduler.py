"""A scheduler on the in-memory bus and virtual time, for what goes wrong inside of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.errors import BusUnavailable
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_scheduler.runs.owner import Owner
from runfold_scheduler.service import Scheduler
from tests.support import virtual_loop
from tests.support.engine_sim import answered

EPOCH = 1.7e9
END = {"id": "end", "type": "end", "config": {"outputs": {"x": 1}}}
ASK: dict[str, Any] = {
    "id": "ask",
    "nodes": [{"id": "ask", "type": "human_review", "config": {"message": "?"}}, END],
}


def waiting_for(seconds: float) -> dict[str, Any]:
    """A workflow that waits for a time."""
    return {"id": "w", "nodes": [{"id": "t", "type": "wait", "config": {"duration": seconds}}, END]}


class OneScheduler:
    """What a test does to it."""

    def __init__(self, **settings: Any) -> None:
        self.loop = asyncio.get_running_loop()
        self.bus = MemoryBus(Settings(**settings), lambda: EPOCH + self.loop.time())
        self.scheduler: Scheduler

    async def start(self, name: str = "a", ahead: float = 0.0) -> None:
        """Start one, on a host whose clock is ahead by so much."""
        clock = lambda: self.loop.time() + ahead  # noqa: E731
        self.scheduler = Scheduler(self.bus, Settings(), clock, name)
        await self.scheduler.start()

    async def replace(self, name: str, ahead: float = 0.0) -> None:
        """Stop it, and start another."""
        await self.scheduler.drain()
        await self.start(name, ahead)

    @property
    def owner(self) -> Owner:
        (owner,) = self.scheduler._ownership._owners
        return owner

    async def run(self, document: dict[str, Any], run_id: str, **inputs: Any) -> None:
        """Ask for a run."""
        workflow, _ = prepare(document)
        definition = msgspec.Raw(canonical_bytes(workflow))
        await self.bus.requests.send(
            RunRequest(workflow_id=workflow.id, run_id=run_id, definition=definition, inputs=inputs)
        )

    async def answer(self, run_id: str) -> None:
        """As a scheduler that carries out an answer writes it."""
        waiting = next(
            record.event
            for record in await self.bus.events.read_run(run_id)
            if isinstance(record.event, e.NodeRunWaiting)
        )
        await self.bus.events.append(answered(waiting, f"{waiting.token}:input", action="approved"))

    async def kinds(self, run_id: str) -> list[str]:
        """The types of a run's events."""
        return [e.event_type(record.event) for record in await self.bus.events.read_run(run_id)]

    async def last(self, run_id: str) -> str:
        """The type of a run's newest event."""
        return (await self.kinds(run_id))[-1]

    def lose(self, *kinds: type) -> asyncio.Queue[str]:
        """The next event of each of some types is not stored; the ids of those lost."""
        stored, wanted = self.bus.events.append, set(kinds)
        lost = asyncio.Queue[str]()

        def append(event: e.AnyEvent) -> asyncio.Future[Any]:
            if type(event) not in wanted:
                return stored(event)
            wanted.discard(type(event))
            lost.put_nowait(event.id)
            refused: asyncio.Future[Any] = self.loop.create_future()
            refused.set_exception(BusUnavailable("lost"))
            return refused

        self.bus.events.append = append  # type: ignore[method-assign]
        return lost

    def cut(self) -> Callable[[], None]:
        """Writing to the broker fails, until what this returns is called."""
        events, places = self.bus.events.append, (self.bus.leases, self.bus.checkpoints)
        away = True

        def append(event: e.AnyEvent) -> asyncio.Future[Any]:
            if not away:
                return events(event)
            failed: asyncio.Future[Any] = self.loop.create_future()
            self.loop.call_later(5, lambda: failed.set_exception(BusUnavailable("away")))
            return failed

        def unless_away(write: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
            async def written(*arguments: Any) -> int:
                if away:
                    raise BusUnavailable("away")
                return await write(*arguments)

            return written

        def mend() -> None:
            nonlocal away
            away = False

        self.bus.events.append = append  # type: ignore[method-assign]
        for bucket in places:
            bucket.put = unless_away(bucket.put)  # type: ignore[method-assign]
            bucket.update = unless_away(bucket.update)  # type: ignore[method-assign]
        return mend


def on_virtual_time(
    story: Callable[[OneScheduler], Awaitable[None]], **settings: Any
) -> Callable[[], None]:
    """A test that has a scheduler, and in which waiting takes no time."""

    def test() -> None:
        async def whole() -> None:
            here = OneScheduler(**settings)
            await here.start()
            await story(here)
            await here.scheduler.drain()

        virtual_loop.run(whole(), 1)

    test.__name__ = story.__name__
    return test
