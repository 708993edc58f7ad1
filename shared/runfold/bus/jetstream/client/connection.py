"""The client's connection, which goes on after any bytes, and spares what is read most its queues.

nats-py ends the loop that reads a connection for good when a subject or a header is not UTF-8, and
still counts as connected: one message from any client would make every service deaf. Such bytes
are replaced here; the reader of the message finds that it is not one of ours.

Its flush proves nothing: the ping is written at once and overtakes what was sent before. A service
was thought to be listening, and a drained subscription to be over, before the server knew. Here a
ping waits its turn.

A message passes two queues and four coroutines of the library on its way in, and nearly as many on
its way out. What the bus reads and writes most goes by `receive` and `post`, which have none, and
which the library's statistics do not count.

Private methods of the library are overridden, which a test holds against its releases.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import msgspec
import nats.errors
import structlog
from nats.aio.client import PING_PROTO, Client
from nats.aio.subscription import Subscription
from nats.protocol.parser import Parser
from typing_extensions import override

from runfold.bus.jetstream.client.parser import MessageParser

log = structlog.get_logger("bus")

FULL = 4 * 1024 * 1024
"""Bytes sent from which on a publisher waits until the server has taken most of them."""
TURNS = 4
"""Turns of the event loop for which what is sent waits, as long as each brings more."""
MANY = 32
"""Messages that are written without waiting for more: others work while this process goes on."""
_LINE_END = re.compile(r"[\r\n]+")
_STATUS = re.compile(rb"NATS/1\.0[ ]+(\d{3})(?: ([^\r\n]*))?\r\n")


class Message(msgspec.Struct, gc=False):
    """A message as it came."""

    subject: str
    reply: str
    data: bytes
    raw_headers: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, and `Status` and `Description` where the server says something itself."""
        if not self.raw_headers:
            return {}
        found: dict[str, str] = {}
        said = _STATUS.match(self.raw_headers)
        if said is not None:
            found["Status"] = said[1].decode()
            if said[2]:
                found["Description"] = said[2].decode("utf-8", "replace")
        for line in self.raw_headers.split(b"\r\n")[1:]:
            name, colon, value = line.partition(b":")
            if colon and name.isascii():
                found[name.strip().decode()] = value.strip().decode("utf-8", "replace")
        return found


def header_block(headers: Mapping[str, str]) -> bytes:
    """Headers as they go over the wire; none for no headers. A value is one line."""
    if not headers:
        return b""
    block = "NATS/1.0\r\n"
    for name, value in headers.items():
        one_line = value if value.isprintable() else _LINE_END.sub(" ", value)
        block += f"{name}: {one_line}\r\n"
    return f"{block}\r\n".encode()


Receive = Callable[[Message], None]


class Connection(Client):
    """A NATS client that no message can end, and that hands messages on without a queue."""

    @classmethod
    def of(cls, client: Client) -> Connection:
        """A connected client; the libraries that connect make one of nats-py's own class."""
        if isinstance(client, cls):
            return client  # FastStream connects, and connects again when it starts
        client.__class__ = cls
        connection = cast("Connection", client)
        connection.take_over()
        return connection

    def take_over(self) -> None:
        """Begin to read and hand on messages in our own way."""
        self._receivers: dict[int, Receive] = {}
        self._writes_soon = False
        self._undrained = 0
        """Bytes written since it was last waited for that the server takes them."""
        self._loop_here = asyncio.get_running_loop()
        self._seen, self._turns = 0, 0
        self._ps: Parser = MessageParser(self, self._ps, self.deliver)

    # --- what comes -------------------------------------------------------------------------------

    async def receive(self, subject: str, receive: Receive) -> Subscription:
        """Subscribe with a function that is called at once for each message, and must not wait."""
        sid = self._sid + 1
        self._receivers[sid] = receive  # a message may come before `subscribe` returns
        try:
            return await self.subscribe(subject)
        except BaseException:
            self._receivers.pop(sid, None)
            raise

    def deliver(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> Awaitable[None] | None:
        """Hand on a message; what is returned is to be awaited."""
        receive = self._receivers.get(sid)
        if receive is None:
            return self._process_msg(sid, subject, reply, data, headers)
        try:
            receive(Message(_text(subject), _text(reply), data, headers))
        except Exception:
            log.exception("message could not be taken", subject=_text(subject))
        return None

    @override
    def _remove_sub(self, sid: int, max_msgs: int = 0) -> None:
        self._receivers.pop(sid, None)
        super()._remove_sub(sid, max_msgs)

    @override
    async def _process_headers(self, headers: Any) -> Any:
        try:
            return await super()._process_headers(headers)
        except Exception as error:  # noqa: BLE001 -- bytes from anybody
            log.warning("headers cannot be read", reason=str(error))
            return None

    @override
    def _build_message(self, sid: Any, subject: Any, reply: Any, data: Any, headers: Any) -> Any:
        whole = (_text(subject).encode(), _text(reply).encode())
        return super()._build_message(sid, *whole, data, headers)

    # --- what goes --------------------------------------------------------------------------------

    @property
    def may_post(self) -> bool:
        """Whether there is a server, and it takes what is sent as fast as that comes."""
        return self.is_connected and self._pending_data_size + self._undrained < FULL

    def post(self, subject: str, body: bytes, reply: str = "", headers: bytes = b"") -> None:
        """Publish at once, without waiting; see `may_post`.

        Args:
            subject: Where to.
            body: The payload.
            reply: A reply subject.
            headers: A whole block of headers, as it goes over the wire.

        Raises:
            nats.errors.Error: The client is not connected, the subject has a blank, or the message
                is larger than the server takes.
        """
        if not self.is_connected:
            raise nats.errors.ConnectionClosedError
        if subject.split() != [subject] or (reply and reply.split() != [reply]):
            raise nats.errors.BadSubjectError
        size = len(headers) + len(body)
        if size > self._max_payload:
            raise nats.errors.MaxPayloadError
        sizes = f"{len(headers)} {size}" if headers else size
        line = f"{'HPUB' if headers else 'PUB'} {subject} {reply} {sizes}\r\n".encode()
        command = b"".join((line, headers, body, b"\r\n"))
        self._pending.append(command)
        self._pending_data_size += len(command)
        if len(self._pending) >= MANY:
            self._write_now()
        elif not self._writes_soon:
            self._writes_soon = True
            self._seen, self._turns = len(self._pending), 0
            self._loop_here.call_soon(self._write_posted)

    def _write_posted(self) -> None:
        """Write all that was sent since the last time, once no more comes."""
        if len(self._pending) != self._seen and self._turns < TURNS:
            self._seen, self._turns = len(self._pending), self._turns + 1
            self._loop_here.call_soon(self._write_posted)
            return
        self._writes_soon = False
        self._write_now()

    def _write_now(self) -> None:
        if self.is_connected and self._pending and self._transport is not None:
            data = b"".join(self._pending)
            self._pending, self._pending_data_size = [], 0
            self._undrained += len(data)
            self._transport.write(data)

    @override
    async def _connect_to_server(self, s: Any) -> None:
        # The library leaves the socket of an attempt that failed to the garbage collector.
        if self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]
        await super()._connect_to_server(s)

    @override
    async def close(self) -> None:
        if not self.is_connected:
            # What waits for a server would be written to the broken transport.
            self._pending, self._pending_data_size = [], 0
        await super().close()

    async def written(self) -> None:
        """Wait until what was sent so far has gone to the server but for a rest, or cannot."""
        self._write_now()
        if self.is_connected and self._transport is not None:
            try:
                await self._transport.drain()  # type: ignore[no-untyped-call]
            except OSError as error:
                log.debug("connection lost", reason=str(error))
        self._undrained = 0

    @override
    async def _send_ping(self, future: asyncio.Future[bool] | None = None) -> None:
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self._send_command(PING_PROTO)
        await self._flush_pending()

    @override
    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():  # no longer waited for: the loop would end by it
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


def _text(name: bytes) -> str:
    """A subject as text; what is not UTF-8 is replaced."""
    return name.decode("utf-8", "replace")
