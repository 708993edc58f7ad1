"""Reads objects by direct gets, which end when an object is gone.

nats-py reads an object's chunks with a consumer, until the last one came: for ever when they were
purged meanwhile, or when NATS went away.
"""

from __future__ import annotations

import base64
import hashlib

from nats.aio.client import Client
from nats.js.errors import DigestMismatchError, NotFoundError
from nats.js.object_store import ObjectStore

from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import read_newest
from runfold.errors import BusUnavailable

ALGORITHM = "SHA-256="


async def read_object(nc: Client, store: ObjectStore, bucket: str, name: str) -> bytes:
    """An object's bytes.

    Raises:
        NotFoundError: There is none, or its chunks are gone.
        DigestMismatchError: It is not what was stored.
        BusUnavailable: The broker does not answer, or gives less than there is.
    """
    info = await store.get_info(name)
    stream, subject = f"OBJ_{bucket}", f"$O.{bucket}.C.{info.nuid}"
    body = b"".join([chunk.body async for chunk in read_stored(nc, stream, subject)])
    if len(body) != info.size:
        # A copy of the stream may be behind; its leader knows.
        if await read_newest(nc, stream, subject) is None:
            raise NotFoundError
        message = f"{len(body)} of the {info.size} bytes of {name} in {bucket} were read"
        raise BusUnavailable(message)
    stored = base64.urlsafe_b64decode((info.digest or "").removeprefix(ALGORITHM))
    if hashlib.sha256(body).digest() != stored:
        raise DigestMismatchError
    return body
