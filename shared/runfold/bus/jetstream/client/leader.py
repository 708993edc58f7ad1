"""Asking the server that leads a stream: what it alone answers, and answers truly.

A copy may be a moment behind its leader. Where there are no copies, anybody's answer is as good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.client.delivery import stamped_time
from runfold.bus.jetstream.client.requests import asked
from runfold.errors import BusUnavailable

TIMEOUT = 5.0
"""Seconds without an answer after which the broker counts as away."""
TRY = 1.5
"""Seconds without an answer after which a cluster is asked again: its leader may have gone."""
PAUSE = 0.1
"""Seconds until the next try."""
REMOVALS = ("KV-Operation:", "Nats-Marker-Reason:")
"""Headers of messages that say that a bucket's key is gone."""
NOT_FOUND = 404
NO_LEADER = 503


class Stored(msgspec.Struct, frozen=True, gc=False):
    """One stored message."""

    seq: int
    time: float
    subject: str
    body: bytes
    removed: bool = False
    """Whether it says that a bucket's key is gone, by a command or because its time was over."""


class _Message(msgspec.Struct):
    subject: str
    seq: int
    time: str
    data: bytes = b""
    hdrs: bytes = b""


class _Error(msgspec.Struct):
    code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    message: _Message | None = None
    error: _Error | None = None


class StreamState(msgspec.Struct, frozen=True):
    """What a stream holds."""

    messages: int = 0
    bytes: int = 0
    first_seq: int = 0
    """Of its first message, or of the one that will be."""
    last_seq: int = 0


class _Info(msgspec.Struct):
    ts: str = ""
    error: _Error | None = None
    state: StreamState | None = None


def is_clustered(nc: Client) -> bool:
    """Whether the server we are connected to is one of a cluster.

    Its greeting says so before there is any stream to ask about, and nowhere else.
    """
    return bool(nc._server_info.get("cluster"))  # noqa: SLF001 -- nats-py has no public name for it


async def read_newest(nc: Client, stream: str, subject: str) -> Stored | None:
    """The newest message of a subject filter, or None, as the stream's leader has it.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    return await _get(nc, stream, {"last_by_subj": subject})


async def read_exactly(nc: Client, stream: str, seq: int) -> Stored | None:
    """The message with a sequence, or None, as the stream's leader has it.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    return await _get(nc, stream, {"seq": seq})


async def _get(nc: Client, stream: str, wanted: dict[str, str | int]) -> Stored | None:
    subject = f"$JS.API.STREAM.MSG.GET.{stream}"
    body = msgspec.json.encode(wanted)
    msg = await ask_patiently(nc, subject, body, _has_no_leader)
    answer = msgspec.json.decode(msg.data, type=_Answer)
    if answer.error is not None and answer.error.code == NOT_FOUND:
        return None
    if answer.error is not None or answer.message is None:
        raise BusUnavailable(f"cannot read {stream}: {answer.error}")
    found = answer.message
    removed = any(name.encode() in found.hdrs for name in REMOVALS)
    return Stored(found.seq, stamped_time(found.time), found.subject, found.data, removed)


def _has_no_leader(msg: Msg) -> bool:
    error = msgspec.json.decode(msg.data, type=_Answer).error
    return error is not None and error.code == NO_LEADER


async def delete(nc: Client, stream: str, seq: int) -> bool:
    """Remove the message with a sequence; False when it is not there.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    body = msgspec.json.encode({"seq": seq, "no_erase": True})
    answer = await _asked(nc, f"$JS.API.STREAM.MSG.DELETE.{stream}", body)
    return bool(msgspec.json.decode(answer.data).get("success"))


async def purge(nc: Client, stream: str, subject: str, *, before: int = 0) -> int:
    """Remove the messages of a subject filter; returns how many.

    Args:
        nc: The connection.
        stream: The stream.
        subject: The filter.
        before: Only those before this sequence; 0: all.

    Raises:
        BusUnavailable: When the broker does not answer, or refuses.
    """
    wanted: dict[str, str | int] = {"filter": subject}
    body = msgspec.json.encode(wanted | {"seq": before} if before else wanted)
    answer = msgspec.json.decode((await _asked(nc, f"$JS.API.STREAM.PURGE.{stream}", body)).data)
    if not answer.get("success"):
        raise BusUnavailable(f"cannot purge {subject}: {answer.get('error')}")
    return int(answer["purged"])


async def subjects_of(nc: Client, stream: str, wanted: str) -> set[str]:
    """The subjects of a stream's messages that fit a filter.

    Raises:
        BusUnavailable: When the broker does not answer, or does not know the stream.
    """
    return set(await subject_counts(nc, stream, wanted))


async def subject_counts(nc: Client, stream: str, wanted: str) -> dict[str, int]:
    """The subjects of a stream's messages that fit a filter, and how many each has.

    Raises:
        BusUnavailable: When the broker does not answer, or does not know the stream.
    """
    found: dict[str, int] = {}
    while True:
        body = msgspec.json.encode({"subjects_filter": wanted, "offset": len(found)})
        answer = msgspec.json.decode((await _asked(nc, f"$JS.API.STREAM.INFO.{stream}", body)).data)
        if "state" not in answer:
            raise BusUnavailable(f"cannot read {stream}: {answer.get('error')}")
        page = answer["state"].get("subjects") or {}
        found |= page
        if not page or len(found) >= answer.get("total", 0):
            return found


async def first_seq(nc: Client, stream: str) -> int:
    """The sequence of a stream's first message, or of the one that will be.

    Raises:
        BusUnavailable: When the broker does not answer, or does not know the stream.
    """
    return (await stream_state(nc, stream)).first_seq


async def stream_state(nc: Client, stream: str) -> StreamState:
    """What a stream holds.

    Raises:
        BusUnavailable: When the broker does not answer, or does not know the stream.
    """
    msg = await _asked(nc, f"$JS.API.STREAM.INFO.{stream}", b"")
    answer = msgspec.json.decode(msg.data, type=_Info)
    if answer.state is None:
        reason = answer.error.description if answer.error else "no state"
        raise BusUnavailable(f"cannot read {stream}: {reason}")
    return answer.state


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


async def ask_patiently(
    nc: Client, subject: str, body: bytes, is_passing: Callable[[Msg], bool]
) -> Msg:
    """Ask what changes nothing; a cluster is asked again while it elects a leader.

    Args:
        nc: The connection.
        subject: Whom.
        body: What.
        is_passing: Whether an answer says that there is no leader just now.

    Raises:
        BusUnavailable: When the broker does not answer.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + TIMEOUT
    within = min(TRY, TIMEOUT) if is_clustered(nc) else TIMEOUT
    while True:
        try:
            msg = await asked(nc, subject, body, within)
            if not is_passing(msg):
                return msg
            reason = "no leader"
        except (nats.errors.NoRespondersError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
        except nats.errors.Error as error:
            raise BusUnavailable(f"no answer on {subject}: {error}") from error
        if not is_clustered(nc) or loop.time() + PAUSE > until:
            raise BusUnavailable(f"no answer on {subject}: {reason}")
        await asyncio.sleep(PAUSE)


async def _asked(nc: Client, subject: str, body: bytes) -> Msg:
    try:
        return await asked(nc, subject, body, TIMEOUT)
    except (nats.errors.Error, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise BusUnavailable(f"no answer on {subject}: {reason}") from error
