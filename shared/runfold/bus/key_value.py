"""Buckets of small values with revisions, on JetStream's key-value store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import nats.errors
from nats.js import kv
from nats.js.errors import (
    Error as JetStreamError,
)
from nats.js.errors import (
    KeyNotFoundError,
    KeyWrongLastSequenceError,
    NoKeysError,
)

from runfold.errors import BusUnavailable, Conflict


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except KeyWrongLastSequenceError:
        raise Conflict(f"key {key!r} was written by somebody else", code="kv.conflict") from None
    except (JetStreamError, nats.errors.Error) as error:
        raise BusUnavailable(f"key {key!r}: {str(error) or type(error).__name__}") from error


class JetStreamKeyValue:
    """`runfold.bus.ports.KeyValue` on one bucket."""

    def __init__(self, bucket: kv.KeyValue) -> None:
        self._bucket = bucket

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""
        with _translated(key):
            try:
                entry = await self._bucket.get(key)
            except KeyNotFoundError:
                return None
        return entry.value or b"", entry.revision or 0

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision."""
        with _translated(key):
            return await self._bucket.put(key, value)

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""
        with _translated(key):
            return await self._bucket.create(key, value)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""
        with _translated(key):
            return await self._bucket.update(key, value, last=revision)

    async def keys(self, prefix: str = "") -> list[str]:
        """Keys that start with `prefix`, sorted."""
        with _translated(prefix):
            try:
                found = await self._bucket.keys()
            except NoKeysError:
                return []
        return sorted(key for key in found if key.startswith(prefix))
