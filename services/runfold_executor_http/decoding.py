"""Undoes a response's compression without ever holding more than was allowed. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

from runfold.errors import NodeFailed

ACCEPTED = "gzip, deflate"
"""What requests offer in `accept-encoding`."""

_PIECE = 64 * 1024
"""Most bytes decompressed before the caller can count them."""
_GZIP_OR_ZLIB = 47
_RAW = -15


class Decoder(Protocol):
    """Turns received bytes into the body's."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pieces of the body, each of bounded size."""


class Identity:
    """No compression."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes as they are."""
        if data:
            yield data


class Inflate:
    """gzip, zlib, or the bare deflate that some servers send."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress piece by piece. Raises `NodeFailed` for data that is not compressed so."""
        if data and not self._begun:
            self._begun = True
            if not _has_header(data):
                self._inflater = zlib.decompressobj(_RAW)
        while data:
            if self._inflater.eof:
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)  # the next gzip member
            try:
                piece = self._inflater.decompress(data, _PIECE)
            except zlib.error as error:
                message = f"the response's compression is broken: {error}"
                raise NodeFailed(
                    message, code="http.encoding", kind="server", retryable=True
                ) from error
            if piece:
                yield piece
            data = self._inflater.unconsumed_tail or self._inflater.unused_data.lstrip(b"\0")


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder for a `content-encoding` header.

    Raises:
        NodeFailed: `http.encoding`, for one that was not offered. Stacked encodings are refused:
            a kilobyte of them can stand for gigabytes.
    """
    match content_encoding.strip().lower():
        case "" | "identity":
            return Identity()
        case "gzip" | "x-gzip" | "deflate":
            return Inflate()
        case other:
            message = (
                f"the response is encoded as {other!r}, and only {ACCEPTED} are understood: "
                "remove 'accept-encoding' from the headers"
            )
            raise NodeFailed(
                message, code="http.encoding", kind="output", details={"encoding": other}
            )


def _has_header(data: bytes) -> bool:
    gzip = data[:1] == b"\x1f"
    zlib_header = (
        len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and not ((data[0] << 8 | data[1]) % 31)
    )
    return gzip or zlib_header or len(data) == 1
