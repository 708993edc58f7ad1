"""That something was stored, told by the stores in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from runfold.bus.ports.notices import Notice, Source
from runfold.contracts.events import Recorded, event_type
from runfold.ids import id_of_token


class MemoryNotices:
    """`runfold.bus.ports.notices.Notices`; the stores say what they store with `tell`."""

    def __init__(self) -> None:
        self._told: dict[Source, list[Notice]] = {"events": [], "definitions": [], "dead": []}
        self._grown = asyncio.Event()

    def tell(self, source: Source, notice: Notice) -> None:
        """Something was stored."""
        self._told[source].append(notice)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def tell_event(self, record: Recorded) -> None:
        """An event was stored."""
        event = record.event
        about = (event.workflow_id, event.run_id, event_type(event))
        self.tell("events", Notice(record.seq, record.time, *about))

    def tell_definition(self, key: str, revision: int, time: float) -> None:
        """A key of the definitions' bucket was written; heads have keys of one token."""
        if "." not in key:
            self.tell("definitions", Notice(revision, time, id_of_token(key)))

    async def newest(self, source: Source) -> int:
        """The newest sequence of a source, 0 when it is empty."""
        told = self._told[source]
        return told[-1].seq if told else 0

    async def follow(
        self, source: Source, *, after: int, types: Sequence[str] = ()
    ) -> AsyncIterator[list[Notice]]:
        """What is stored after a sequence, for ever, in batches as it comes."""
        place = 0
        while True:
            grown = self._grown
            batch = self._told[source][place:]
            place += len(batch)
            wanted = [one for one in batch if one.seq > after and (not types or one.type in types)]
            if wanted:
                yield wanted
            else:
                await grown.wait()
