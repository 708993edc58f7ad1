"""Payloads by their sha256, in a JetStream object store."""

from __future__ import annotations

import hashlib

import nats.errors
from nats.aio.client import Client
from nats.js.errors import DigestMismatchError, NotFoundError
from nats.js.errors import Error as JetStreamError
from nats.js.object_store import ObjectStore

from runfold.bus.jetstream.client.objects import read_object
from runfold.contracts import subjects
from runfold.errors import BusUnavailable, NotFound


class JetStreamBlobs:
    """`runfold.bus.ports.stores.Blobs` on an object store."""

    def __init__(self, store: ObjectStore, nc: Client) -> None:
        self._store = store
        self._nc = nc

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""
        digest = hashlib.sha256(body).hexdigest()
        try:
            try:
                await self._store.get_info(digest)
            except NotFoundError:
                await self._store.put(digest, body)
        except (JetStreamError, nats.errors.Error) as error:
            raise BusUnavailable(f"cannot store a payload: {error}") from error
        return digest

    async def get(self, digest: str) -> bytes:
        """The bytes.

        Raises:
            NotFound: There are none, or not those that were stored.
            BusUnavailable: When the broker does not answer.
        """
        try:
            return await read_object(self._nc, self._store, subjects.BLOBS, digest)
        except NotFoundError:
            raise NotFound(f"no payload {digest}", code="payload.not_found") from None
        except DigestMismatchError:
            message = f"payload {digest} is not what was stored"
            raise NotFound(message, code="payload.damaged") from None
        except (JetStreamError, nats.errors.Error) as error:
            raise BusUnavailable(f"cannot fetch payload {digest}: {error}") from error
