"""The bytes of files by their sha256, in a JetStream object store."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import quote, unquote

from nats.aio.client import Client
from nats.js import JetStreamContext

from runfold.bus.jetstream.client.object_bucket import Object, ObjectBucket
from runfold.bus.ports.files import PlacedFile, StoredFile, too_large, unknown_file
from runfold.contracts import subjects
from runfold.errors import NotFound, PayloadTooLarge
from runfold.values.files import is_sha256

NAME, MEDIA_TYPE, SHOWN, STORED = "name", "media_type", "shown", "stored"
"""Kept with an object: as its last upload had them, what its first bytes show, when it was."""

SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


class JetStreamFiles:
    """`runfold.bus.ports.files.Files` on an object store.

    Args:
        nc: The connection.
        js: For what is published.
        expiry: Seconds for which bytes are kept that nothing names.
    """

    def __init__(self, nc: Client, js: JetStreamContext, expiry: float) -> None:
        self.objects = ObjectBucket(nc, js, subjects.FILES)
        self._expiry = expiry

    async def put(
        self, parts: AsyncIterator[bytes], *, name: str, media_type: str, shown: str, limit: int = 0
    ) -> StoredFile:
        """Store bytes. Raises `PayloadTooLarge` when there are more than the limit."""
        headers = {
            NAME: [quote(name)],
            MEDIA_TYPE: [media_type],
            SHOWN: [shown],
            STORED: [f"{time.time():.3f}"],
        }
        try:
            return _file(await self.objects.write(parts, limit=limit, headers=headers))
        except PayloadTooLarge as error:
            raise too_large(limit) from error

    async def find(self, sha256: str) -> StoredFile | None:
        """What is known of a file, or None."""
        found = await self.objects.find(sha256)
        return None if found is None else _file(found)

    async def read(self, sha256: str, *, skip: int = 0) -> AsyncGenerator[bytes, None]:
        """A file's bytes. Raises `NotFound`."""
        found = await self.objects.find(sha256)
        if found is None:
            raise unknown_file(sha256)
        try:
            async for chunk in self.objects.read(found, skip=skip):
                yield chunk
        except NotFound as error:
            raise unknown_file(sha256, error.message) from error

    async def newest(self, *, limit: int, before: int | None = None) -> list[PlacedFile]:
        """The files that were stored or touched last, the newest first."""
        found: list[PlacedFile] = []
        async for one in self.objects.newest_first(before):
            if is_sha256(one.info.name):
                found.append(PlacedFile(one.seq, _file(one)))
            if len(found) >= limit:
                break
        return found

    async def hold(self, sha256: str) -> StoredFile | None:
        """What is known of a file that is about to be named, or None."""
        found = await self.objects.held(sha256, self._expiry)
        return None if found is None else _file(found)

    async def touch(self, sha256: str) -> bool:
        """Make a file young; False when there is none."""
        return await self.objects.touch(sha256)


def _file(found: Object) -> StoredFile:
    info = found.info
    said = {name: values[0] for name, values in (info.headers or {}).items() if values}
    return StoredFile(
        info.name,
        info.size,
        unquote(said.get(NAME, "file")),
        said.get(MEDIA_TYPE, ""),
        said.get(SHOWN, ""),
        found.time,
        _seconds(said.get(STORED, "")),
    )


def _seconds(text: str) -> float | None:
    return float(text) if SECONDS.fullmatch(text) else None
