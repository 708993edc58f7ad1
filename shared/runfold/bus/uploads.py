"""Storing a file with all that its value says, and looking whether values' bytes are there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from runfold.bus.ports.files import Files
from runfold.errors import InvalidFile
from runfold.values.files import FileValue, clean_name
from runfold.values.media_types import LONGEST_SIGNATURE, chosen, fits, media_type_of, sniffed


async def store_file(
    files: Files, parts: AsyncIterator[bytes], *, name: str, media_type: str = "", limit: int = 0
) -> FileValue:
    """Store bytes; returns the value that stands for them.

    Args:
        files: The store.
        parts: The bytes.
        name: The file's name; a path before it is taken off.
        media_type: As it is declared; empty: by the bytes, else by the name.
        limit: How many bytes there may be; 0: any number.

    Raises:
        InvalidFile: `file.media_type`: no media type, or another than the bytes show.
        PayloadTooLarge: `file.too_large`.
        BusUnavailable: The store cannot be reached, or is full.
    """
    declared = media_type_of(media_type)
    if media_type and not declared:
        raise _unfit(f"{media_type[:100]!r} is not a media type", media_type[:100], "")
    head, rest = await _begun(parts)
    shown = sniffed(head)
    found = chosen(declared, name, head)
    if not fits(found, shown):
        raise unfit(clean_name(name, found), found, shown)
    name = clean_name(name, found)
    stored = await files.put(
        _joined(head, rest), name=name, media_type=found, shown=shown, limit=limit
    )
    return FileValue(stored.sha256, name, found, stored.size)


def unfit(name: str, declared: str, shown: str) -> InvalidFile:
    """An error for bytes of another media type than is said of them."""
    what = f"the bytes are {shown}" if shown else "the bytes are not"
    return _unfit(f"file {name!r} is declared as {declared}; {what}", declared, shown)


def _unfit(message: str, declared: str, shown: str) -> InvalidFile:
    details = {"declared": declared, "shown": shown}
    return InvalidFile(message, code="file.media_type", details=details)


async def _begun(parts: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The beginning, as much as shows a media type, and the rest."""
    head = bytearray()
    while len(head) < LONGEST_SIGNATURE:
        part = await anext(parts, None)
        if part is None:
            break
        head += part
    return bytes(head), parts


async def _joined(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if head:
        yield head
    async for part in rest:
        yield part
