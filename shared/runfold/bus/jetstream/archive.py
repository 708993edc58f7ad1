"""Runs that ended long ago, on the ARCHIVE stream: a message each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError

from runfold.archive.chain import Sealed, StoredRecord, opened
from runfold.archive.record import ArchivedRun
from runfold.archive.verify import Extent
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import Stored, read_newest
from runfold.bus.jetstream.client.publish_acks import SequenceMismatch
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.ports.messages import Ack
from runfold.contracts import subjects
from runfold.errors import BusUnavailable, Conflict, NotFound
from runfold.ids import id_of_token


class JetStreamArchive:
    """`runfold.bus.ports.logs.Archive` on ARCHIVE."""

    def __init__(
        self, nc: Client, js: JetStreamContext, publisher: Publisher, claims: ClaimCheck
    ) -> None:
        self._nc = nc
        self._js = js
        self._publisher = publisher
        self._claims = claims

    async def append(self, record: Sealed, *, after: int) -> Ack:
        """Store a record as its partition's next one. Raises `Conflict` when there is a newer."""
        header = record.header
        # In a cluster only checks of equal filters see each other's messages in flight: every
        # archiver uses this one.
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(after),
            "Nats-Expected-Last-Subject-Sequence-Subject": subjects.archived_partition(
                header.partition
            ),
        }
        subject = subjects.archive(header.workflow_id, header.run_id)
        try:
            return await self._publisher.send(subject, record.body, headers=headers)
        except SequenceMismatch:
            message = f"partition {header.partition:02d} of the archive has a newer record"
            raise Conflict(message, code="archive.contended") from None

    async def newest(self, partition: int) -> StoredRecord | None:
        """A partition's newest record."""
        subject = subjects.archived_partition(partition)
        stored = await read_newest(self._nc, subjects.ARCHIVE, subject)
        return None if stored is None else await self._fetched(stored)

    async def find(self, run_id: str) -> StoredRecord | None:
        """A run's record, unread."""
        subject = subjects.archived_run(run_id)
        stored = await read_newest(self._nc, subjects.ARCHIVE, subject)
        return None if stored is None else await self._fetched(stored)

    async def read(self, run_id: str) -> ArchivedRun | None:
        """A run's record, checked. Raises `ArchiveCorrupt`."""
        found = await self.find(run_id)
        return None if found is None else opened(found)

    async def records(
        self, *, after: int = 0, partition: int | None = None
    ) -> AsyncIterator[StoredRecord]:
        """Records after a sequence, unread, in order; ends at the newest."""
        subject = subjects.ARCHIVE_ALL
        if partition is not None:
            subject = subjects.archived_partition(partition)
        async for stored in read_stored(self._nc, subjects.ARCHIVE, subject, after=after):
            yield await self._fetched(stored)

    async def extent(self) -> Extent:
        """What there should be."""
        try:
            info = await self._js.stream_info(subjects.ARCHIVE)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot read {subjects.ARCHIVE}: {error}") from error
        return Extent(int(info.state.last_seq), expires=bool(info.config.max_age))

    async def _fetched(self, stored: Stored) -> StoredRecord:
        _, _, partition, workflow, run_id = stored.subject.split(".")
        body, problem = stored.body, ""
        if self._claims.is_claim(body):
            try:
                body = await self._claims.fetch(body)
            except NotFound as error:
                body, problem = b"", str(error)
        return StoredRecord(
            stored.seq, run_id, id_of_token(workflow), int(partition), body, problem
        )
