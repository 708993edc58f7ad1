"""Schedules of workflows: run requests that the broker publishes when their time comes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from nats.aio.client import Client

from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import purge
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.ports.stores import Scheduled
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.errors import InvalidRequest


class JetStreamCrons:
    """`runfold.bus.ports.stores.Crons` on TIMERS."""

    def __init__(self, nc: Client, publisher: Publisher) -> None:
        self._nc = nc
        self._publisher = publisher

    async def replace(self, workflow_id: str, wanted: Sequence[Scheduled]) -> int:
        """Make a workflow's schedules those that are wanted; returns how many were changed."""
        present = await self._present(workflow_id)
        changed, refused = 0, None
        for one in wanted:
            subject = _subject(workflow_id, one)
            if subject in present:
                del present[subject]
                continue
            try:
                await self._publisher.send(subject, encode(one.request), headers=_headers(one))
            except InvalidRequest as error:
                refused = refused or error
                continue
            changed += 1
        for subject in present:
            await purge(self._nc, subjects.TIMERS, subject)
        if refused is not None:
            raise refused
        return changed + len(present)

    async def missing(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[Scheduled]:
        """The schedules that are wanted and that the broker has not."""
        present = await self._present(workflow_id)
        return [one for one in wanted if _subject(workflow_id, one) not in present]

    async def since(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[float | None]:
        """From when the broker has had each schedule, in Unix seconds; None: it has not."""
        present = await self._present(workflow_id)
        return [present.get(_subject(workflow_id, one)) for one in wanted]

    async def _present(self, workflow_id: str) -> dict[str, float]:
        """Subject of each of a workflow's schedules, made of what it asks for → since when."""
        return {
            stored.subject: stored.time
            async for stored in read_stored(
                self._nc, subjects.TIMERS, subjects.workflow_crons(workflow_id)
            )
        }


def _subject(workflow_id: str, one: Scheduled) -> str:
    made_of = f"{one.cron}|{one.zone}|".encode() + encode(one.request)
    digest = hashlib.blake2b(made_of, digest_size=12)
    return subjects.cron(workflow_id, digest.hexdigest())


def _headers(one: Scheduled) -> dict[str, str]:
    headers = {
        "Nats-Schedule": one.cron,
        "Nats-Schedule-Target": subjects.cron_due(one.request.workflow_id),
    }
    if one.zone:
        headers["Nats-Schedule-Time-Zone"] = one.zone
    return headers
