"""That something was stored, told by consumers that send headers alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from nats.js import JetStreamContext

from runfold.bus.jetstream.client.connection import Connection
from runfold.bus.jetstream.client.delivery import run_in, workflow_in
from runfold.bus.jetstream.client.follower import Follower
from runfold.bus.jetstream.client.leader import Stored, stream_state
from runfold.bus.jetstream.topology.wanted import bucket_stream
from runfold.bus.ports.notices import Notice, Source
from runfold.contracts import subjects
from runfold.ids import id_of_token

STREAMS: dict[Source, str] = {
    "events": subjects.EVENTS,
    "definitions": bucket_stream(subjects.DEFINITIONS),
    "dead": subjects.DEAD,
}


class JetStreamNotices:
    """`runfold.bus.ports.notices.Notices` on EVENTS, DEAD and the bucket of definitions."""

    def __init__(self, nc: Connection, js: JetStreamContext) -> None:
        self._nc = nc
        self._js = js
        self._followers: list[Follower] = []

    async def newest(self, source: Source) -> int:
        """The newest sequence of a source, 0 when it is empty."""
        return (await stream_state(self._nc, STREAMS[source])).last_seq

    async def follow(
        self, source: Source, *, after: int, types: Sequence[str] = ()
    ) -> AsyncIterator[list[Notice]]:
        """What is stored after a sequence, for ever, in batches as it comes."""
        follower = Follower(
            self._nc,
            self._js,
            STREAMS[source],
            after,
            _filters(source, types),
            headers_only=True,
        )
        self._followers.append(follower)
        try:
            async with aclosing(follower.batches()) as batches:
                async for batch in batches:
                    if batch:
                        yield [_notice(source, stored) for stored in batch]
        finally:
            self._followers.remove(follower)

    def reconnected(self) -> None:
        """The connection is back."""
        for follower in self._followers:
            follower.reconnected()


def _filters(source: Source, types: Sequence[str]) -> list[str]:
    match source:
        case "events":
            return [subjects.any_event(type_) for type_ in types] or [subjects.EVENTS_ALL]
        case "definitions":
            return [subjects.DEFINITION_HEADS]
        case "dead":
            return [subjects.DEAD_ALL]


def _notice(source: Source, stored: Stored) -> Notice:
    subject = stored.subject
    match source:
        case "events":
            return Notice(
                stored.seq,
                stored.time,
                workflow_in(subject),
                run_in(subject),
                subject.rpartition(".")[2],
            )
        case "definitions":
            return Notice(stored.seq, stored.time, id_of_token(subject.rpartition(".")[2]))
        case "dead":
            return Notice(stored.seq, stored.time)
