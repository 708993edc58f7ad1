"""Documents that lie in a zip: text of JSON and YAML, each a file of its own.

What is read is bounded.
"""

from __future__ import annotations

import io
import zipfile
import zlib

MOST_MEMBERS = 500
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of all members together, unpacked."""
_SUFFIXES = (".yml", ".yaml", ".json")
_RAISED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError)


def texts_in(body: bytes) -> list[tuple[str, bytes]]:
    """The members of a zip that may be documents, in its order: name without suffix, and bytes.

    A member that cannot be unpacked, and what is past the bounds, is left out; of bytes that are
    no zip there is none.
    """
    found: list[tuple[str, bytes]] = []
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.infolist()[:MOST_MEMBERS]:
                name = member.filename.replace("\\", "/").rpartition("/")[2]
                stem, _, suffix = name.rpartition(".")
                # What a Mac adds for each file has a name that begins with a dot.
                if member.is_dir() or f".{suffix.lower()}" not in _SUFFIXES or not stem.strip("._"):
                    continue
                if name.startswith(".") or member.file_size > left:
                    continue
                # No more is unpacked than is said, and that counts for what is broken as well.
                left -= member.file_size
                if read := _read(archive, member):
                    found.append((stem, read))
    except _RAISED:
        return found
    return found


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(member)
    except _RAISED:
        return b""
