"""Buckets of small values with revisions, on JetStream's key-value store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
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
    """`runfold.bus.ports.stores.KeyValue` on one bucket."""

    def __init__(self, bucket: kv.KeyValue, name: str, nc: Client) -> None:
        self._bucket = bucket
        self._name = name
        self._nc = nc

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"

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

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""
        with _translated(key):
            await self._bucket.purge(key)

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there; nobody who watches is told."""
        stream = f"KV_{self._name}"
        with _translated(key):
            await self._nc.jetstream().purge_stream(stream, subject=self._subject(key))

    async def entries(self, prefix: str) -> dict[str, bytes]:
        """Keys and values that start with `prefix`, which ends with a dot."""
        found: dict[str, bytes] = {}
        with _translated(prefix):
            watcher: Any = await self._bucket.watch(f"{prefix}>", ignore_deletes=True)
            try:
                async for entry in watcher:
                    if entry is None:
                        break
                    found[entry.key] = entry.value or b""
            finally:
                await watcher.stop()
        return found

    async def watch(
        self, on_change: Callable[[str, bytes | None], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_change(key, value)` for each write from now on, with None for a removal."""
        prefix = self._subject("")

        async def on_message(msg: Msg) -> None:
            removed = msg.headers is not None and "KV-Operation" in msg.headers
            on_change(msg.subject.removeprefix(prefix), None if removed else msg.data)

        subscription = await self._nc.subscribe(f"{prefix}>", cb=on_message)

        async def stop() -> None:
            if not self._nc.is_closed:
                await subscription.unsubscribe()

        return stop

    async def keys(self, prefix: str = "") -> list[str]:
        """Keys that start with `prefix`, sorted."""
        with _translated(prefix):
            try:
                found = await self._bucket.keys()
            except NoKeysError:
                return []
        return sorted(key for key in found if key.startswith(prefix))
