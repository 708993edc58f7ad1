"""Archives of files: zip, tar, gzip, read within bounds and written."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping

from runfold.zips import NotAZip, NotUnpacked, Zip

MOST_BYTES = 50 * 1024 * 1024
"""Bytes of all files of an archive."""
MOST_FILES = 1000
_PACKED = frozenset(("zip", "gz", "gzip", "7z", "jpg", "jpeg", "png", "mp3", "mp4", "pdf", "xlsx"))
"""Extensions of files that do not get smaller."""


class NoArchive(ValueError):
    """Bytes that are no archive, or too large a one. The text says which."""


def unpacked(data: bytes, format_: str) -> dict[str, bytes]:
    """The files of an archive by name, in its order.

    Args:
        data: The archive.
        format_: `zip`, `tar` or `targz`.

    Raises:
        NoArchive: When it is none, or holds too much.
    """
    try:
        if format_ == "zip":
            return _unzipped(data)
        return _untarred(gunzipped(data) if format_ == "targz" else data)
    except (NotAZip, NotUnpacked, tarfile.TarError, OSError, EOFError) as error:
        message = f"the file is not an archive that can be read: {error}"
        raise NoArchive(message) from error


def gunzipped(data: bytes) -> bytes:
    """What gzip made smaller.

    Raises:
        NoArchive: When it is not gzip, or too large.
    """
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = reader.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        message = f"the file is not gzip: {error}"
        raise NoArchive(message) from error
    _check(len(found), 1)
    if not reader.eof:
        message = "the file is not gzip: it ends too early"
        raise NoArchive(message)
    return found


def gzipped(data: bytes) -> bytes:
    """Bytes made smaller by gzip, the same each time."""
    return gzip.compress(data, mtime=0)


def packed(files: Mapping[str, bytes], format_: str) -> bytes:
    """An archive of files, the same each time.

    Args:
        files: Bytes by name.
        format_: `zip`, `tar` or `targz`.
    """
    if format_ == "zip":
        return _zipped(files)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzipped(made.getvalue()) if format_ == "targz" else made.getvalue()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            is_packed = name.rpartition(".")[2].lower() in _PACKED
            way = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=way)
    return made.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    archive = Zip(data)
    members = [one for one in archive.members if not one.is_dir()]
    _check(sum(one.file_size for one in members), len(members))
    for member in members:
        found[member.filename] = archive.read(member, left)
        left -= len(found[member.filename])
    return found


def _untarred(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    size = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            if not member.isfile():
                continue
            # A file with holes is larger than what the archive has of it.
            size += member.size
            _check(size, len(found) + 1)
            reader = archive.extractfile(member)
            if reader is not None:
                found[member.name] = reader.read()
    return found


def _check(size: int, count: int) -> None:
    if size > MOST_BYTES:
        message = f"the files of the archive are larger than {MOST_BYTES} bytes"
        raise NoArchive(message)
    if count > MOST_FILES:
        message = f"the archive has more than {MOST_FILES} files"
        raise NoArchive(message)
