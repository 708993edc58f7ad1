"""Storing a file with all that its value says, and looking whether values' bytes are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from runfold.bus.ports.files import Files, StoredFile
from runfold.errors import InvalidFile
from runfold.values.files import FileValue, clean_name, files_in, may_have_files, read_file
from runfold.values.media_types import LONGEST_SIGNATURE, chosen, fits, media_type_of, sniffed

MOST_FILES = 1000
"""Files that inputs, an answer or an event may have."""


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


async def checked_files(files: Files, value: Any, place: str) -> Any:
    """A JSON value with its files written in full, when the bytes of each are there, and held.

    Args:
        files: The store.
        value: Any JSON value.
        place: What the value is, for messages: `inputs`.

    Raises:
        InvalidFile: `file.invalid`, `file.not_found` or `file.media_type`, with the place.
        BusUnavailable: The store cannot be reached.
    """
    if not may_have_files(value):
        return value
    found = list(files_in(value, place))
    if not found:
        return value
    if len(found) > MOST_FILES:
        message = f"{place}: {len(found)} files; at most {MOST_FILES} are taken"
        raise InvalidFile(message, code="file.too_many", details={"path": place})
    known: dict[str, StoredFile | None] = {}
    replaced: dict[int, dict[str, Any]] = {}
    for where, one in found:
        try:
            file = read_file(one)
            if file.sha256 not in known:
                known[file.sha256] = await files.hold(file.sha256)
            _check(file, known[file.sha256])
        except InvalidFile as error:
            details = {**error.details, "path": where}
            message = f"{where}: {error.message}"
            raise InvalidFile(message, code=error.code, details=details) from error
        replaced[id(one)] = file.value()
    return _with(value, replaced)


async def checked_file(files: Files, value: Any) -> FileValue:
    """One file value, taken apart, when its bytes are there. Raises as `checked_files`."""
    file = read_file(value)
    _check(file, await files.find(file.sha256))
    return file


def _check(file: FileValue, stored: StoredFile | None) -> None:
    if stored is None:
        message = f"there are no bytes of file {file.name!r} ({file.sha256}): upload it"
        raise InvalidFile(message, code="file.not_found", details={"file": file.sha256})
    if file.size != stored.size:
        message = f"file {file.name!r} has {stored.size} bytes, not {file.size}"
        raise InvalidFile(message, details={"file": file.sha256, "field": "size"})
    if not fits(file.media_type, stored.shown):
        raise unfit(file.name, file.media_type, stored.shown)


def _with(value: Any, replaced: dict[int, dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        if id(value) in replaced:
            return replaced[id(value)]
        return {key: _with(inner, replaced) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with(inner, replaced) for inner in value]
    return value
