"""The stores beside the log, in dicts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence

from runfold.bus.keys import check_value, checked_key
from runfold.bus.ports.stores import Scheduled, Written
from runfold.errors import Conflict, NotFound

MESSAGE = 1024 * 1024
"""The most bytes of a message that a broker with its own settings takes."""


class MemoryBlobs:
    """`runfold.bus.ports.stores.Blobs` in a dict."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""
        digest = hashlib.sha256(body).hexdigest()
        self._bodies[digest] = body
        return digest

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises `NotFound`."""
        if digest not in self._bodies:
            raise NotFound(f"no payload {digest}", code="payload.not_found")
        return self._bodies[digest]


class MemoryCrons:
    """`runfold.bus.ports.stores.Crons`, remembered; nothing fires by itself here."""

    def __init__(self) -> None:
        self.schedules: dict[str, tuple[Scheduled, ...]] = {}

    async def replace(self, workflow_id: str, wanted: Sequence[Scheduled]) -> int:
        """Make a workflow's schedules those that are wanted; returns how many were changed."""
        before = self.schedules.get(workflow_id, ())
        self.schedules[workflow_id] = tuple(wanted)
        added = sum(one not in before for one in wanted)
        return added + sum(one not in wanted for one in before)

    async def missing(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[Scheduled]:
        """The schedules that are wanted and not remembered."""
        return [one for one in wanted if one not in self.schedules.get(workflow_id, ())]

    async def since(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[float | None]:
        """0 for each that is remembered."""
        known = self.schedules.get(workflow_id, ())
        return [0.0 if one in known else None for one in wanted]


class MemorySnapshots:
    """`runfold.bus.ports.stores.Snapshots` in a dict."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""
        self._bodies[run_id] = body

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None."""
        return self._bodies.get(run_id)

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""
        self._bodies.pop(run_id, None)


class MemoryKeyValue:
    """`runfold.bus.ports.stores.KeyValue` in a dict.

    Args:
        on_write: Called with the key and the revision of each value that is written.
    """

    def __init__(self, on_write: Callable[[str, int], None] | None = None) -> None:
        self._on_write = on_write
        self._values: dict[str, tuple[bytes, int]] = {}
        self._times: dict[str, float] = {}
        self._revision = 0
        self._watchers: list[Callable[[str, bytes | None], None]] = []

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""
        if self._values.pop(checked_key(key), None) is not None:
            self._tell(key, None)

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there."""
        self._values.pop(checked_key(key), None)

    async def watch(
        self, on_change: Callable[[str, bytes | None], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_change(key, value)` for each write from now on, with None for a removal."""
        self._watchers.append(on_change)

        async def stop() -> None:
            self._watchers.remove(on_change)

        return stop

    def _tell(self, key: str, value: bytes | None) -> None:
        for watcher in list(self._watchers):
            watcher(key, value)

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""
        return self._values.get(key)

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision. Raises `InvalidRequest` for what cannot be a key."""
        checked_key(key)
        check_value(key, value, MESSAGE)
        self._revision += 1
        self._values[key] = (value, self._revision)
        self._times[key] = time.time()
        self._tell(key, value)
        if self._on_write is not None:
            self._on_write(key, self._revision)
        return self._revision

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""
        return await self.update(key, value, 0)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""
        if self._values.get(checked_key(key), (b"", 0))[1] != revision:
            raise Conflict(f"key {key!r} was written by somebody else", code="kv.conflict")
        return await self.put(key, value)

    async def written(self, prefix: str = "") -> dict[str, Written]:
        """As `entries`, each with the time at which it was written."""
        found = await self.entries(prefix)
        return {key: Written(value, self._times[key]) for key, value in found.items()}

    async def newest(self, prefix: str, *, limit: int) -> dict[str, bytes]:
        """Of the keys that start with `prefix`, those that were written last, the newest first."""
        found = [(-revision, key) for key, (_, revision) in self._values.items()]
        fitting = [key for _, key in sorted(found) if key.startswith(prefix)]
        return {key: self._values[key][0] for key in fitting[:limit]}

    async def entries(self, prefix: str = "", *, deep: bool = True) -> dict[str, bytes]:
        """Keys that start with `prefix`, and their values, by key."""
        return {
            key: self._values[key][0]
            for key in sorted(self._values)
            if key.startswith(prefix) and (deep or "." not in key[len(prefix) :])
        }
