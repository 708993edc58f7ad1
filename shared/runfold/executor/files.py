"""An attempt's files: `ctx.files`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import structlog

from runfold.background import end
from runfold.bus.ports.files import Files
from runfold.bus.uploads import checked_file, store_file
from runfold.errors import BusUnavailable, InvalidFile, NodeFailed, NotFound, PayloadTooLarge
from runfold.settings import Settings
from runfold.values.files import FileValue, read_file

TOUCHES = 4
"""Times that a file of an attempt is touched within the time for which unnamed bytes are kept."""

log = structlog.get_logger("executor")


class AttemptFiles:
    """Reads and writes the bytes of file values.

    Args:
        store: Where they are.
        settings: Limits.
    """

    def __init__(self, store: Files, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._written: set[str] = set()
        self._keeping: asyncio.Task[None] | None = None

    async def checked(self, value: Any) -> FileValue:
        """A file value taken apart, whose bytes are there and are what it says.

        Raises:
            NodeFailed: `file.invalid`, `file.not_found` or `file.media_type`.
            BusUnavailable: The store cannot be reached.
        """
        try:
            return await checked_file(self._store, value)
        except InvalidFile as error:
            raise _failed(error) from error

    async def read(self, value: Any, *, limit: int = 0) -> bytes:
        """All bytes of a file.

        Args:
            value: A file value.
            limit: How many there may be; 0: `RUNFOLD_FILE_READ_LIMIT`.

        Raises:
            NodeFailed: `file.invalid` for what is no file value, `file.not_found` for bytes that
                are not there, `file.too_large` over the limit.
            BusUnavailable: The store cannot be reached.
        """
        file = _read(value)
        limit = limit or self._settings.file_read_limit
        if file.size > limit:
            raise _over(file, limit)
        body = bytearray()
        async for piece in self._pieces(file):
            body += piece
            if len(body) > limit:
                raise _over(file, limit)
        return bytes(body)

    async def open(self, value: Any) -> AsyncIterator[bytes]:
        """The bytes of a file, piece by piece. Raises what `read` raises, but for the limit."""
        async for piece in self._pieces(_read(value)):
            yield piece

    async def write(
        self, body: bytes | AsyncIterator[bytes], *, name: str, media_type: str = ""
    ) -> dict[str, Any]:
        """Store a file; returns its value, to be put into outputs.

        Args:
            body: Its bytes.
            name: Its name; a path before it is taken off.
            media_type: Empty: by its bytes, else by its name.

        Raises:
            NodeFailed: `file.too_large` over `RUNFOLD_FILE_LIMIT`; `file.media_type` when the bytes
                are of another media type than is said.
            BusUnavailable: The store cannot be reached, or is full.
        """
        parts = _once(body) if isinstance(body, bytes) else body
        limit = self._settings.file_limit
        try:
            stored = await store_file(
                self._store, parts, name=name, media_type=media_type, limit=limit
            )
        except (InvalidFile, PayloadTooLarge) as error:
            raise _failed(error) from error
        self._written.add(stored.sha256)
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())
        return stored.value()

    async def close(self) -> None:
        """Keep what was written no longer: the result names it now, or nothing will."""
        if self._keeping is not None:
            await end(self._keeping)

    async def _keep(self) -> None:
        """Touch what was written, as long as nothing names it: an attempt may take days."""
        while True:
            await asyncio.sleep(self._settings.file_expiry / TOUCHES)
            for sha256 in tuple(self._written):
                try:
                    await self._store.touch(sha256)
                except BusUnavailable as error:
                    log.warning("file not touched", sha256=sha256, reason=str(error))

    async def _pieces(self, file: FileValue) -> AsyncIterator[bytes]:
        try:
            async for piece in self._store.read(file.sha256):
                yield piece
        except NotFound as error:
            raise _failed(error) from error


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _read(value: Any) -> FileValue:
    try:
        return read_file(value)
    except InvalidFile as error:
        raise _failed(error) from error


def _failed(error: InvalidFile | NotFound | PayloadTooLarge) -> NodeFailed:
    return NodeFailed(error.message, code=error.code, kind=error.kind, details=error.details)


def _over(file: FileValue, limit: int) -> NodeFailed:
    message = f"file {file.name!r} of {file.size} bytes is larger than the {limit} read at once"
    details = {"file": file.sha256, "limit": limit}
    return NodeFailed(message, code="file.too_large", kind="limit", details=details)
