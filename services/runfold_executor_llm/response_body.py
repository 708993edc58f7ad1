"""The body of a model's answer as messages: one JSON value, or server-sent events. Pure.

Servers label one as the other, or not at all, so the bytes tell which it is. Nothing is held beyond
a bound: neither a line without an end nor a web page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from runfold.contracts.json_reader import VALUE

LONGEST = VALUE.size // 2
"""Bytes of one message."""
LONGEST_BODY = 1024 * 1024 * 1024
"""Bytes of a whole stream: a chunk of a few letters may come in a kilobyte of JSON."""
_SHOWN = 64 * 1024
"""Bytes kept of a body that is neither."""
_ENOUGH = 16
"""Bytes that show what a body is, when its first line has not ended by then."""

_LINE = 16
"""Bytes that a line of a message counts for beside its text."""
_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"(?:\s|\xef\xbb\xbf)+")
_EVENT = re.compile(rb"(?:data|event|id|retry)?:")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_DONE = b"[DONE]"
_DONE_AFTER_JSON = re.compile(rb"\s*data:\s*\[DONE\]\s*\Z")


class TooLong(Exception):
    """A message or a body is over its bound."""


class Message(msgspec.Struct, frozen=True):
    """One message of the body."""

    data: bytes
    event: str = ""
    """The event's name, where the server gave one."""
    form: Literal["chunk", "whole", "other", "done"] = "chunk"
    """`whole`: the body is this one value. `other`: the body is neither JSON nor events, and this
    is its beginning. `done`: the mark after the last chunk."""
    is_cut: bool = False
    """Whether the body ended inside it."""


class BodyReader:
    """Cuts a body that arrives in pieces of any size into messages."""

    def __init__(self) -> None:
        self._form: Literal["", "events", "whole", "other"] = ""
        self._buffer = bytearray()
        self._size = 0
        self._searched = 0
        """Bytes of the buffer known to hold no end of a line."""
        self._event = ""
        self._data: list[bytes] = []
        self._held = 0
        """Bytes in `_data`."""

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Add bytes, and return the messages that are complete now. Raises `TooLong`."""
        self._size += len(piece)
        if self._size > LONGEST_BODY:
            raise TooLong
        if self._form == "other" and len(self._buffer) >= _SHOWN:
            return
        self._buffer += piece
        if not self._form:
            self._find_form()
        if len(self._buffer) + self._held > LONGEST:
            raise TooLong
        if self._form == "events":
            for line in self._lines():
                yield from self._take(line)

    def finish(self) -> Iterator[Message]:
        """Return what is left, once the body has ended."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        if self._form == "events":
            rest = rest.removesuffix(b"\r")
            if rest:
                yield from self._take(rest)
            for message in self._take(b""):
                yield msgspec.structs.replace(message, is_cut=bool(rest))
        elif self._form == "whole":
            body = _DONE_AFTER_JSON.sub(b"", rest)
            is_cut = not body.rstrip().endswith((b"}", b"]"))
            yield Message(body, form="whole", is_cut=is_cut)
        else:
            yield Message(rest[:_SHOWN], form="other")

    def _find_form(self) -> None:
        """Set the form of the body, once its first bytes show it."""
        # Servers send empty lines while a model has not begun.
        if begins := _SPACE.match(self._buffer):
            del self._buffer[: begins.end()]
        start = bytes(self._buffer)
        if _MARK.startswith(start):
            return
        if start[:1] in (b"{", b"["):
            self._form = "whole"
        elif _EVENT.match(start):
            self._form = "events"
        elif len(start) >= _ENOUGH or b"\n" in start:
            self._form = "other"

    def _lines(self) -> list[bytes]:
        """The lines that have ended."""
        buffer, lines, start = self._buffer, [], 0
        for found in _LINE_END.finditer(buffer, self._searched):
            if found[0] == b"\r" and found.end() == len(buffer):
                break  # a line feed may follow
            lines.append(bytes(buffer[start : found.start()]))
            start = found.end()
        del buffer[:start]
        self._searched = len(buffer) - buffer.endswith(b"\r")
        return lines

    def _take(self, line: bytes) -> Iterator[Message]:
        if not line:
            data, event = b"\n".join(self._data), self._event
            had_data, self._data, self._event, self._held = bool(self._data), [], "", 0
            if had_data:
                is_done = data.strip().startswith(_DONE)
                yield Message(data, event, "done" if is_done else "chunk")
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._held += len(value) + _LINE
        elif name == b"event":
            self._event = value.decode(errors="replace").strip()
