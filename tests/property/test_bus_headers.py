"""Headers are read as the client library reads them."""

from __future__ import annotations

import importlib

import nats.aio.client
from hypothesis import example, given
from hypothesis import strategies as st

from runfold.bus.jetstream.client.headers import parse_header_lines

# As the library has it, whatever this process has put in its place.
theirs = importlib.util.module_from_spec(nats.aio.client.__spec__)
nats.aio.client.__spec__.loader.exec_module(theirs)  # type: ignore[union-attr]
LINES = st.lists(st.binary(max_size=30) | st.sampled_from([b"Nats-Msg-Id: a:b", b":", b"A b: c"]))


@given(LINES)
@example([b"Nats-Stream:  EVENTS \t", b"Nats-Stream: twice", b"\xff: x", b"x: \xff\xfe"])
@example([b"no colon", b" padded : v", b"in\x0bside: v", b"\xc2\xa0: v"])
def test_as_the_library_does(lines: list[bytes]) -> None:
    raw = b"\r\n".join(lines)
    assert parse_header_lines(raw) == theirs.Client._parse_header_lines(raw)
