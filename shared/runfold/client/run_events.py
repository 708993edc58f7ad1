"""A run's events, as the HTTP API and the command print them: which ones, and as which lines.

Following a run that goes on is in `bus/viewer.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple, get_args

from runfold.bus.ports.logs import EventLog
from runfold.client.run_filters import address, one_of
from runfold.contracts.codec import encode
from runfold.contracts.events import AnyEvent, NodeEvent, Recorded, RecordedChunk, event_type
from runfold.ids import address_of

TYPES: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyEvent))
"""All types of events."""
MAX_LIMIT = 10_000
"""Events of one answer, where the client says how many."""
MAX_SEQ = 2**53
"""No log comes so far, and JSON has no greater whole number that all programs read."""
_LEAST, _PAGE, _GROWTH = 100, 1_000, 4
"""Events that are read at once, and how much more of them each time: an archived run is one record,
which is read whole for every page."""


class EventQuery(NamedTuple):
    """Which of a run's events."""

    after: int = 0
    before: int | None = None
    types: tuple[str, ...] = ()
    node: str = ""
    """Address of a node, or its id in any scope."""

    def fits(self, record: Recorded) -> bool:
        """Whether an event is of the wanted types and node."""
        event = record.event
        if self.types and event_type(event) not in self.types:
            return False
        if not self.node:
            return True
        if not isinstance(event, NodeEvent):
            return False
        return self.node in (event.node_id, address_of(event.scope, event.node_id))


class Found(NamedTuple):
    """Events that fit, and where the next ones begin."""

    records: list[Recorded]
    next_after: int | None
    """Sequence after which more of them follow; None when these are all there are now."""


def checked_query(query: EventQuery) -> EventQuery:
    """A query whose types are lists with commas between, read and checked.

    Raises:
        InvalidRequest: `filter.invalid`: a type that is none, or what cannot be an address.
    """
    return query._replace(
        types=one_of("types", query.types, TYPES), node=address("node", query.node)
    )


async def event_pages(
    log: EventLog, run_id: str, query: EventQuery
) -> AsyncGenerator[list[Recorded], None]:
    """All of a run's events that fit, in pieces as they are read; no piece is empty.

    Raises:
        BusUnavailable: The log cannot be read.
    """
    until = None if query.before is None else query.before - 1
    if until is not None and until <= query.after:
        return
    async with aclosing(log.run_pages(run_id, after=query.after, until=until)) as pages:
        async for page in pages:
            if fitting := [record for record in page if query.fits(record)]:
                yield fitting


async def found_events(log: EventLog, run_id: str, query: EventQuery, limit: int) -> Found:
    """A run's events that fit, the first `limit` of them, reading no more of the log than that.

    Raises:
        BusUnavailable: The log cannot be read.
    """
    until = None if query.before is None else query.before - 1
    if until is not None and until <= query.after:
        return Found([], None)
    narrow = query.types or query.node
    page = _PAGE if narrow else max(limit + 1, _LEAST)
    fitting: list[Recorded] = []
    place = query.after
    while True:
        records = await log.read_run(run_id, after=place, until=until, limit=page)
        fitting += [record for record in records if query.fits(record)]
        if len(fitting) > limit:
            return Found(fitting[:limit], fitting[limit - 1].seq)
        if not records:
            return Found(fitting, None)
        place = records[-1].seq
        page *= _GROWTH


def event_line(message: Recorded | RecordedChunk) -> bytes:
    """A stored event or chunk as one line of JSON, its place in the stream first."""
    body = message.event if isinstance(message, Recorded) else message.chunk
    # A float's repr is a JSON number, and takes a fifth of the time of the writer and its checks.
    return f'{{"seq":{message.seq},"time":{message.time!r},'.encode() + encode(body)[1:]
