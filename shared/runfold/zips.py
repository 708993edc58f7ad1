"""A zip in memory, read member by member within the bounds that a reader sets.

Nothing here writes a file, and what members mean is for who reads them. Their names are what the
zip says, absolute ones and `..` too: no path to open anything by.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Literal
from zipfile import ZipInfo

Reason = Literal["encrypted", "method", "damaged", "too_large"]

_RAISED = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    zlib.error,
    struct.error,
)
"""What `zipfile` raises for bytes that are no sound zip."""
_ENCRYPTED = 0x1
_UTF8 = 0x800
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""What is read: of bzip2 and LZMA some hundred bytes can be unpacked to gigabytes at once alone."""
_PIECE = 64 * 1024


class NotAZip(ValueError):
    """Bytes that cannot be opened as a zip. The text says why."""


class NotUnpacked(ValueError):
    """A member that is not to be had. The text says why."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Zip:
    """A zip that could be opened.

    Args:
        body: Its bytes.

    Raises:
        NotAZip: They are none, or not all of one.
    """

    def __init__(self, body: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(body))
        except _RAISED as error:
            raise NotAZip(f"its directory cannot be read: {error}") from error
        self.members: tuple[ZipInfo, ...] = tuple(self._file.infolist())
        """All of them in their order, folders too; two may have one name."""

    def read(self, member: ZipInfo, most: int) -> bytes:
        """A member's bytes, when they are no more than `most`.

        Never unpacks more than its directory says, so that a size that lies costs nothing: what
        was cut off fails its checksum.

        Raises:
            NotUnpacked: It is too large, encrypted, damaged, or packed in a way that is not known.
        """
        if member.file_size > most:
            message = f"it unpacks to {member.file_size} bytes, and {most} are left"
            raise NotUnpacked("too_large", message)
        return b"".join(self._pieces(member))

    def begin(self, member: ZipInfo, count: int) -> bytes:
        """The first bytes of a member. Raises `NotUnpacked`."""
        found = b""
        for piece in self._pieces(member):
            found += piece
            if len(found) >= count:
                break
        return found[:count]

    def _pieces(self, member: ZipInfo) -> Iterator[bytes]:
        if is_encrypted(member):
            raise NotUnpacked("encrypted", "it is encrypted")
        if member.compress_type not in _METHODS:
            message = f"it is packed by method {member.compress_type}, which is not read here"
            raise NotUnpacked("method", message)
        try:
            with self._file.open(member) as unpacking:
                while piece := unpacking.read(_PIECE):
                    yield piece
        except _RAISED as error:
            raise NotUnpacked("damaged", f"it is damaged: {error}") from error


def is_encrypted(member: ZipInfo) -> bool:
    """Whether a member can be unpacked with a password alone."""
    return bool(member.flag_bits & _ENCRYPTED)


def name_of(member: ZipInfo) -> str:
    """A member's name, `/` between folders. One that is not said to be UTF-8 and is, is read so."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name
