"""Compressed bodies, in pieces and never all at once."""

from __future__ import annotations

import gzip
import zlib

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
        decoder_for(encoding)
