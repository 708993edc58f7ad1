"""Bodies of `multipart/form-data` (RFC 7578), whole in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec


class Piece(msgspec.Struct, frozen=True):
    """One part with its bytes."""

    name: str
    body: bytes
    filename: str = ""
    media_type: str = ""


def multipart(pieces: Iterable[Piece]) -> tuple[bytes, str]:
    """The body, and its content type with the boundary."""
    boundary = f"runfold-{os.urandom(16).hex()}"
    written = bytearray()
    for piece in pieces:
        about = f'Content-Disposition: form-data; name="{_quoted(piece.name)}"'
        if piece.filename:
            about += f'; filename="{_quoted(piece.filename)}"'
        if piece.media_type:
            about += f"\r\nContent-Type: {_quoted(piece.media_type)}"
        written += f"--{boundary}\r\n{about}\r\n\r\n".encode()
        written += piece.body + b"\r\n"
    written += f"--{boundary}--\r\n".encode()
    return bytes(written), f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """Text inside quotation marks, as browsers write it: nothing in it ends a header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
