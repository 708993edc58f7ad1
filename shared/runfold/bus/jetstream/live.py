"""Stream chunks, on the CHUNKS stream; and what viewers see live of it and of EVENTS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.delivery import bury, stamped_time, unreadable
from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.client.requests import round_trip
from runfold.bus.ports.messages import Ack, LiveMessage
from runfold.contracts import subjects
from runfold.contracts.codec import decode_chunk, decode_event, encode
from runfold.contracts.events import (
    RUN_COMPENSATING,
    RUN_ENDINGS,
    Recorded,
    RecordedChunk,
    StreamChunk,
)

log = structlog.get_logger("bus")

CHUNK = "stream_chunk"


class JetStreamChunks:
    """`runfold.bus.ports.live.Chunks` on CHUNKS."""

    def __init__(self, nc: Client, publisher: Publisher, claims: ClaimCheck) -> None:
        self._nc = nc
        self._publisher = publisher
        self._claims = claims

    def publish(self, chunk: StreamChunk) -> asyncio.Future[Ack]:
        """Send a chunk; pipelined, in order."""
        return self._publisher.send(subjects.chunks(chunk.workflow_id, chunk.run_id), encode(chunk))

    async def read(self, run_id: str, *, after: int = 0) -> list[RecordedChunk]:
        """A run's chunks still held (one hour), in stream order."""
        found: list[RecordedChunk] = []
        subject = subjects.run_chunks(run_id)
        async for stored in read_stored(self._nc, subjects.CHUNKS, subject, after=after):
            try:
                body = await self._claims.fetch(stored.body)
                found.append(RecordedChunk(stored.seq, stored.time, decode_chunk(body)))
            except Exception as error:  # noqa: BLE001 -- bytes from anybody: viewers go on
                place = (subjects.CHUNKS, stored.seq, stored.subject)
                bury(self._publisher, *place, stored.body, unreadable(error))
        return found


class JetStreamLive:
    """`runfold.bus.ports.live.Live` on what the server republishes."""

    def __init__(self, nc: Client, claims: ClaimCheck) -> None:
        self._nc = nc
        self._claims = claims
        self._gaps: set[Callable[[], None]] = set()

    async def watch(
        self,
        run_id: str,
        on_message: Callable[[LiveMessage], None],
        on_gap: Callable[[], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_message` for each of a run's events and chunks stored from now on."""
        connection = self._nc.stats["reconnects"]

        def gap() -> None:
            nonlocal connection
            connection = self._nc.stats["reconnects"]
            if on_gap is not None:
                on_gap()

        async def on_msg(msg: Msg) -> None:
            if connection != self._nc.stats["reconnects"]:
                gap()
            try:
                message = await self._decoded(msg)
            except Exception as error:  # noqa: BLE001 -- bytes from anybody: what is stored tells
                log.warning("live message passed over", subject=msg.subject, reason=str(error))
                gap()
            else:
                on_message(message)

        subscription = await self._nc.subscribe(subjects.live(run_id), cb=on_msg)
        self._gaps.add(gap)

        async def stop() -> None:
            self._gaps.discard(gap)
            if not self._nc.is_closed:
                await subscription.unsubscribe()

        try:
            # The server must know of the interest before the caller reads what is stored.
            await round_trip(self._nc)
        except BaseException:
            await stop()
            raise
        return stop

    def reconnected(self) -> None:
        """The connection is back; watchers were not told of what was stored meanwhile."""
        for gap in list(self._gaps):
            gap()

    async def watch_run_ends(
        self,
        on_end: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,
        on_compensating: Callable[[str], None] | None = None,
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_end(run_id)` for each terminal run event, of any run, from now on."""

        def calling(told: Callable[[str], None]) -> Callable[[Msg], Awaitable[None]]:
            async def on_msg(msg: Msg) -> None:
                told(msg.subject.split(".")[2])

            return on_msg

        wanted = dict.fromkeys(RUN_ENDINGS, on_end)
        if on_compensating is not None:
            wanted[RUN_COMPENSATING] = on_compensating
        subscriptions = [
            await self._nc.subscribe(subjects.live_event(type_), cb=calling(told))
            for type_, told in wanted.items()
        ]
        if on_gap is not None:
            self._gaps.add(on_gap)

        async def stop() -> None:
            if on_gap is not None:
                self._gaps.discard(on_gap)
            for subscription in subscriptions:
                if not self._nc.is_closed:
                    await subscription.unsubscribe()

        return stop

    async def watch_types(
        self, types: Sequence[str], on_event: Callable[[Recorded], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_event` for each event of some types, of any run, from now on."""

        async def on_msg(msg: Msg) -> None:
            try:
                message = await self._decoded(msg)
            except Exception as error:  # noqa: BLE001 -- bytes from anybody
                log.warning("live message passed over", subject=msg.subject, reason=str(error))
                return
            if isinstance(message, Recorded):
                on_event(message)

        subscriptions = [
            await self._nc.subscribe(subjects.live_event(type_), cb=on_msg) for type_ in types
        ]

        async def stop() -> None:
            for subscription in subscriptions:
                if not self._nc.is_closed:
                    await subscription.unsubscribe()

        return stop

    async def _decoded(self, msg: Msg) -> LiveMessage:
        headers = msg.headers or {}
        seq, time = int(headers["Nats-Sequence"]), stamped_time(headers["Nats-Time-Stamp"])
        body = await self._claims.fetch(msg.data)
        if msg.subject.endswith(CHUNK):
            return RecordedChunk(seq, time, decode_chunk(body))
        return Recorded(seq, time, decode_event(body))
