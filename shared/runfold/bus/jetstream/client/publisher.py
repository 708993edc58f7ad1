"""Publishing to streams without waiting: one writer, one inbox for all acks, a bounded window.

Messages go out in the order of the calls. What is not acked in time, or was under way when the
connection broke, is sent once more under the same id, so that the stream keeps one of the two. What
a cluster cannot take while it elects a stream's leader is sent again until it can, within a bound.
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec
import nats.errors
import structlog

from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.connection import Connection, Message, header_block
from runfold.bus.jetstream.client.publish_acks import PASSING, PublishAck, refusal
from runfold.bus.ports.messages import Ack
from runfold.errors import BusUnavailable, PayloadTooLarge, RunfoldError
from runfold.ids import bus_token

log = structlog.get_logger("bus")

WINDOW = 4096
"""Messages that may be under way at a time."""
ACK_TIMEOUT = 5.0
"""Seconds without an ack before a message is sent again, and before it counts as failed."""
REFUSED_FOR = 20.0
"""Seconds for which a message is sent again that no leader takes, before it counts as failed: a
cluster takes up to ten to elect one."""
RESEND_AFTER = 0.1
"""Seconds until what was refused is sent again."""
MSG_ID = "Nats-Msg-Id"


class _Message:
    __slots__ = ("body", "future", "headers", "made_at", "number", "sent_at", "silences", "subject")

    def __init__(
        self,
        number: int,
        subject: str,
        body: bytes,
        headers: bytes,
        now: float,
        future: asyncio.Future[Ack],
    ) -> None:
        self.number = number
        self.subject = subject
        self.body = body
        self.headers = headers
        self.made_at = self.sent_at = now
        self.silences = 0
        self.future = future


class Publisher:
    """The way into all streams for one connection.

    Args:
        nc: The connection.
        claims: Takes bodies over the threshold to the object store.
    """

    def __init__(self, nc: Connection, claims: ClaimCheck) -> None:
        self._nc = nc
        self._claims = claims
        self._queue: deque[_Message] = deque()
        self._writing: _Message | None = None
        """Taken from the queue, and perhaps being handed in at the object store."""
        self._under_way: dict[str, _Message] = {}
        self._refused: list[_Message] = []
        """What is sent again in a moment: before the queue, in the order of the calls."""
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._decode = msgspec.json.Decoder(PublishAck).decode
        self._count = 0
        self._accepted = 0
        self._inbox = ""
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Never done, unless publishing ended by an error of its own: the error."""
        self._over: BusUnavailable | None = None
        """Why nothing is sent any more, once that is so."""

    async def start(self) -> None:
        """Open the inbox and begin to write."""
        self._inbox = self._nc.new_inbox()
        await self._nc.receive(f"{self._inbox}.*", self._on_ack)
        self._tasks = [
            asyncio.create_task(self._write(), name="publisher-write"),
            asyncio.create_task(self._sweep(), name="publisher-sweep"),
        ]
        for task in self._tasks:
            task.add_done_callback(self._on_end)

    def send(
        self,
        subject: str,
        body: bytes,
        *,
        msg_id: str = "",
        expect_new: bool = False,
        headers: dict[str, str] | None = None,
    ) -> asyncio.Future[Ack]:
        """Send a message; the future has the broker's ack.

        Args:
            subject: A subject of one of the streams.
            body: The payload.
            msg_id: The id under which the stream keeps one message only.
            expect_new: Fail when the subject has a message already.
            headers: Further headers.

        Returns:
            A future that fails with `BusUnavailable`, `PayloadTooLarge` or `SequenceMismatch`; with
            `PayloadTooLarge` at once.
        """
        if headers or expect_new:
            said = dict(headers or ())
            if msg_id:
                said[MSG_ID] = _ascii(msg_id)
            if expect_new:
                said["Nats-Expected-Last-Subject-Sequence"] = "0"
            block = header_block(said)
        else:
            block = _id_block(msg_id)
        self._accepted += 1
        future: asyncio.Future[Ack] = self._loop.create_future()
        message = _Message(self._accepted, subject, body, block, self._loop.time(), future)
        if self._over is not None:
            self._fail(message, self._over)
            return message.future
        try:
            self._claims.check_size(body)
        except PayloadTooLarge as error:
            self._fail(message, error)
            return message.future
        if self._may_go_at_once(body):
            try:
                self._put(message, message.made_at)
            except Exception:  # noqa: BLE001 -- the writer meets it again, and ends by it
                self._hold(message)
        else:
            self._hold(message)
        return message.future

    def send_unanswered(self, subject: str, body: bytes, *, msg_id: str) -> None:
        """Send a message without asking for an ack, unless it has to wait for something.

        It is not sent again when the connection breaks. Takes what `send` takes.
        """
        if not self._may_go_at_once(body):
            self.send(subject, body, msg_id=msg_id)
            return
        try:
            self._nc.post(subject, body, "", _id_block(msg_id))
        except nats.errors.Error as error:
            log.debug("message not sent", subject=subject, reason=str(error))

    def _hold(self, message: _Message) -> None:
        self._queue.append(message)
        self._wake.set()

    def _may_go_at_once(self, body: bytes) -> bool:
        """Whether a message need not wait for one before it, nor for anything else."""
        return (
            not (self._queue or self._refused)
            and self._writing is None
            and len(self._under_way) < WINDOW
            and len(body) <= self._claims.threshold
            and bool(self._tasks)
            and self._nc.may_post
        )

    async def close(self) -> None:
        """Stop writing; what is under way fails."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def flush(self) -> None:
        """Wait until everything sent so far was answered."""
        waiting = [message.future for message in self._unanswered()]
        if waiting:
            await asyncio.wait(waiting)

    def _unanswered(self) -> list[_Message]:
        writing = [self._writing] if self._writing is not None else []
        return [*writing, *self._refused, *self._queue, *self._under_way.values()]

    async def resend(self) -> None:
        """After a reconnection: send again what was under way."""
        lost = list(self._under_way.values())
        self._under_way.clear()
        self._queue.extendleft(reversed(lost))
        self._wake.set()

    async def _write(self) -> None:
        while True:
            if self._refused:
                await asyncio.sleep(RESEND_AFTER)
                again = sorted(self._refused, key=lambda message: message.number, reverse=True)
                self._refused.clear()
                self._queue.extendleft(again)
            if not self._queue or not self._nc.is_connected:
                self._wake.clear()
                await self._wake.wait()
                continue
            if len(self._under_way) >= WINDOW:
                self._room.clear()
                await self._room.wait()
                # Room may have come with a break of the connection, which empties the queue.
                continue
            if not self._nc.may_post:
                await self._nc.written()
                continue
            message = self._writing = self._queue.popleft()
            try:
                if len(message.body) > self._claims.threshold:
                    message.body = await self._claims.hand_in(message.body)
                self._put(message, self._loop.time())
            except RunfoldError as error:
                self._fail(message, error)
            self._writing = None

    def _put(self, message: _Message, now: float) -> None:
        """Write a message to the connection, and remember it until its ack."""
        if message.future.done():
            return
        self._count += 1
        token = f"{self._inbox}.{self._count}"
        message.sent_at = now
        self._under_way[token] = message
        try:
            self._nc.post(message.subject, message.body, token, message.headers)
        except nats.errors.Error as error:
            del self._under_way[token]
            self._fail(message, BusUnavailable(f"cannot publish: {error}"))

    def _on_ack(self, msg: Message) -> None:
        message = self._under_way.pop(msg.subject, None)
        self._room.set()
        if message is None or message.future.done():
            return
        if not msg.data:
            # Nothing listens on the subject: no such stream, or one that elects its leader.
            self._again(message, BusUnavailable(f"no stream takes {message.subject}"))
            return
        ack = self._decode(msg.data)
        if ack.error is None:
            message.future.set_result(Ack(ack.seq, ack.duplicate))
        elif ack.error.err_code in PASSING:
            self._again(message, refusal(message.subject, ack.error))
        else:
            self._fail(message, refusal(message.subject, ack.error))

    def _again(self, message: _Message, error: RunfoldError) -> None:
        """Send a refused message again in a moment, unless that went on for too long."""
        if asyncio.get_running_loop().time() - message.made_at > REFUSED_FOR:
            self._fail(message, error)
            return
        self._refused.append(message)
        self._wake.set()

    async def _sweep(self) -> None:
        """Look after what was not answered."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(ACK_TIMEOUT / 5)
            late = loop.time() - ACK_TIMEOUT
            for token, message in list(self._under_way.items()):
                if message.sent_at > late:
                    break
                del self._under_way[token]
                self._room.set()
                message.silences += 1
                if message.silences > 1 or not self._nc.is_connected:
                    self._fail(message, BusUnavailable(f"no ack for {message.subject}"))
                else:
                    self._queue.appendleft(message)
                    self._wake.set()
            while self._queue and self._queue[0].sent_at < late and not self._nc.is_connected:
                self._fail(self._queue.popleft(), BusUnavailable("NATS is not reachable"))

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """Either loop has ended, as this process does or by an error: all who wait are let go."""
        if self._over is not None:
            return
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._over = BusUnavailable("the connection was closed")
        else:
            self._over = BusUnavailable(f"publishing has failed: {error!r}")
            self.failed.set_exception(error)
            self.failed.exception()  # looked at: not everybody with a bus waits for it
        for other in self._tasks:
            other.cancel()
        for message in self._unanswered():
            self._fail(message, self._over)
        if error is not None:
            log.error("publishing failed", exc_info=error)

    @staticmethod
    def _fail(message: _Message, error: RunfoldError) -> None:
        if not message.future.done():
            message.future.set_exception(error)
            # Looked at here, so that a caller who does not care is not reported as careless.
            message.future.exception()


def _ascii(msg_id: str) -> str:
    """Headers are read as ASCII; an event's id may name a node of another script."""
    return msg_id if msg_id.isascii() else bus_token(msg_id)


def _id_block(msg_id: str) -> bytes:
    """The headers of nearly every message: its id alone, if it has one."""
    if not msg_id:
        return b""
    if msg_id.isascii() and msg_id.isprintable():
        return f"NATS/1.0\r\n{MSG_ID}: {msg_id}\r\n\r\n".encode()
    return header_block({MSG_ID: _ascii(msg_id)})
