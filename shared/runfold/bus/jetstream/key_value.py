"""Buckets of small values with revisions, on JetStream's key-value store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import kv
from nats.js.errors import (
    APIError,
    KeyWrongLastSequenceError,
    NoStreamResponseError,
)
from nats.js.errors import (
    Error as JetStreamError,
)

from runfold.bus.jetstream.client.direct_get import read_last, read_stored
from runfold.bus.jetstream.client.leader import Stored, purge
from runfold.bus.jetstream.client.newest_first import read_newest_first
from runfold.bus.jetstream.client.publish_acks import PASSING
from runfold.bus.keys import check_value, checked_key, is_key
from runfold.bus.ports.stores import Written
from runfold.errors import BusUnavailable, Conflict

T = TypeVar("T")

WRITTEN_WITHIN = 2.0
"""Seconds for which a write is tried again that no leader takes."""
PAUSE = 0.1
"""Seconds until the next try."""


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
        self._stream = f"KV_{self._name}"

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""
        if not is_key(key):
            return None
        found = await read_last(self._nc, self._stream, self._subject(key))
        return None if found is None or found.removed else (found.body, found.seq)

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision. Raises `InvalidRequest` for what cannot be a key."""
        check_value(key, value, self._nc.max_payload)
        return await _written(key, lambda: self._bucket.put(key, value))

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""
        check_value(key, value, self._nc.max_payload)
        return await _written(key, lambda: self._bucket.create(key, value))

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""
        check_value(key, value, self._nc.max_payload)
        return await _written(key, lambda: self._bucket.update(key, value, last=revision))

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""
        await _written(key, lambda: self._bucket.purge(key))

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there; watchers are not told."""
        await purge(self._nc, self._stream, self._subject(checked_key(key)))

    async def entries(self, prefix: str = "", *, deep: bool = True) -> dict[str, bytes]:
        """Keys that start with `prefix`, and their values, by key."""
        found = await self._stored(f"{prefix}{'>' if deep else '*'}", prefix)
        return {key: stored.body for key, stored in found.items()}

    async def written(self, prefix: str = "") -> dict[str, Written]:
        """As `entries`, each with the time at which it was written."""
        found = await self._stored(f"{prefix}>", prefix)
        return {key: Written(stored.body, stored.time) for key, stored in found.items()}

    async def newest(self, prefix: str, *, limit: int) -> dict[str, bytes]:
        """Of the keys that start with `prefix`, those that were written last, the newest first."""
        within, wanted = len(self._subject("")), self._subject(f"{prefix}>")
        found: dict[str, bytes] = {}
        async for stored in read_newest_first(self._nc, self._stream, wanted):
            if len(found) >= limit:
                break
            if not stored.removed:
                found[stored.subject[within:]] = stored.body
        return found

    async def _stored(self, wanted: str, prefix: str) -> dict[str, Stored]:
        if prefix and not is_key(prefix.removesuffix(".")):
            return {}
        within = len(self._subject(""))
        found = {
            stored.subject[within:]: stored
            async for stored in read_stored(self._nc, self._stream, self._subject(wanted))
            if not stored.removed
        }
        return dict(sorted(found.items()))

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


async def _written(key: str, write: Callable[[], Awaitable[T]]) -> T:
    """What a write returns, once the bucket has a leader that takes it.

    Raises:
        InvalidRequest: When there cannot be such a key.
        Conflict: When the revision is another.
        BusUnavailable: When the broker does not take it in time.
    """
    checked_key(key)
    loop = asyncio.get_running_loop()
    until = loop.time() + WRITTEN_WITHIN
    while True:
        with _translated(key):
            try:
                return await write()
            except (NoStreamResponseError, APIError) as error:
                # Nothing was stored, so the same may be written once more.
                code = getattr(error, "err_code", None)  # some of nats-py's have none
                passing = isinstance(error, NoStreamResponseError) or code in PASSING
                if not passing or loop.time() + PAUSE > until:
                    raise
        await asyncio.sleep(PAUSE)
