"""What is cut out of the bytes of a connection is what the library's parser finds in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.protocol.parser import Parser

from runfold.bus.jetstream.client.connection import Message, header_block
from runfold.bus.jetstream.client.parser import MessageParser

Found = tuple[str | int | bytes, ...]


class Taken(Client):
    """A client that is told what a parser finds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []

    async def _process_msg(self, sid: int, *rest: Any) -> None:
        subject, reply, data, headers = rest
        self.found.append((sid, subject, reply, data, headers or b""))

    async def _process_ping(self) -> None:
        self.found.append(("ping",))

    async def _process_pong(self) -> None:
        self.found.append(("pong",))

    async def _process_err(self, err_msg: str) -> None:
        self.found.append(("err", err_msg))

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        self.found.append(("info", str(info)))

    def deliver(self, *message: Any) -> Awaitable[None] | None:
        sid, *rest = message
        if sid % 2:
            return self._process_msg(sid, *rest)
        self.found.append(message)
        return None


def found_by(parser: Parser, taken: Taken, pieces: list[bytes]) -> list[Found]:
    """What a parser finds in a stream that comes in pieces."""

    async def read() -> None:
        for piece in pieces:
            await parser.parse(piece)

    asyncio.run(read())
    return taken.found


bodies = st.one_of(
    st.binary(max_size=40), st.sampled_from([b"", b"\r\n", b"MSG a 1 2\r\nhi\r\n", b"PING\r\n"])
)
names = st.text("abc.$_-\N{LATIN SMALL LETTER E WITH ACUTE}", min_size=1, max_size=12)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """One of the protocol's lines, with its payload."""
    what = draw(st.sampled_from(["msg", "hmsg", "ping", "pong", "ok", "err", "info"]))
    subject, reply = draw(names), draw(st.one_of(st.just(""), names.map("{} ".format)))
    sid, body = draw(st.integers(0, 99)), draw(bodies)
    match what:
        case "msg":
            return f"MSG {subject} {sid} {reply}{len(body)}\r\n".encode() + body + b"\r\n"
        case "hmsg":
            headers = header_block({"Nats-Msg-Id": draw(names)})
            sizes = f"{len(headers)} {len(headers) + len(body)}"
            begin = f"HMSG {subject} {sid} {reply}{sizes}\r\n".encode()
            return begin + headers + body + b"\r\n"
        case _:
            info = b'INFO {"server_id": "x", "connect_urls": ["a", "b"]}\r\n'
            said = {"ok": b"+OK\r\n", "err": b"-ERR 'Permissions Violation'\r\n", "info": info}
            return said.get(what, what.upper().encode() + b"\r\n")


@given(st.lists(lines(), max_size=12), st.data())
def test_any_stream_in_any_pieces(written: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [
        stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]
    theirs, ours = Taken(), Taken()
    parser = MessageParser(ours, Parser(ours), ours.deliver)
    assert found_by(parser, ours, pieces) == found_by(Parser(theirs), theirs, [stream])
    assert bytes(parser.buf) == b""


def test_a_parser_goes_on_from_the_middle_of_a_message() -> None:
    taken = Taken()
    begun = Parser(taken)
    asyncio.run(begun.parse(b"MSG a 2 5\r\nhe"))
    parser = MessageParser(taken, begun, taken.deliver)
    assert found_by(parser, taken, [b"llo\r\nMSG b 2 1\r\n", b"x\r\n"]) == [
        (2, b"a", b"", b"hello", b""),
        (2, b"b", b"", b"x", b""),
    ]


def test_a_subject_with_any_bytes_but_a_space_is_one() -> None:
    taken = Taken()
    parser = MessageParser(taken, Parser(taken), taken.deliver)
    line = b"MSG a\x0b\xff.b 2 1\r\nx\r\nPING\r\n"
    assert found_by(parser, taken, [line]) == [(2, b"a\x0b\xff.b", b"", b"x", b""), ("ping",)]


def test_headers_are_read_back() -> None:
    block = header_block({"Nats-Msg-Id": "1", "A": "two\r\nlines"})
    assert Message("s", "", b"", block).headers == {"Nats-Msg-Id": "1", "A": "two lines"}
    assert header_block({}) == b""
    status = b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n"
    assert Message("s", "", b"", status).headers == {
        "Status": "100",
        "Description": "Idle Heartbeat",
        "Nats-Last-Consumer": "7",
    }
    for broken in (b"", b"x", b"NATS/1.0\r\n", b"NATS/1.0 \xff\r\n\xff: a\r\n\r\n"):
        assert Message("s", "", b"", broken).headers == {}
