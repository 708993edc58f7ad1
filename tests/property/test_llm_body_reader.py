"""However a body is cut into pieces, its messages are the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold_executor_llm.response_body import BodyReader, Message

_FRAGMENTS = st.sampled_from(
    [
        b"data: ",
        b"data:",
        b"event: error",
        b"id: 7",
        b"retry: 10",
        b": comment",
        b"\n",
        b"\r\n",
        b"\r",
        b"[DONE]",
        b'{"a": 1}',
        b"x",
        b" ",
        "日本".encode(),
        b"\xef\xbb\xbf",
        b"<html>",
    ]
)
_BODIES = st.lists(_FRAGMENTS, max_size=16).map(b"".join)


def read(pieces: list[bytes]) -> list[Message]:
    reader = BodyReader()
    found = [message for piece in pieces for message in reader.feed(piece)]
    return [*found, *reader.finish()]


@given(_BODIES, st.lists(st.integers(0, 80), max_size=8))
def test_the_cut_does_not_matter(body: bytes, cuts: list[int]) -> None:
    borders = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    whole = read([body])
    assert read([body[a:b] for a, b in pairwise(borders)]) == whole
    assert read([body[at : at + 1] for at in range(len(body))]) == whole


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        (b"data: a\n\n", [Message(b"a")]),
        (b"data:a\r\n\r\n", [Message(b"a")]),
        (b"data: a\rdata: b\r\r", [Message(b"a\nb")]),
        (b": hi\n\nevent: error\ndata: a\n\n", [Message(b"a", "error")]),
        (b"event: ping\n\ndata: a\n\n", [Message(b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Message(b"a")]),
        (b"\n\n\ndata: a\n\n", [Message(b"a")]),
        (b"data: a\n\ndata: [DONE]", [Message(b"a"), Message(b"[DONE]", form="done", is_cut=True)]),
        (b"data: a\n", [Message(b"a")]),
        (b'data: {"a', [Message(b'{"a', is_cut=True)]),
        (b'{"a": 1}', [Message(b'{"a": 1}', form="whole")]),
        (b' \n{"a": 1}\n', [Message(b'{"a": 1}\n', form="whole")]),
        (b'{"a": 1', [Message(b'{"a": 1', form="whole", is_cut=True)]),
        (b'{"a": 1}\n\ndata: [DONE]\n\n', [Message(b'{"a": 1}', form="whole")]),
        (b"<html>", [Message(b"<html>", form="other")]),
        (b"", [Message(b"", form="other")]),
    ],
)
def test_bodies(body: bytes, messages: list[Message]) -> None:
    assert read([body]) == messages
