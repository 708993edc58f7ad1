"""Undoes a response's compression without ever holding more than was allowed. Pure.

A compressed body has an end of its own. One that ends before it is a failure, also when as many
bytes came as the server had announced.
"""

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

    def end(self) -> None:
        """Nothing more comes. Raises `NodeFailed` when the body is not whole."""


class Identity:
    """No compression."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Returns the bytes unchanged."""
        if data:
            yield data

    def end(self) -> None:
        """Does nothing: only the connection knows whether bytes are missing."""


class Unknown:
    """A compression that was not offered. Only an empty body can be read.

    Args:
        encoding: What the server calls it.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises `NodeFailed` for any byte."""
        if data:
            message = (
                f"the response is encoded as {self._encoding!r}, and only {ACCEPTED} are "
                "understood: remove 'accept-encoding' from the headers"
            )
            details = {"encoding": self._encoding}
            raise NodeFailed(message, code="http.encoding", kind="output", details=details)
        yield from ()

    def end(self) -> None:
        """Does nothing: an answer without a body (204, 304, to HEAD) may have the header."""


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
                data = data.lstrip(b"\0")  # gzip may be padded
                if not data:
                    return
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)  # the next gzip member
            try:
                piece = self._inflater.decompress(data, _PIECE)
            except zlib.error as error:
                raise _broken(str(error)) from error
            if piece:
                yield piece
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def end(self) -> None:
        """Raises `NodeFailed` when the compressed data ended in the middle."""
        if self._begun and not self._inflater.eof:
            raise _broken("it ends in the middle")


def decoder_for(content_encoding: str) -> Decoder:
    """The decoder for a `content-encoding` header.

    Stacked encodings are not understood: a kilobyte of them can stand for gigabytes.
    """
    match content_encoding.strip().lower():
        case "" | "identity":
            return Identity()
        case "gzip" | "x-gzip" | "deflate":
            return Inflate()
        case other:
            return Unknown(other)


def _broken(why: str) -> NodeFailed:
    message = f"the response's compression is broken: {why}"
    return NodeFailed(message, code="http.encoding", kind="server", retryable=True)


def _has_header(data: bytes) -> bool:
    gzip = data[:1] == b"\x1f"
    zlib_header = (
        len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and not ((data[0] << 8 | data[1]) % 31)
    )
    return gzip or zlib_header or len(data) == 1
