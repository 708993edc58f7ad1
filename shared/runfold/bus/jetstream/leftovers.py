"""What is left over in the object stores of files and payloads.

Every message that may name an object is looked through for digests, as bytes: what a field is
called, or how deep it stands, does not matter, so nothing that is named is missed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from nats.aio.client import Client

from runfold.archive.record import Damaged, peek
from runfold.bus.jetstream.blobs import JetStreamBlobs
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import first_seq
from runfold.bus.jetstream.client.object_bucket import Object, ObjectBucket
from runfold.bus.jetstream.topology.wanted import assets, bucket_stream
from runfold.bus.ports.leftovers import Naming, Stale
from runfold.contracts import subjects
from runfold.contracts.codec import decode_dead_letter
from runfold.errors import NotFound, Undecodable
from runfold.lru import LruMap
from runfold.settings import Settings

DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
HANDED_IN = (b'"claim"', b'"blob"')
"""One of them is in every message that names a payload: it stands for it, or is a kept result."""
MARKS = (b"$file", *HANDED_IN)
"""One of them is in every message of a stream that names an object."""
NAME_NOTHING = frozenset(
    bucket_stream(name) for name in (subjects.LEASES, subjects.CHECKPOINTS, subjects.PLACES)
)
"""Buckets in which no object can be named."""
STREAMS = (
    (subjects.DEAD, subjects.DEAD_ALL),
    (subjects.REQUESTS, subjects.REQUESTS_ALL),
    (subjects.TIMERS, subjects.TIMERS_ALL),
    (subjects.TASKS, subjects.TASKS_ALL),
    (subjects.CHUNKS, subjects.CHUNKS_ALL),
    (subjects.EVENTS, subjects.EVENTS_ALL),
    (subjects.MESSAGES, subjects.MESSAGES_ALL),
    (subjects.DEAD, subjects.DEAD_ALL),
)
"""Where names are looked for. Requests and tasks become events, and are looked for before them;
letters are made of tasks, and become tasks again: they are looked for on both sides."""
REMEMBERED = 10_000
"""Payloads of which it is remembered which files they name."""


class JetStreamLeftovers:
    """`runfold.bus.ports.leftovers.Leftovers` on the streams.

    Args:
        nc: The connection.
        files: The store of files.
        blobs: Payloads.
        claims: Fetches records that were handed in.
        settings: Which buckets there are.
    """

    def __init__(
        self,
        nc: Client,
        files: ObjectBucket,
        blobs: JetStreamBlobs,
        claims: ClaimCheck,
        settings: Settings,
    ) -> None:
        self._nc = nc
        self._claims = claims
        self._buckets = [
            asset.stream
            for asset in assets(settings)
            if asset.label.startswith("bucket ") and asset.stream not in NAME_NOTHING
        ]
        self._files = files
        self._payloads = blobs.objects
        self._blobs = blobs
        self._inside: LruMap[str, frozenset[str]] = LruMap(REMEMBERED)

    async def stale(self, before: float) -> list[Stale]:
        """Objects of both stores that were stored or touched last before a time."""
        found = [
            Stale("files", one.info.name, one.seq)
            for one in await self._files.objects()
            if one.time < before and not one.info.deleted
        ]
        found += [
            Stale("payloads", one.info.name, one.seq)
            for one in await self._payloads.objects()
            if one.time < before and not one.info.deleted
        ]
        return found

    async def named(self, digests: frozenset[str]) -> set[str]:
        """Those that anything but the archive names."""
        left = set(digests)
        # Few and small, and of any form: every digest counts.
        for stream in self._buckets:
            subject = f"$KV.{stream.removeprefix('KV_')}.>"
            async for stored in read_stored(self._nc, stream, subject):
                left -= await self._inside_of(stored.body, _digests(stored.body))
        for stream, subject in STREAMS:
            async for stored in read_stored(self._nc, stream, subject):
                if not left:
                    return set(digests)
                body = _letter(stored.body) if stream == subjects.DEAD else stored.body
                if any(mark in body for mark in MARKS):
                    left -= await self._inside_of(body, _digests(body))
        return set(digests - left)

    async def archived(self, *, after: int) -> AsyncIterator[Naming]:
        """The records after a sequence, and what they name."""
        everything = subjects.ARCHIVE_ALL
        async for stored in read_stored(self._nc, subjects.ARCHIVE, everything, after=after):
            digests, body = set[str](), stored.body
            try:
                if ClaimCheck.is_claim(body):
                    digests = _digests(body)
                    body = await self._claims.fetch(body)
                digests |= set(peek(body).files)
            except (NotFound, Damaged):
                # `runfold verify` tells of it; its payload, if it is there, stays.
                pass
            yield Naming(stored.seq, frozenset(digests))

    async def archive_begins(self) -> int:
        """The sequence of the oldest record that is still there."""
        return await first_seq(self._nc, subjects.ARCHIVE)

    async def drop(self, stale: Stale) -> bool:
        """Remove an object; False when it was stored again or touched meanwhile."""
        bucket = self._files if stale.store == "files" else self._payloads
        found = await bucket.find(stale.digest)
        if found is None or found.seq != stale.revision:
            return False
        return await bucket.remove(found)

    async def finish(self, before: float) -> int:
        """Remove what broken-off writes and removals left before a time."""
        finished = 0
        for bucket in (self._files, self._payloads):
            broken: list[Object] = [
                one for one in await bucket.objects() if one.info.deleted and one.time < before
            ]
            for one in broken:
                await bucket.remove(one)
            finished += len(broken) + await bucket.remove_nameless(before)
        return finished

    async def _inside_of(self, body: bytes, found: set[str]) -> set[str]:
        """What a message names, with what the payloads name that it stands for."""
        if found and any(mark in body for mark in HANDED_IN):
            for digest in tuple(found):
                found |= await self._named_inside(digest)
        return found

    async def _named_inside(self, digest: str) -> frozenset[str]:
        """What a payload names that was handed in."""
        known = self._inside.get(digest)
        if known is None:
            try:
                known = frozenset(_digests(await self._blobs.get(digest)))
            except NotFound:
                known = frozenset()
            self._inside[digest] = known
        return known


def _digests(body: bytes) -> set[str]:
    return {found.decode() for found in DIGEST.findall(body)}


def _letter(body: bytes) -> bytes:
    """The message that a letter keeps; nothing of one that cannot be read."""
    try:
        return decode_dead_letter(body).message()
    except (Undecodable, ValueError):
        return b""
