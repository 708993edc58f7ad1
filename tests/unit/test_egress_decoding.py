"""Compressed bodies, in pieces and never all at once."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import NodeFailed
from runfold_executor_http.decoding import decoder_for


def raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(data) + squeezer.flush()


@given(st.binary(max_size=2000), st.integers(1, 50))
@pytest.mark.parametrize(
    ("encoding", "squeeze"),
    [
        ("", bytes),
        ("Identity", bytes),
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
    ],
)
def test_what_was_squeezed_comes_back(
    encoding: str, squeeze: object, data: bytes, cut: int
) -> None:
    squeezed = squeeze(data)  # type: ignore[operator]
    if squeeze is raw_deflate:
        cut = len(squeezed)  # told from zlib by its first two bytes
    decoder = decoder_for(encoding)
    pieces = [squeezed[at : at + cut] for at in range(0, len(squeezed), cut)]
    assert b"".join(part for piece in pieces for part in decoder.feed(piece)) == data
    decoder.end()


@given(st.binary(min_size=1, max_size=2000), st.data())
@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress, raw_deflate])
def test_half_of_what_was_squeezed_is_a_failure(
    squeeze: Callable[[bytes], bytes], data: bytes, drawn: st.DataObject
) -> None:
    squeezed = squeeze(data)
    cut = drawn.draw(st.integers(1, len(squeezed) - 1))

    def read() -> None:
        decoder = decoder_for("gzip")
        list(decoder.feed(squeezed[:cut]))
        decoder.end()

    with pytest.raises(NodeFailed) as failed:
        read()
    assert (failed.value.code, failed.value.kind) == ("http.encoding", "server")
    assert failed.value.retryable


def test_the_second_member_may_be_cut_too() -> None:
    member = gzip.compress(b"one")
    decoder = decoder_for("gzip")
    assert b"".join(decoder.feed(member + member[:-3])) == b"oneone"
    with pytest.raises(NodeFailed):
        decoder.end()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", ""])
def test_nothing_may_be_sent_in_any_encoding(encoding: str) -> None:
    decoder = decoder_for(encoding)
    assert list(decoder.feed(b"")) == []
    decoder.end()


def test_padding_behind_the_end() -> None:
    decoder = decoder_for("gzip")
    pieces = (gzip.compress(b"one"), b"\0\0", b"\0")
    assert b"".join(part for piece in pieces for part in decoder.feed(piece)) == b"one"
    decoder.end()


def test_a_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    pieces = decoder_for("gzip").feed(bomb)
    assert max(len(next(pieces)) for _ in range(10)) <= 64 * 1024


def test_broken_data() -> None:
    with pytest.raises(NodeFailed) as failed:
        list(decoder_for("gzip").feed(b"this is not gzip at all"))
    assert (failed.value.code, failed.value.retryable) == ("http.encoding", True)


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_what_was_not_offered(encoding: str) -> None:
    with pytest.raises(NodeFailed, match="accept-encoding"):
        list(decoder_for(encoding).feed(b"x"))
