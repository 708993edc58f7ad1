"""Snapshots of long runs, one a run, in a JetStream object store; they expire."""

from __future__ import annotations

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import DigestMismatchError, NotFoundError
from nats.js.errors import Error as JetStreamError
from nats.js.object_store import ObjectStore

from runfold.bus.jetstream.client.objects import read_object
from runfold.contracts import subjects
from runfold.errors import BusUnavailable

log = structlog.get_logger("bus")


class JetStreamSnapshots:
    """`runfold.bus.ports.stores.Snapshots` on an object store."""

    def __init__(self, store: ObjectStore, nc: Client) -> None:
        self._store = store
        self._nc = nc

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""
        try:
            await self._store.put(run_id, body)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot keep a snapshot: {error}") from error

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None; one that is damaged or does not come is none."""
        try:
            return await read_object(self._nc, self._store, subjects.SNAPSHOTS, run_id)
        except (NotFoundError, DigestMismatchError):
            return None
        except BusUnavailable as error:
            # The caller can do without, and learns from the log itself whether NATS is away.
            log.warning("snapshot not read", run_id=run_id, reason=str(error))
            return None
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot fetch a snapshot: {error}") from error

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""
        try:
            await self._store.delete(run_id)
        except NotFoundError:
            return
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot drop a snapshot: {error}") from error
