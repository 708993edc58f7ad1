"""The store of files' bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

import msgspec

from runfold.errors import NotFound, PayloadTooLarge


class StoredFile(msgspec.Struct, frozen=True):
    """What is kept with a file's bytes."""

    sha256: str
    size: int
    name: str
    """As it was stored last; each value that names the bytes has a name of its own."""
    media_type: str
    """As it was stored last."""
    shown: str
    """The media type that its first bytes show; empty when they show none."""
    time: float
    """Unix seconds at which it was stored last, or touched."""
    stored_at: float | None = None
    """Unix seconds at which it was stored last; None: an earlier release stored it."""


class PlacedFile(msgspec.Struct, frozen=True):
    """A file and its place in the order of `time`."""

    seq: int
    """A higher one once it was stored again or touched."""
    file: StoredFile


class Files(Protocol):
    """Bytes of files, by their sha256."""

    async def put(
        self, parts: AsyncIterator[bytes], *, name: str, media_type: str, shown: str, limit: int = 0
    ) -> StoredFile:
        """Store bytes, once; what is there already is touched.

        Args:
            parts: The bytes.
            name: Kept with them.
            media_type: Kept with them.
            shown: The media type that their beginning shows.
            limit: How many there may be; 0: any number.

        Raises:
            PayloadTooLarge: `file.too_large`; nothing is left of them.
            BusUnavailable: The broker is away or full.
        """

    async def find(self, sha256: str) -> StoredFile | None:
        """What is known of a file, or None."""

    def read(self, sha256: str, *, skip: int = 0) -> AsyncGenerator[bytes, None]:
        """A file's bytes from one on, piece by piece.

        Raises:
            NotFound: `file.not_found`.
        """

    async def newest(self, *, limit: int, before: int | None = None) -> list[PlacedFile]:
        """The files that were stored or touched last, the newest first.

        Args:
            limit: How many at most.
            before: Only those with a lower place; None: all.
        """

    async def hold(self, sha256: str) -> StoredFile | None:
        """The same of a file that is about to be named: it is kept for a while, named or not."""

    async def touch(self, sha256: str) -> bool:
        """Make a file young, as if it was stored just now; False when there is none."""


def unknown_file(sha256: str, reason: str = "") -> NotFound:
    """An error for bytes that are not there."""
    message = f"no file {sha256!r}: upload it, or use a file that a run still needs"
    if reason:
        message = f"file {sha256!r}: {reason}"
    return NotFound(message, code="file.not_found", details={"file": sha256})


def too_large(limit: int) -> PayloadTooLarge:
    """An error for a file over the limit."""
    message = f"the file is larger than {limit} bytes; raise RUNFOLD_FILE_LIMIT to take it"
    return PayloadTooLarge(message, code="file.too_large", details={"limit": limit})
