"""Reading stored messages of one subject filter backwards: the newest of many, without the rest.

The server reads forwards alone. So stretches of sequences are read from the end of the stream on,
each whole, and the next one is as long as the messages are far apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from nats.aio.client import Client

from runfold.bus.jetstream.client.direct_get import read_last, read_stored
from runfold.bus.jetstream.client.leader import Stored

FIRST = 128
"""Sequences of the first stretch: what a page of small objects takes."""
MOST = 1000
"""Messages of a stretch: one with more is read as two."""


async def read_newest_first(
    nc: Client, stream: str, subject: str, *, before: int | None = None
) -> AsyncIterator[Stored]:
    """Messages of `subject`, the newest first. One that is written anew meanwhile may be missing.

    Args:
        nc: The connection.
        stream: The stream.
        subject: A filter.
        before: Only those with a lower sequence; None: all.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    newest = await read_last(nc, stream, subject)
    end = 0 if newest is None else newest.seq + 1
    if before is not None:
        end = min(end, before)
    width = FIRST
    while end > 1:
        begin = max(1, end - width)
        found = await _between(nc, stream, subject, begin, end)
        if len(found) == MOST and end - begin > MOST:
            width //= 2
            continue
        for stored in reversed(found):
            yield stored
        end = begin
        if len(found) < MOST // 2:
            width *= 2


async def _between(nc: Client, stream: str, subject: str, begin: int, end: int) -> list[Stored]:
    """The messages from one sequence up to another, that one left out; no more than `MOST`."""
    found: list[Stored] = []
    limit = min(MOST, end - begin)
    async for stored in read_stored(nc, stream, subject, after=begin - 1, limit=limit):
        if stored.seq >= end:
            break
        found.append(stored)
    return found
