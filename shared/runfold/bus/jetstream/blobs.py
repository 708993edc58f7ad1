"""Payloads by their sha256, in a JetStream object store."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from nats.aio.client import Client
from nats.js import JetStreamContext

from runfold.bus.jetstream.client.object_bucket import ObjectBucket
from runfold.contracts import subjects
from runfold.errors import NotFound


class JetStreamBlobs:
    """`runfold.bus.ports.stores.Blobs` on an object store.

    Args:
        nc: The connection.
        js: For what is published.
        expiry: Seconds for which payloads are kept that nothing names.
    """

    def __init__(self, nc: Client, js: JetStreamContext, expiry: float) -> None:
        self.objects = ObjectBucket(nc, js, subjects.BLOBS)
        self._expiry = expiry

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""
        digest = hashlib.sha256(body).hexdigest()
        if await self.objects.held(digest, self._expiry) is None:
            await self.objects.write(_once(body))
        return digest

    async def get(self, digest: str) -> bytes:
        """The bytes.

        Raises:
            NotFound: There are none, or not those that were stored.
            BusUnavailable: When the broker does not answer.
        """
        found = await self.objects.find(digest)
        if found is None:
            raise NotFound(f"no payload {digest}", code="payload.not_found")
        return b"".join([chunk async for chunk in self.objects.read(found)])


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
