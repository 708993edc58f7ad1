"""Snapshots of long runs, one a run, in a JetStream object store; they expire."""

from __future__ import annotations

import nats.errors
from nats.js.errors import DigestMismatchError, NotFoundError
from nats.js.errors import Error as JetStreamError
from nats.js.object_store import ObjectStore

from runfold.errors import BusUnavailable


class JetStreamSnapshots:
    """`runfold.bus.ports.Snapshots` on an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""
        try:
            await self._store.put(run_id, body)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot keep a snapshot: {error}") from error

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None; a damaged one is none."""
        try:
            found = await self._store.get(run_id)
        except (NotFoundError, DigestMismatchError):
            return None
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot fetch a snapshot: {error}") from error
        return found.data

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""
        try:
            await self._store.delete(run_id)
        except NotFoundError:
            return
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot drop a snapshot: {error}") from error
