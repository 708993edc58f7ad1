"""Reading stored messages of one subject filter straight from a stream, without a consumer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.client.delivery import stamped_time, status_of
from runfold.bus.jetstream.client.requests import asked
from runfold.errors import BusUnavailable

PAGE = 1000
"""Messages asked for at a time."""
PAGE_BYTES = 8 * 1024 * 1024
"""Bytes asked for at a time."""
TIMEOUT = 5.0
"""Seconds without an answer after which the broker counts as away."""


NOT_FOUND = 404


class Stored(msgspec.Struct, frozen=True):
    """One stored message."""

    seq: int
    time: float
    subject: str
    body: bytes


class _Message(msgspec.Struct):
    subject: str
    seq: int
    time: str
    data: bytes = b""


class _Error(msgspec.Struct):
    code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    message: _Message | None = None
    error: _Error | None = None


class _Info(msgspec.Struct):
    ts: str = ""
    error: _Error | None = None


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
    got = 0
    left = 0
    while limit is None or got < limit:
        page = PAGE if limit is None else min(PAGE, limit - got)
        messages, promised = await _page(nc, stream, subject, after + 1, page)
        for message in messages:
            yield message
        if whole and left and not messages:
            raise Removed(f"{subject} was removed from {stream} while it was read")
        left = promised
        if not left or not messages:
            return
        got += len(messages)
        after = messages[-1].seq


async def _page(
    nc: Client, stream: str, subject: str, seq: int, size: int
) -> tuple[list[Stored], int]:
    """Up to `size` messages, and how many there were after them."""
    inbox = nc.new_inbox()
    arrived: list[Msg] = []
    news = asyncio.Event()

    async def on_message(msg: Msg) -> None:
        arrived.append(msg)
        news.set()

    subscription = await nc.subscribe(inbox, cb=on_message)
    found: list[Stored] = []
    try:
        wanted = {"batch": size, "seq": seq, "next_by_subj": subject, "max_bytes": PAGE_BYTES}
        await nc.publish(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(wanted), inbox)
        while True:
            async with asyncio.timeout(TIMEOUT):
                await news.wait()
            news.clear()
            batch = arrived.copy()
            arrived.clear()
            for msg in batch:
                status = status_of(msg)
                if status in ("204", "404"):
                    return found, int((msg.headers or {}).get("Nats-Num-Pending", 0))
                if status:
                    description = (msg.headers or {}).get("Description", "")
                    raise BusUnavailable(f"cannot read {stream}: {status} {description}")
                found.append(_stored(msg))
    except TimeoutError:
        raise BusUnavailable(f"no answer from {stream} within {TIMEOUT} s") from None
    except nats.errors.Error as error:
        raise BusUnavailable(f"cannot read {stream}: {error}") from error
    finally:
        if not nc.is_closed:
            await subscription.unsubscribe()


async def read_last(nc: Client, stream: str, subject: str) -> Stored | None:
    """The newest message of a subject filter, or None.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    return await _direct(nc, stream, {"last_by_subj": subject})


async def read_newest(nc: Client, stream: str, subject: str) -> Stored | None:
    """As `read_last`, but asked of the stream's leader: never a copy that is behind.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    body = msgspec.json.encode({"last_by_subj": subject})
    msg = await _asked(nc, f"$JS.API.STREAM.MSG.GET.{stream}", body)
    answer = msgspec.json.decode(msg.data, type=_Answer)
    if answer.error is not None and answer.error.code == NOT_FOUND:
        return None
    if answer.error is not None or answer.message is None:
        raise BusUnavailable(f"cannot read {stream}: {answer.error}")
    found = answer.message
    return Stored(found.seq, stamped_time(found.time), found.subject, found.data)


async def read_one(nc: Client, stream: str, seq: int) -> Stored | None:
    """The message with a sequence, or None.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    return await _direct(nc, stream, {"seq": seq})


async def _direct(nc: Client, stream: str, wanted: dict[str, Any]) -> Stored | None:
    msg = await _asked(nc, f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(wanted))
    status = status_of(msg)
    if status == "404":
        return None
    if status:
        raise BusUnavailable(f"cannot read {stream}: {status}")
    return _stored(msg)


async def delete(nc: Client, stream: str, seq: int) -> bool:
    """Remove the message with a sequence; False when it is not there.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    body = msgspec.json.encode({"seq": seq, "no_erase": True})
    answer = await _asked(nc, f"$JS.API.STREAM.MSG.DELETE.{stream}", body)
    return bool(msgspec.json.decode(answer.data).get("success"))


async def purge(nc: Client, stream: str, subject: str) -> int:
    """Remove the messages of a subject filter; returns how many.

    Raises:
        BusUnavailable: When the broker does not answer, or refuses.
    """
    body = msgspec.json.encode({"filter": subject})
    answer = msgspec.json.decode((await _asked(nc, f"$JS.API.STREAM.PURGE.{stream}", body)).data)
    if not answer.get("success"):
        raise BusUnavailable(f"cannot purge {subject}: {answer.get('error')}")
    return int(answer["purged"])


async def stream_made(nc: Client, stream: str) -> str:
    """When a stream was made, as the broker says it.

    Raises:
        BusUnavailable: When the broker does not answer, or does not know the stream.
    """
    answer = msgspec.json.decode((await _asked(nc, f"$JS.API.STREAM.INFO.{stream}", b"")).data)
    if "created" not in answer:
        raise BusUnavailable(f"cannot read {stream}: {answer.get('error')}")
    return str(answer["created"])


async def stream_time(nc: Client, stream: str) -> float:
    """What time it is for the server that leads a stream, in Unix seconds.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    msg = await _asked(nc, f"$JS.API.STREAM.INFO.{stream}", b"")
    answer = msgspec.json.decode(msg.data, type=_Info)
    if answer.error is not None:
        raise BusUnavailable(f"cannot read {stream}: {answer.error.description}")
    return stamped_time(answer.ts)


async def _asked(nc: Client, subject: str, body: bytes) -> Msg:
    try:
        return await asked(nc, subject, body, TIMEOUT)
    except (nats.errors.Error, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise BusUnavailable(f"no answer on {subject}: {reason}") from error


def _stored(msg: Msg) -> Stored:
    headers = msg.headers or {}
    return Stored(
        int(headers["Nats-Sequence"]),
        stamped_time(headers["Nats-Time-Stamp"]),
        headers["Nats-Subject"],
        msg.data,
    )
