"""Reads the protocol's messages from what a socket gave, as many as are whole in one pass.

The library's parser matches each line with a regular expression and moves the rest of its buffer
for each message. Here a message is cut out of the bytes where it lies. Every other line of the
protocol is the library's to read. docs/adr/0037-the-hot-path-passes-the-clients-queues.md has the
figures.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser
from typing_extensions import override

Deliver = Callable[[int, bytes, bytes, bytes, bytes], Awaitable[None] | None]
"""Takes subscription, subject, reply subject, body and headers; what it returns is awaited."""
_CRLF = b"\r\n"
SHORT = 3
"""Words of a message's line without a reply subject and without headers: `subject sid size`."""


class MessageParser(Parser):
    """A connection's parser.

    Args:
        client: Reads every other line.
        begun: The parser that it replaces, which may have part of a message.
        deliver: Takes the messages.
    """

    def __init__(self, client: Client, begun: Parser, deliver: Deliver) -> None:
        self._resets = 0
        super().__init__(client)
        self._deliver = deliver
        self.buf, self.state, self.msg_arg = begun.buf, begun.state, begun.msg_arg
        self.needed, self.header_needed = begun.needed, begun.header_needed

    @override
    def reset(self) -> None:
        self._resets += 1
        super().reset()

    @override
    async def parse(self, data: bytes = b"") -> None:
        if self.state != AWAITING_CONTROL_LINE:
            await super().parse(data)
            return
        buffer = bytes(self.buf) + data if self.buf else data
        at, end, resets = 0, len(buffer), self._resets
        while (line_end := buffer.find(_CRLF, at)) >= 0:
            found = _place(buffer, at, line_end)
            if found is None:
                # The library reads it, or says what is wrong with it.
                at, line = line_end + 2, buffer[at : line_end + 2]
                self.buf = bytearray(line)
                await super().parse()
                if self.state != AWAITING_CONTROL_LINE:
                    await super().parse(buffer[at:])
                    return
            else:
                sid, subject, reply, header_size, size = found
                body = line_end + 2
                after = body + size
                if after + 2 > end:
                    break
                middle, at = body + header_size, after + 2
                headers = buffer[body:middle]
                waits = self._deliver(sid, subject, reply, buffer[middle:after], headers)
                if waits is None:
                    continue
                await waits
            if self._resets != resets:
                return  # the connection is a new one: what is left here was the old one's
        self.buf = bytearray(buffer[at:])


def _place(buffer: bytes, at: int, line_end: int) -> tuple[int, bytes, bytes, int, int] | None:
    """What a message's line says: subscription, subject, reply subject, sizes of headers and all.

    None for another line, and for one that does not say it as the server does.
    """
    if buffer.startswith(b"MSG ", at):
        words, headers = buffer[at + 4 : line_end].split(b" "), 0
    elif buffer.startswith(b"HMSG ", at):
        words, headers = buffer[at + 5 : line_end].split(b" "), 1
    else:
        return None
    has_reply = len(words) - headers - SHORT
    if has_reply not in (0, 1):
        return None
    try:
        size, sid = int(words[-1]), int(words[1])
        header_size = int(words[-2]) if headers else 0
    except ValueError:
        return None
    return sid, words[0], words[2] if has_reply else b"", header_size, size
