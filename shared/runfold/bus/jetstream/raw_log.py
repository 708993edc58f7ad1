"""The log as it is stored, for who moves runs to the archive: EVENTS alone, nothing decoded."""

from __future__ import annotations

from nats.aio.client import Client

from runfold.archive.record import RawEvent
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.direct_get import Removed, read_last, read_stored
from runfold.bus.ports.messages import Mark
from runfold.contracts import subjects


class JetStreamRawLog:
    """`runfold.bus.ports.logs.RawLog` on EVENTS."""

    def __init__(self, nc: Client, claims: ClaimCheck) -> None:
        self._nc = nc
        self._claims = claims

    @property
    def breaks(self) -> int:
        """How often the connection was lost: each time the broker may have lost what it removed."""
        return int(self._nc.stats["reconnects"])

    async def marks(self, *, after: int, limit: int) -> list[Mark]:
        """What the next events are, without their bodies."""
        found: list[Mark] = []
        everything = subjects.EVENTS_ALL
        async for one in read_stored(
            self._nc, subjects.EVENTS, everything, after=after, limit=limit
        ):
            *_, run_id, type_ = one.subject.split(".")
            found.append(Mark(one.seq, one.time, run_id, type_))
        return found

    async def read_run(self, run_id: str) -> list[RawEvent]:
        """A run's events as they are stored, none of them left out."""
        subject = subjects.run_events(run_id)
        found: list[RawEvent] = []
        try:
            async for one in read_stored(self._nc, subjects.EVENTS, subject, whole=True):
                body = one.body
                if self._claims.is_claim(body):
                    body = await self._claims.fetch(body)
                found.append(RawEvent(one.seq, one.time, body))
        except Removed:
            return await self.read_run(run_id)
        return found

    async def has_run(self, run_id: str) -> bool:
        """Whether the log itself has the run's `run_started`."""
        subject = subjects.run_event(run_id, "run_started")
        return await read_last(self._nc, subjects.EVENTS, subject) is not None
