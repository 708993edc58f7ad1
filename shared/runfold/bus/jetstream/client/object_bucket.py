"""An object store's objects by their sha256, written and read as streams.

The layout is that of every NATS object store, so `nats object` shows them: an object is a message
that says what it is, under its name, and chunks on a subject of their own. An object's age is that
of the first message: `touch` writes it anew.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError
from nats.js.errors import Error as JetStreamError

from runfold.bus.jetstream.client.direct_get import read_last, read_stored
from runfold.bus.jetstream.client.leader import purge, read_newest, subjects_of
from runfold.bus.jetstream.client.newest_first import read_newest_first
from runfold.bus.jetstream.client.publish_acks import SEQUENCE_MISMATCH
from runfold.errors import BusUnavailable, NotFound, PayloadTooLarge
from runfold.failpoints import failpoint

log = structlog.get_logger("bus")

CHUNK = 128 * 1024
"""Bytes of a message: what the clients of NATS use."""
ALGORITHM = "SHA-256="


class Options(msgspec.Struct, omit_defaults=True):
    """How an object is cut."""

    max_chunk_size: int = 0


class Info(msgspec.Struct, omit_defaults=True):
    """What the first message of an object says of it."""

    name: str
    bucket: str = ""
    nuid: str = ""
    """In the subject of its chunks."""
    size: int = 0
    chunks: int = 0
    digest: str = ""
    deleted: bool = False
    options: Options | None = None
    headers: dict[str, list[str]] | None = None
    """What the application keeps with it."""
    mtime: str = ""


class Object(msgspec.Struct, frozen=True):
    """An object, or what a removal that was broken off left of one."""

    info: Info
    seq: int
    """Of the message that says what it is: it is another one once the object was touched."""
    time: float
    """Unix seconds at which it was stored or touched."""


class ObjectBucket:
    """Objects of one object store.

    Args:
        nc: The connection.
        js: For what is published.
        bucket: The object store.
    """

    def __init__(self, nc: Client, js: JetStreamContext, bucket: str) -> None:
        self._nc = nc
        self._js = js
        self.bucket = bucket
        self.stream = f"OBJ_{bucket}"

    async def find(self, name: str) -> Object | None:
        """An object, or None."""
        stored = await read_last(self._nc, self.stream, self.meta(name))
        if stored is None:
            return None
        found = Object(_info(stored.body), stored.seq, stored.time)
        return None if found.info.deleted else found

    async def write(
        self,
        parts: AsyncIterator[bytes],
        *,
        limit: int = 0,
        headers: dict[str, list[str]] | None = None,
    ) -> Object:
        """Store bytes under their sha256, once; what is there already is touched.

        Args:
            parts: The bytes.
            limit: How many there may be; 0: any number.
            headers: Kept with the object; those of the last one to store it count.

        Raises:
            PayloadTooLarge: There are more; nothing is left of them.
            BusUnavailable: The broker does not answer, or is full.
        """
        nuid = secrets.token_hex(11)
        subject = self._chunks(nuid)
        digest = hashlib.sha256()
        size = chunks = 0
        try:
            async for chunk in _rechunked(_limited(parts, limit)):
                size += len(chunk)
                digest.update(chunk)
                await self._publish(subject, chunk, {})
                chunks += 1
            info = Info(
                name=digest.hexdigest(),
                bucket=self.bucket,
                nuid=nuid,
                size=size,
                chunks=chunks,
                digest=ALGORITHM + base64.urlsafe_b64encode(digest.digest()).decode(),
                options=Options(CHUNK),
                headers=headers,
            )
            stored = await self._named(info)
        except BaseException:
            await self._purge_quietly(subject)
            raise
        if stored.info.nuid != nuid:
            await purge(self._nc, self.stream, subject)
        return stored

    async def _named(self, info: Info) -> Object:
        """Give chunks their name, unless others have it already: then those are touched."""
        while True:
            stored = await read_newest(self._nc, self.stream, self.meta(info.name))
            known = None if stored is None else _info(stored.body)
            named = info
            if known is not None and not known.deleted:
                named = msgspec.structs.replace(known, headers=info.headers)
            seq = await self._say(named, 0 if stored is None else stored.seq)
            if seq:
                return Object(named, seq, time.time())

    async def touch(self, name: str, *, headers: dict[str, list[str]] | None = None) -> bool:
        """Make an object young; False when there is none."""
        while True:
            stored = await read_newest(self._nc, self.stream, self.meta(name))
            if stored is None or (info := _info(stored.body)).deleted:
                return False
            if headers is not None:
                info = msgspec.structs.replace(info, headers=headers)
            if await self._say(info, stored.seq):
                return True

    async def held(self, name: str, expiry: float) -> Object | None:
        """An object that is about to be named; one with half its time or less is touched.

        Args:
            name: The object.
            expiry: Seconds after which one that nothing names is removed.
        """
        found = await self.find(name)
        if found is None or found.time > time.time() - expiry / 2:
            return found
        return found if await self.touch(name) else None

    async def read(self, found: Object, *, skip: int = 0) -> AsyncGenerator[bytes, None]:
        """An object's bytes from one on, chunk by chunk; the last one once all of them are checked.

        Raises:
            NotFound: `payload.not_found`, `payload.damaged`: they are gone, or not those stored.
            BusUnavailable: The broker does not answer, or gives less than there is.
        """
        info = found.info
        digest, size, held = hashlib.sha256(), 0, b""
        async for stored in read_stored(self._nc, self.stream, self._chunks(info.nuid)):
            if held:
                yield held
            digest.update(stored.body)
            size += len(stored.body)
            held = stored.body[max(0, skip - size + len(stored.body)) :] if size > skip else b""
        if size != info.size:
            # A copy of the stream may be behind; its leader knows.
            if await read_newest(self._nc, self.stream, self._chunks(info.nuid)) is None:
                raise NotFound(f"no payload {info.name}", code="payload.not_found")
            message = f"{size} of the {info.size} bytes of {info.name} in {self.bucket} were read"
            raise BusUnavailable(message)
        stored_digest = base64.urlsafe_b64decode(info.digest.removeprefix(ALGORITHM))
        if digest.digest() != stored_digest:
            message = f"payload {info.name} is not what was stored"
            raise NotFound(message, code="payload.damaged")
        if held:
            yield held

    async def objects(self) -> list[Object]:
        """All objects, and what removals that were broken off left of some."""
        subject = f"$O.{self.bucket}.M.>"
        return [
            Object(_info(stored.body), stored.seq, stored.time)
            async for stored in read_stored(self._nc, self.stream, subject)
        ]

    async def newest_first(self, before: int | None = None) -> AsyncIterator[Object]:
        """Objects, the one first that was stored or touched last.

        What is left of removals is passed over, and so is what others than us have put there.

        Args:
            before: Only those whose `seq` is lower; None: all.
        """
        subject = f"$O.{self.bucket}.M.>"
        async for stored in read_newest_first(self._nc, self.stream, subject, before=before):
            try:
                info = _info(stored.body)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                log.warning("object cannot be read", subject=stored.subject, reason=str(error))
                continue
            if not info.deleted and stored.subject == self.meta(info.name):
                yield Object(info, stored.seq, stored.time)

    async def remove(self, found: Object) -> bool:
        """Remove an object without a trace, unless it was stored or touched meanwhile.

        What was broken off is finished by doing it again.
        """
        seq = found.seq
        if not found.info.deleted:
            seq = await self._say(msgspec.structs.replace(found.info, deleted=True), found.seq)
            if not seq:
                return False
            failpoint("object.marked")
        await purge(self._nc, self.stream, self._chunks(found.info.nuid))
        failpoint("object.emptied")
        # Up to the mark alone: the same bytes may have been stored anew behind it.
        await purge(self._nc, self.stream, self.meta(found.info.name), before=seq + 1)
        return True

    async def remove_nameless(self, before: float) -> int:
        """Remove chunks of writes that were broken off before a time; returns of how many."""
        begun = await subjects_of(self._nc, self.stream, f"$O.{self.bucket}.C.*")
        if not begun:
            return 0
        # In this order: what is named meanwhile is young.
        named = {self._chunks(found.info.nuid) for found in await self.objects()}
        removed = 0
        for subject in begun - named:
            newest = await read_newest(self._nc, self.stream, subject)
            if newest is not None and newest.time < before:
                await purge(self._nc, self.stream, subject)
                removed += 1
        return removed

    def meta(self, name: str) -> str:
        """The subject of the message that says what an object is."""
        return f"$O.{self.bucket}.M.{base64.urlsafe_b64encode(name.encode()).decode()}"

    def _chunks(self, nuid: str) -> str:
        return f"$O.{self.bucket}.C.{nuid}"

    async def _say(self, info: Info, after: int) -> int:
        """Write what an object is over the message at `after`; 0 when there is a newer one."""
        headers = {"Nats-Rollup": "sub", "Nats-Expected-Last-Subject-Sequence": str(after)}
        subject = self.meta(info.name)
        return await self._publish(subject, msgspec.json.encode(info), headers)

    async def _publish(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            ack = await self._js.publish(subject, body, headers=headers)
        except APIError as error:
            if error.err_code == SEQUENCE_MISMATCH:
                return 0
            raise BusUnavailable(f"cannot store in {self.bucket}: {error}") from error
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot store in {self.bucket}: {error}") from error
        return int(ack.seq)

    async def _purge_quietly(self, subject: str) -> None:
        """Remove chunks that will have no name; those that stay are swept one day."""
        try:
            await purge(self._nc, self.stream, subject)
        except BusUnavailable:
            return


def _info(body: bytes) -> Info:
    return msgspec.json.decode(body, type=Info)


async def _limited(parts: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for part in parts:
        size += len(part)
        if limit and size > limit:
            message = f"more than {limit} bytes: over the limit"
            raise PayloadTooLarge(message, details={"limit": limit})
        yield part


async def _rechunked(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in messages of one size."""
    held = bytearray()
    async for part in parts:
        held += part
        while len(held) >= CHUNK:
            yield bytes(held[:CHUNK])
            del held[:CHUNK]
    if held:
        yield bytes(held)
