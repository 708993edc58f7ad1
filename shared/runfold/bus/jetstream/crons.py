"""Runs by the clock: schedules of run requests, which the broker says are due."""

from __future__ import annotations

import hashlib

from nats.aio.client import Client

from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import purge
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.requests import RunRequest


class JetStreamCrons:
    """`runfold.bus.ports.stores.Crons` on TIMERS."""

    def __init__(self, nc: Client, publisher: Publisher) -> None:
        self._nc = nc
        self._publisher = publisher

    async def replace(self, workflow_id: str, wanted: dict[tuple[str, str], RunRequest]) -> int:
        """Make a workflow's schedules those that are wanted; returns how many were changed."""
        present = {
            stored.subject: stored.body
            async for stored in read_stored(
                self._nc, subjects.TIMERS, subjects.workflow_crons(workflow_id)
            )
        }
        changed = 0
        for (cron, zone), request in wanted.items():
            body = encode(request)
            digest = hashlib.blake2b(f"{cron}|{zone}|".encode() + body, digest_size=12)
            subject = subjects.cron(workflow_id, digest.hexdigest())
            if present.pop(subject, None) is not None:
                continue
            headers = {
                "Nats-Schedule": cron,
                "Nats-Schedule-Target": subjects.cron_due(workflow_id),
            }
            if zone:
                headers["Nats-Schedule-Time-Zone"] = zone
            await self._publisher.send(subject, body, headers=headers)
            changed += 1
        for subject in present:
            await purge(self._nc, subjects.TIMERS, subject)
        return changed + len(present)
