"""The parts of a `multipart/form-data` body (RFC 7578), files in between."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec

from runfold.values.files import FileValue


class Piece(msgspec.Struct, frozen=True):
    """One part of a form."""

    name: str
    body: bytes | FileValue
    filename: str = ""
    media_type: str = ""


def multipart(pieces: Iterable[Piece]) -> tuple[list[bytes | FileValue], str]:
    """The body, and its content type with the boundary."""
    boundary = f"runfold-{secrets.token_hex(16)}"
    written: list[bytes | FileValue] = []
    for piece in pieces:
        about = f'Content-Disposition: form-data; name="{_quoted(piece.name)}"'
        if piece.filename:
            about += f'; filename="{_quoted(piece.filename)}"'
        if piece.media_type:
            about += f"\r\nContent-Type: {_quoted(piece.media_type)}"
        written += [f"--{boundary}\r\n{about}\r\n\r\n".encode(), piece.body, b"\r\n"]
    written.append(f"--{boundary}--\r\n".encode())
    return written, f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """Text inside quotation marks, as browsers write it: nothing in it ends a header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
