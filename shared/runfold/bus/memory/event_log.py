"""The event log in a list."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from runfold.archive.chain import recorded
from runfold.background import Background
from runfold.bus.memory.archive import MemoryArchive, MemoryRawLog
from runfold.bus.memory.live import Clock, MemoryLive
from runfold.bus.memory.notices import MemoryNotices
from runfold.bus.memory.queues import MemoryDue, too_large
from runfold.bus.ports.messages import Ack, Undeliverable
from runfold.contracts.codec import decode_event, encode
from runfold.contracts.events import (
    AnyEvent,
    Recorded,
    RunStarted,
    TimerFired,
    event_type,
)
from runfold.ids import partition_of


class MemoryEvents:
    """`runfold.bus.ports.logs.EventLog` in a list."""

    def __init__(
        self,
        live: MemoryLive,
        notices: MemoryNotices,
        clock: Clock,
        max_payload: int,
        archive: MemoryArchive,
        due: MemoryDue,
    ) -> None:
        self._live = live
        self._notices = notices
        self._archive = archive
        self._due = due
        self._clock = clock
        self._max_payload = max_payload
        self._log: list[Recorded] = []
        self.raw = MemoryRawLog(lambda: self._log)
        self._ids: dict[str, int] = {}
        self._last_seq = 0
        self._schedules: dict[str, asyncio.TimerHandle] = {}
        self._grown = asyncio.Condition()
        self._telling = Background()

    def note(self, event: AnyEvent) -> None:
        """Store an event; it is not known whether it is stored."""
        self.append(event).exception()

    def append(self, event: AnyEvent) -> asyncio.Future[Ack]:
        """Store an event under its id."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        body = encode(event)
        if len(body) > self._max_payload:
            done.set_exception(too_large(len(body), self._max_payload))
        elif event.id in self._ids:
            done.set_result(Ack(self._ids[event.id], duplicate=True))
        else:
            self._last_seq += 1
            record = Recorded(self._last_seq, self._clock(), decode_event(body))
            self._log.append(record)
            self._ids[event.id] = record.seq
            done.set_result(Ack(record.seq))
            self._live.tell(event.run_id, record)
            self._notices.tell_event(record)
            self._telling.start(self._tell())
        return done

    def schedule(self, event: TimerFired, due: float) -> asyncio.Future[Ack]:
        """Say at `due`, by the clock of this bus, that an event is due."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        done.set_result(Ack(len(self._log)))
        held = self._schedules.pop(event.id, None)
        if held is not None:
            held.cancel()

        def fire() -> None:
            self._schedules.pop(event.id, None)
            self._due.put(event)

        left = max(0.0, due - self._clock())
        self._schedules[event.id] = asyncio.get_running_loop().call_later(left, fire)
        return done

    async def has_event(self, run_id: str, *types: str) -> bool:
        """Whether a run has an event of one of some types, in the log or the archive."""
        return bool(await self.newest_type(run_id, *types))

    async def newest_type(self, run_id: str, *types: str) -> str:
        """The type of a run's newest event among some types; empty when it has none of them."""
        found = [event_type(record.event) for record in await self.read_run(run_id)]
        return next((one for one in reversed(found) if one in types), "")

    def may_be_archived(self, run_id: str) -> bool:  # noqa: ARG002 -- asking costs nothing here
        """Always."""
        return True

    async def purge_run(self, run_id: str) -> int:
        """Remove a run's events for good; returns how many went."""
        before = len(self._log)
        self._log = [record for record in self._log if record.event.run_id != run_id]
        return before - len(self._log)

    async def start_run(self, event: RunStarted) -> Ack:
        """Store a run's first event; a run that exists already answers `duplicate`, for ever."""
        first = await self.first_event(event.run_id)
        if first is not None:
            return Ack(first.seq, duplicate=True)
        return await self.append(event)

    async def read_run(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[Recorded]:
        """A run's events in stream order, `after < seq <= until`."""
        archived = await self._archive.read(run_id)
        if archived is not None:
            return recorded(archived, after=after, until=until)[:limit]
        last = self._last_seq if until is None else until
        return [
            record
            for record in self._log
            if record.event.run_id == run_id and after < record.seq <= last
        ][:limit]

    async def run_pages(
        self, run_id: str, *, after: int = 0, until: int | None = None
    ) -> AsyncGenerator[list[Recorded], None]:
        """A run's events as by `read_run`, all at once; nothing for an unknown run."""
        if found := await self.read_run(run_id, after=after, until=until):
            yield found

    async def first_event(self, run_id: str) -> Recorded | None:
        """A run's `run_started`, or None for an unknown run."""
        found = await self.read_run(run_id)
        return next((record for record in found if isinstance(record.event, RunStarted)), None)

    async def last_seq(self) -> int:
        """The newest sequence in the log, 0 when empty."""
        return self._last_seq

    async def now(self) -> float:
        """What time it is by the log's clock, in Unix seconds."""
        return self._clock()

    async def follow(
        self, *, after: int = 0, partitions: Sequence[int] | None = None
    ) -> AsyncIterator[list[Recorded | Undeliverable]]:
        """All events after a sequence, for ever, in batches as they come."""
        wanted = None if partitions is None else frozenset(partitions)
        caught_up = False
        while True:
            batch: list[Recorded | Undeliverable] = [
                record
                for record in self._log[bisect_right(self._log, after, key=lambda one: one.seq) :]
                if wanted is None or partition_of(record.event.run_id) in wanted
            ]
            after = self._last_seq
            if batch:
                yield batch
            if not caught_up:
                caught_up = True
                yield []
            async with self._grown:
                await self._grown.wait_for(lambda: self._last_seq > after)  # noqa: B023 -- waited for here

    async def _tell(self) -> None:
        async with self._grown:
            self._grown.notify_all()
