"""The log of all runs, on the EVENTS stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime

import nats.errors
import structlog
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError

from runfold.archive.chain import recorded
from runfold.archive.record import ArchivedRun
from runfold.bus.jetstream.archive import JetStreamArchive
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.connection import Connection
from runfold.bus.jetstream.client.delivery import bury, run_in, unreadable, workflow_in
from runfold.bus.jetstream.client.direct_get import Removed, read_last, read_stored
from runfold.bus.jetstream.client.follower import Follower
from runfold.bus.jetstream.client.leader import Stored, purge, stream_time
from runfold.bus.jetstream.client.publish_acks import SequenceMismatch
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.raw_log import JetStreamRawLog
from runfold.bus.ports.messages import Ack, Undeliverable
from runfold.contracts import subjects
from runfold.contracts.codec import decode_event, encode
from runfold.contracts.events import AnyEvent, Recorded, RunStarted, TimerFired, event_type
from runfold.errors import BusUnavailable, Undecodable
from runfold.ids import PARTITIONS, made_at

log = structlog.get_logger("bus")

LONG = 1_000
"""Events from which on the rest of a run is streamed: asking for pages is slower then."""
PIECE = 500
"""Events that are decoded before others get their turn."""
STALLED = 1.0
"""Seconds of silence after which what is left of a run is asked for again."""
PAYLOAD_RETRY = 0.5
"""Seconds until a payload that could not be fetched is asked for again."""


class JetStreamEventLog:
    """`runfold.bus.ports.logs.EventLog` on EVENTS."""

    def __init__(
        self,
        nc: Connection,
        js: JetStreamContext,
        publisher: Publisher,
        claims: ClaimCheck,
        raw: JetStreamRawLog,
        archive: JetStreamArchive,
        retention: float,
    ) -> None:
        self._nc = nc
        self._js = js
        self._publisher = publisher
        self._claims = claims
        self._raw = raw
        self._archive = archive
        self._retention = retention
        self._followers: list[Follower] = []

    def append(self, event: AnyEvent) -> asyncio.Future[Ack]:
        """Store an event under its id."""
        subject = subjects.event(event.workflow_id, event.run_id, event_type(event))
        return self._publisher.send(subject, encode(event), msg_id=event.id)

    def note(self, event: AnyEvent) -> None:
        """Send an event; it is not known whether it is stored."""
        subject = subjects.event(event.workflow_id, event.run_id, event_type(event))
        self._publisher.send_unanswered(subject, encode(event), msg_id=event.id)

    async def start_run(self, event: RunStarted) -> Ack:
        """Store a run's first event; a run that exists already answers `duplicate`, for ever."""
        archived = await self._archived(event.run_id)
        if archived is not None:
            return Ack(archived.header.first_seq, duplicate=True)
        subject = subjects.event(event.workflow_id, event.run_id, event_type(event))
        try:
            return await self._publisher.send(
                subject, encode(event), msg_id=event.id, expect_new=True
            )
        except SequenceMismatch:
            first = await self.first_event(event.run_id)
            return Ack(first.seq if first else 0, duplicate=True)

    def may_be_archived(self, run_id: str) -> bool:
        """Whether a run may be in the archive: not when its id says that it is too young.

        Ids made by clients begin with the time; half of the retention allows for their clocks.
        """
        made = made_at(run_id)
        return made is None or abs(time.time() - made) >= self._retention / 2

    async def _archived(self, run_id: str) -> ArchivedRun | None:
        """A run's record, which counts before the log.

        A broker that is killed just after a purge may have some of the run's events again, and not
        the others.
        """
        return await self._archive.read(run_id) if self.may_be_archived(run_id) else None

    def schedule(self, event: TimerFired, due: float) -> asyncio.Future[Ack]:
        """Have the broker append an event at `due` (Unix seconds), also without this process."""
        at = datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z")
        headers = {
            "Nats-Schedule": f"@at {at}",
            "Nats-Schedule-Target": subjects.timer_due(event.workflow_id, event.run_id),
        }
        subject = subjects.timer(event.workflow_id, event.run_id, event.id)
        return self._publisher.send(subject, encode(event), headers=headers)

    async def has_event(self, run_id: str, *types: str) -> bool:
        """Whether a run has an event of one of some types, in the log or the archive."""
        return bool(await self.newest_type(run_id, *types))

    async def newest_type(self, run_id: str, *types: str) -> str:
        """The type of a run's newest event among some types; empty when it has none of them."""
        archived = await self._archived(run_id)
        if archived is not None:
            found = [event_type(record.event) for record in recorded(archived)]
            return next((one for one in reversed(found) if one in types), "")
        looks = (
            read_last(self._nc, subjects.EVENTS, subjects.run_event(run_id, type_))
            for type_ in types
        )
        stored = zip(await asyncio.gather(*looks), types, strict=True)
        newest = max(((one.seq, type_) for one, type_ in stored if one is not None), default=None)
        return "" if newest is None else newest[1]

    async def purge_run(self, run_id: str) -> int:
        """Remove a run's events and schedules for good; returns how many events went."""
        await purge(self._nc, subjects.TIMERS, subjects.run_timers(run_id))
        return await purge(self._nc, subjects.EVENTS, subjects.run_events(run_id))

    async def read_run(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> list[Recorded]:
        """A run's events in stream order, `after < seq <= until`, at most the first `limit`."""
        archived = await self._archived(run_id)
        if archived is not None:
            return recorded(archived, after=after, until=until)[:limit]
        try:
            found = await self._read_log(run_id, after, until, limit)
        except Removed:
            # Archived and purged while we read: what we have is not all of it.
            return await self.read_run(run_id, after=after, until=until, limit=limit)
        if any(isinstance(record.event, RunStarted) for record in found[:1]):
            return found
        if await self._raw.has_run(run_id):
            return found
        archived = await self._archive.read(run_id)
        if archived is None:
            return found
        return recorded(archived, after=after, until=until)[:limit]

    async def run_pages(
        self, run_id: str, *, after: int = 0, until: int | None = None
    ) -> AsyncGenerator[list[Recorded], None]:
        """A run's events as by `read_run`, in pieces as they come; no piece is empty."""
        last = after
        if await self._archived(run_id) is None:
            with suppress(Removed):
                async with aclosing(self._log_pages(run_id, after, until)) as pages:
                    async for page in pages:
                        if last == 0 and not isinstance(page[0].event, RunStarted):
                            break  # there is less here than there was
                        yield page
                        last = page[-1].seq
            if last > after and await self._raw.has_run(run_id):
                return
        # Archived and purged, maybe while we read: the rest of it is there.
        if rest := await self.read_run(run_id, after=last, until=until):
            yield rest

    async def _read_log(
        self, run_id: str, after: int, until: int | None, limit: int | None
    ) -> list[Recorded]:
        found: list[Recorded] = []
        async with aclosing(self._log_pages(run_id, after, until, limit)) as pages:
            async for page in pages:
                found += page
        is_whole = after > 0 or (found and isinstance(found[0].event, RunStarted))
        if len(found) >= LONG and not limit and is_whole and not await self._raw.has_run(run_id):
            raise Removed(f"run {run_id!r} was archived while it was read")
        return found

    async def _log_pages(
        self, run_id: str, after: int, until: int | None, limit: int | None = None
    ) -> AsyncGenerator[list[Recorded], None]:
        """What the log has of a run: its beginning, and then what is streamed."""
        subject = subjects.run_events(run_id)
        stored = [
            one
            async for one in read_stored(
                self._nc, subjects.EVENTS, subject, after=after, limit=limit or LONG, whole=True
            )
        ]
        found: list[Recorded] = []
        goes_on = await self._take(stored, until, found)
        if found:
            yield found
        if not goes_on or len(stored) < LONG or limit:
            return
        follower = Follower(self._nc, self._js, subjects.EVENTS, stored[-1].seq, [subject])
        async with aclosing(follower.batches()) as batches:
            while goes_on:
                try:
                    async with asyncio.timeout(STALLED):
                        batch = await anext(batches)
                except TimeoutError:
                    # What was still to come was removed, or NATS is away: asking again tells.
                    raise Removed(f"the rest of run {run_id!r} does not come") from None
                goes_on = bool(batch)
                for place in range(0, len(batch), PIECE):
                    found = []
                    goes_on = await self._take(batch[place : place + PIECE], until, found)
                    if found:
                        yield found
                    if not goes_on:
                        break

    async def _take(self, batch: list[Stored], until: int | None, found: list[Recorded]) -> bool:
        """Decode a batch into `found`; False once `until` was reached."""
        for stored in batch:
            if until is not None and stored.seq > until:
                return False
            record = self._plain(stored) or await self._decoded(stored)
            if isinstance(record, Recorded):
                found.append(record)
        return True

    async def first_event(self, run_id: str) -> Recorded | None:
        """A run's `run_started`, or None for an unknown run."""
        subject = subjects.run_event(run_id, "run_started")
        async for stored in read_stored(self._nc, subjects.EVENTS, subject, limit=1):
            record = await self._decoded(stored)
            return record if isinstance(record, Recorded) else None
        archived = await self._archive.read(run_id)
        if archived is None:
            return None
        begun = (r for r in recorded(archived) if isinstance(r.event, RunStarted))
        return next(begun, None)

    async def last_seq(self) -> int:
        """The newest sequence in the log, 0 when empty."""
        try:
            info = await self._js.stream_info(subjects.EVENTS)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot read {subjects.EVENTS}: {error}") from error
        return int(info.state.last_seq)

    async def now(self) -> float:
        """What time it is by the log's clock, in Unix seconds."""
        return await stream_time(self._nc, subjects.EVENTS)

    async def follow(
        self, *, after: int = 0, partitions: Sequence[int] | None = None
    ) -> AsyncIterator[list[Recorded | Undeliverable]]:
        """All events after a sequence, for ever, in batches as they come."""
        filters = [subjects.EVENTS_ALL]
        if partitions is not None and len(partitions) < PARTITIONS:
            filters = [subjects.partition_events(partition) for partition in partitions]
        follower = Follower(self._nc, self._js, subjects.EVENTS, after, filters)
        self._followers.append(follower)
        try:
            async for batch in follower.batches():
                yield [
                    self._plain(stored) or await self._decoded_in_time(stored) for stored in batch
                ]
        finally:
            self._followers.remove(follower)

    def reconnected(self) -> None:
        """The connection is back."""
        for follower in self._followers:
            follower.reconnected()

    async def _decoded_in_time(self, stored: Stored) -> Recorded | Undeliverable:
        """Decode, however long a handed-in payload cannot be fetched: a follower skips nothing."""
        while True:
            try:
                return await self._decoded(stored)
            except BusUnavailable as error:
                log.warning("waiting for a payload", seq=stored.seq, reason=str(error))
                await asyncio.sleep(PAYLOAD_RETRY)

    def _plain(self, stored: Stored) -> Recorded | None:
        """An event that is in its message; None for any that is to be looked at more closely."""
        if self._claims.is_claim(stored.body):
            return None
        try:
            return Recorded(stored.seq, stored.time, _of_its_run(decode_event(stored.body), stored))
        except Exception:  # noqa: BLE001 -- `_decoded` meets it again, and says what it is
            return None

    async def _decoded(self, stored: Stored) -> Recorded | Undeliverable:
        try:
            body = stored.body
            if self._claims.is_claim(body):
                body = await self._claims.fetch(body)
            return Recorded(stored.seq, stored.time, _of_its_run(decode_event(body), stored))
        except Exception as raised:
            # Bytes from anybody: what they cannot be read by must not end their readers.
            error = unreadable(raised)
            if error.retryable:
                raise
            bury(
                self._publisher,
                subjects.EVENTS,
                stored.seq,
                stored.subject,
                stored.body,
                error,
            )
            return Undeliverable(
                stored.seq,
                stored.subject,
                str(error),
                run_in(stored.subject),
                workflow_in(stored.subject),
            )


def _of_its_run(event: AnyEvent, stored: Stored) -> AnyEvent:
    """An event that says the run its subject says: by its subject it is read again."""
    run_id = run_in(stored.subject)
    if event.run_id != run_id:
        raise Undecodable(f"it says run {event.run_id!r}, and its subject run {run_id!r}")
    return event
