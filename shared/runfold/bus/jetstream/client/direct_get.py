"""Reading stored messages of one subject filter straight from a stream, without a consumer.

Any copy of a stream answers, and one may be a moment behind: in a cluster, the leader is asked
whether that was all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.client.delivery import stamped_time, status_of
from runfold.bus.jetstream.client.leader import (
    PAUSE,
    REMOVALS,
    TRY,
    Stored,
    ask_patiently,
    is_clustered,
    read_exactly,
    read_newest,
)
from runfold.errors import BusUnavailable

PAGE = 1000
"""Messages asked for at a time."""
PAGE_BYTES = 8 * 1024 * 1024
"""Bytes asked for at a time."""
TIMEOUT = 5.0
"""Seconds without an answer after which the broker counts as away."""
NO_RESPONDERS = "503"


class Removed(BusUnavailable):
    """Messages went while they were being read."""


async def read_stored(
    nc: Client,
    stream: str,
    subject: str,
    *,
    after: int = 0,
    limit: int | None = None,
    whole: bool = False,
) -> AsyncIterator[Stored]:
    """Messages of `subject` with a sequence over `after`, in order.

    Args:
        nc: The connection.
        stream: The stream.
        subject: A filter.
        after: The sequence after which to begin.
        limit: How many at most.
        whole: Whether it matters that messages were removed meanwhile.

    Raises:
        BusUnavailable: When the broker does not answer.
        Removed: When some of those there were at first are gone.
    """
    got = left = 0
    until = asyncio.get_running_loop().time() + TIMEOUT
    while limit is None or got < limit:
        page = PAGE if limit is None else min(PAGE, limit - got)
        messages, promised = await _page(nc, stream, subject, after + 1, page)
        for message in messages:
            yield message
        if messages:
            until = asyncio.get_running_loop().time() + TIMEOUT
            got += len(messages)
            after = messages[-1].seq
            left = promised
            if left:
                continue
        if await _has_more(nc, stream, subject, after):
            if asyncio.get_running_loop().time() > until:
                raise BusUnavailable(f"copies of {stream} stay behind their leader")
            await asyncio.sleep(PAUSE)
            continue
        if whole and left and not messages:
            raise Removed(f"{subject} was removed from {stream} while it was read")
        return


async def _has_more(nc: Client, stream: str, subject: str, after: int) -> bool:
    """Whether a stream's leader has messages that the copy which answered has not."""
    if not is_clustered(nc):
        return False
    newest = await read_newest(nc, stream, subject)
    return newest is not None and newest.seq > after


async def _page(
    nc: Client, stream: str, subject: str, seq: int, size: int
) -> tuple[list[Stored], int]:
    """Up to `size` messages, and how many there were after them."""
    loop = asyncio.get_running_loop()
    until = loop.time() + TIMEOUT
    within = min(TRY, TIMEOUT) if is_clustered(nc) else TIMEOUT
    while True:
        answer = _Page()
        try:
            await _receive(nc, stream, subject, seq, size, answer, within)
        except TimeoutError:
            if answer.found:
                return answer.found, 1  # the copy that answered has gone: another has the rest
            answer.reason = f"no answer from {stream} within {within} s"
        except nats.errors.Error as error:
            raise BusUnavailable(f"cannot read {stream}: {error}") from error
        if not answer.reason:
            return answer.found, answer.promised
        if not is_clustered(nc) or loop.time() + PAUSE > until:
            raise BusUnavailable(answer.reason)
        await asyncio.sleep(PAUSE)


class _Page:
    """One answer as it comes in."""

    def __init__(self) -> None:
        self.found: list[Stored] = []
        self.promised = 0
        self.reason = ""
        """Why there is none, when a cluster may have one in a moment."""


async def _receive(
    nc: Client, stream: str, subject: str, seq: int, size: int, answer: _Page, within: float
) -> None:
    inbox = nc.new_inbox()
    arrived: list[Msg] = []
    news = asyncio.Event()

    async def on_message(msg: Msg) -> None:
        arrived.append(msg)
        news.set()

    subscription = await nc.subscribe(inbox, cb=on_message)
    try:
        wanted = {"batch": size, "seq": seq, "next_by_subj": subject, "max_bytes": PAGE_BYTES}
        await nc.publish(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(wanted), inbox)
        while True:
            async with asyncio.timeout(within):
                await news.wait()
            news.clear()
            batch = arrived.copy()
            arrived.clear()
            for msg in batch:
                status = status_of(msg)
                headers = msg.headers or {}
                if status in ("204", "404"):
                    answer.promised = int(headers.get("Nats-Num-Pending", 0))
                    return
                if status:
                    description = headers.get("Description", "")
                    answer.reason = f"cannot read {stream}: {status} {description}"
                    if status == NO_RESPONDERS:
                        return
                    raise BusUnavailable(answer.reason)
                answer.found.append(_stored(msg))
    finally:
        if not nc.is_closed:
            await subscription.unsubscribe()


async def read_last(nc: Client, stream: str, subject: str) -> Stored | None:
    """The newest message of a subject filter, or None.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    if is_clustered(nc):
        return await read_newest(nc, stream, subject)
    return await _get(nc, stream, {"last_by_subj": subject})


async def read_one(nc: Client, stream: str, seq: int) -> Stored | None:
    """The message with a sequence, or None.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    if is_clustered(nc):
        return await read_exactly(nc, stream, seq)
    return await _get(nc, stream, {"seq": seq})


async def _get(nc: Client, stream: str, wanted: dict[str, str | int]) -> Stored | None:
    body = msgspec.json.encode(wanted)
    msg = await ask_patiently(nc, f"$JS.API.DIRECT.GET.{stream}", body, lambda _: False)
    status = status_of(msg)
    if status == "404":
        return None
    if status:
        raise BusUnavailable(f"cannot read {stream}: {status}")
    return _stored(msg)


def _stored(msg: Msg) -> Stored:
    headers = msg.headers or {}
    return Stored(
        int(headers["Nats-Sequence"]),
        stamped_time(headers["Nats-Time-Stamp"]),
        headers["Nats-Subject"],
        msg.data,
        any(name.rstrip(":") in headers for name in REMOVALS),
    )
