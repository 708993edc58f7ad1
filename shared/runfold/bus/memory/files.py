"""The store of files' bytes, in a dict."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from runfold.bus.memory.live import Clock
from runfold.bus.ports.files import PlacedFile, StoredFile, too_large, unknown_file

PIECE = 128 * 1024
"""Bytes that are read at a time."""


class MemoryFiles:
    """`runfold.bus.ports.files.Files` in a dict."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._files: dict[str, tuple[StoredFile, bytes]] = {}
        self._seqs: dict[str, int] = {}
        self._seq = 0

    async def put(
        self, parts: AsyncIterator[bytes], *, name: str, media_type: str, shown: str, limit: int = 0
    ) -> StoredFile:
        """Store bytes. Raises `PayloadTooLarge` when there are more than the limit."""
        body = bytearray()
        async for part in parts:
            body += part
            if limit and len(body) > limit:
                raise too_large(limit)
        sha256 = hashlib.sha256(body).hexdigest()
        now = self._clock()
        stored = StoredFile(sha256, len(body), name, media_type, shown, now, now)
        self._write(stored, bytes(body))
        return stored

    def _write(self, stored: StoredFile, body: bytes) -> None:
        self._seq += 1
        self._seqs[stored.sha256] = self._seq
        self._files[stored.sha256] = stored, body

    async def find(self, sha256: str) -> StoredFile | None:
        """What is known of a file, or None."""
        found = self._files.get(sha256)
        return None if found is None else found[0]

    async def read(self, sha256: str, *, skip: int = 0) -> AsyncGenerator[bytes, None]:
        """A file's bytes. Raises `NotFound`."""
        if sha256 not in self._files:
            raise unknown_file(sha256)
        body = self._files[sha256][1]
        for at in range(skip, len(body), PIECE):
            yield body[at : at + PIECE]

    async def newest(self, *, limit: int, before: int | None = None) -> list[PlacedFile]:
        """The files that were stored or touched last, the newest first."""
        placed = [PlacedFile(seq, self._files[sha256][0]) for sha256, seq in self._seqs.items()]
        fitting = [one for one in placed if before is None or one.seq < before]
        return sorted(fitting, key=lambda one: -one.seq)[:limit]

    async def hold(self, sha256: str) -> StoredFile | None:
        """The same; here nothing goes by itself."""
        return await self.find(sha256)

    async def touch(self, sha256: str) -> bool:
        """Make a file young; False when there is none."""
        if sha256 not in self._files:
            return False
        stored, body = self._files[sha256]
        self._write(msgspec.structs.replace(stored, time=self._clock()), body)
        return True
