"""How streams and queues stand, as the server says it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from typing import TypeVar

import nats.errors
from nats.aio.client import Client
from nats.js import api
from nats.js.errors import APIError

from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.bus.jetstream.client.leader import subject_counts
from runfold.bus.jetstream.topology.api import consumers, reason_of, stream_infos
from runfold.bus.jetstream.topology.wanted import MAX_ACK_PENDING
from runfold.bus.ports.operations import QueueStanding, StreamStanding, TypeStanding
from runfold.contracts import subjects
from runfold.errors import BusUnavailable

T = TypeVar("T")


class JetStreamOperations:
    """`runfold.bus.ports.operations.Operations` on the server's own reports."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc

    async def streams(self) -> list[StreamStanding]:
        """All streams of runfold, by name."""
        found = await _asked(stream_infos(self._nc), "streams")
        standings = [_standing(info) for info in found]
        return sorted(
            (one for one in standings if subjects.is_own_stream(one.name)),
            key=lambda one: one.name,
        )

    async def queues(self) -> list[QueueStanding]:
        """The queues of all executor groups that have a consumer or tasks, by group."""
        listed = await _asked(consumers(self._nc, subjects.TASKS), "consumers")
        counts = await subject_counts(self._nc, subjects.TASKS, subjects.TASKS_ALL)
        types = await asyncio.gather(*(self._type(*one) for one in counts.items()))
        of_group: dict[str, list[TypeStanding]] = defaultdict(list)
        for group, standing in types:
            of_group[group].append(standing)
        begins = subjects.GROUP_DURABLE
        consumed = {
            (info.name or "").removeprefix(begins): info
            for info in listed.infos
            if (info.name or "").startswith(begins)
        }
        return [
            _queue(group, consumed.get(group), of_group[group])
            for group in sorted({*consumed, *of_group})
        ]

    async def _type(self, subject: str, count: int) -> tuple[str, TypeStanding]:
        """The group and the standing of one subject of tasks."""
        *_, group, type_ = subject.split(".")
        oldest = None
        async for stored in read_stored(self._nc, subjects.TASKS, subject, limit=1):
            oldest = stored.time
        return group, TypeStanding(type_, count, oldest)


def _queue(group: str, info: api.ConsumerInfo | None, types: list[TypeStanding]) -> QueueStanding:
    by_type = tuple(sorted(types, key=lambda one: one.type))
    if info is None:
        waiting = sum(one.tasks for one in by_type)
        return QueueStanding(group, False, waiting, 0, 0, by_type)  # noqa: FBT003 -- a field
    return QueueStanding(
        group,
        is_consumed=True,
        pending=info.num_pending or 0,
        in_flight=info.num_ack_pending or 0,
        redelivered=info.num_redelivered or 0,
        types=by_type,
        limit=_limit(info.config),
    )


def _limit(config: api.ConsumerConfig | None) -> int | None:
    limit = config.max_ack_pending if config is not None else None
    return limit if limit is not None and 0 < limit < MAX_ACK_PENDING else None


def _standing(info: api.StreamInfo) -> StreamStanding:
    state, limit = info.state, info.config.max_bytes
    return StreamStanding(
        name=info.config.name or "",
        messages=state.messages,
        bytes=state.bytes,
        first_seq=state.first_seq,
        last_seq=state.last_seq,
        limit_bytes=limit if limit is not None and limit > 0 else None,
    )


async def _asked(asking: Awaitable[T], what: str) -> T:
    try:
        return await asking
    except (APIError, nats.errors.Error, TimeoutError) as error:
        message = f"the {what} of the broker cannot be looked at: {reason_of(error)}"
        raise BusUnavailable(message) from error
