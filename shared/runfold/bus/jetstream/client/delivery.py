"""What a delivered message says about itself: its place in the stream, and how to answer for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import structlog

from runfold.contracts.codec import encode
from runfold.contracts.subjects import dead
from runfold.contracts.tasks import DeadLetter
from runfold.errors import RunfoldError, Undecodable
from runfold.ids import id_of_token

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from runfold.bus.jetstream.client.connection import Connection, Message
    from runfold.bus.jetstream.client.publisher import Publisher

log = structlog.get_logger("bus")

ACK = "$JS.ACK."
"""With this begins the reply subject of a message that a consumer has delivered."""
FIRST_NUMBER = {9: 4, 11: 6, 12: 6}
"""Tokens of such a subject → where its numbers begin; the long forms have the domain in front."""
SEQUENCE = "Nats-Sequence"
"""Header of a stored message that was asked for, or republished."""
RUN_TOKEN = 4
"""Where an event's or chunk's subject has its run."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a delivered message stands."""

    seq: int
    """In the stream."""
    consumer_seq: int
    time: float
    """Unix seconds, by the stream's clock."""
    deliveries: int
    pending: int
    """Messages that the consumer has still to deliver after this one."""


def number_in(headers: dict[str, str], name: str, default: int = 0) -> int:
    """A header's number, or the default when it has none."""
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else default


def unreadable(error: Exception) -> RunfoldError:
    """What keeps a message from being read, as an error of ours."""
    if isinstance(error, RunfoldError):
        return error
    return Undecodable(f"it cannot be read: {type(error).__name__}: {error}")


def place_if_delivered(reply: str) -> Place | None:
    """The place that the reply subject of a delivered message says, in its short or long form.

    None for a message that no consumer has delivered: any client can publish to an inbox.
    """
    if not reply.startswith(ACK):
        return None
    tokens = reply.split(".")
    first = FIRST_NUMBER.get(len(tokens))
    if first is None:
        return None
    try:
        deliveries, seq, consumer_seq, nanos, pending = map(int, tokens[first : first + 5])
    except ValueError:
        return None
    return Place(seq, consumer_seq, nanos / 1e9, deliveries, pending)


def stamped_time(text: str) -> float:
    """Unix seconds of a `Nats-Time-Stamp` header, which has nanoseconds."""
    whole, _, rest = text.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    # The same division as for the times in delivered messages, so that both give the same float.
    return (seconds * 1_000_000_000 + int(rest.ljust(9, "0"))) / 1e9


def status_of(msg: Msg | Message) -> str:
    """The status of a control message, or empty for a real one.

    A stored message may have a header of that name too, which its publisher wrote: what a consumer
    delivered, or a direct get returned, is none of the server's words.
    """
    if msg.data or place_if_delivered(msg.reply):
        return ""
    headers = msg.headers or {}
    return "" if SEQUENCE in headers else headers.get("Status", "")


class JetStreamLease:
    """A message of a work queue that is ours for the moment."""

    __slots__ = ("_nc", "_reply", "deliveries", "seq", "time")

    def __init__(self, nc: Connection, reply: str, place: Place) -> None:
        self._nc = nc
        self._reply = reply
        self.deliveries = place.deliveries
        self.seq = place.seq
        self.time = place.time

    @property
    def reachable(self) -> bool:
        """Whether the broker can be told anything right now."""
        return self._nc.is_connected

    async def ack(self) -> None:
        """Done: remove it."""
        await self._answer(b"+ACK")

    async def nak(self, delay: float = 0.0) -> None:
        """Give it back, for anybody, after `delay` seconds."""
        after = b' {"delay": %d}' % int(delay * 1e9) if delay else b""
        await self._answer(b"-NAK" + after)

    async def keep(self) -> None:
        """Still working on it."""
        await self._answer(b"+WPI")

    async def _answer(self, word: bytes) -> None:
        # Without a connection the message simply comes again, as it would for a lost answer.
        if self._nc.is_connected:
            self._nc.post(self._reply, word)


def bury(
    publisher: Publisher, stream: str, seq: int, subject: str, body: bytes, error: RunfoldError
) -> None:
    """Keep a message that cannot be read, with the reason, and go on.

    Every reader of a log comes upon the same message; its place is the letter's id, so one is kept.
    """
    log.warning("message buried", subject=subject, code=error.code, reason=str(error))
    letter = DeadLetter.of(
        body,
        source=subject,
        reason=str(error),
        code=error.code,
        service="bus",
        run_id=run_in(subject),
    )
    publisher.send(dead(stream), encode(letter), msg_id=f"dead:{stream}:{seq}")


def workflow_in(subject: str) -> str:
    """The workflow id in an event's or chunk's subject, or empty."""
    return id_of_token(subject.split(".")[RUN_TOKEN - 1]) if run_in(subject) else ""


def run_in(subject: str) -> str:
    """The run id in an event's or chunk's subject, or empty."""
    tokens = subject.split(".", RUN_TOKEN + 1)
    has_run = len(tokens) > RUN_TOKEN and tokens[1] in ("events", "chunks")
    return tokens[RUN_TOKEN] if has_run else ""
