"""How the deployment stands: put together of what the broker reports and of shared small states."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TypeVar

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.operations import QueueStanding
from runfold.contracts.codec import encode
from runfold.contracts.json_reader import read_json
from runfold.contracts.leases import (
    EXECUTORS,
    SCHEDULERS,
    ExecutorLease,
    SchedulerLease,
)
from runfold.errors import Conflict, Undecodable
from runfold.executor.protection import breaker
from runfold.executor.protection.keys import BREAKERS
from runfold_gateway.documents.operations import (
    BreakerReset,
    BreakerShown,
    ExecutorShown,
    GroupShown,
    OperationsShown,
    SchedulerShown,
    TypeShown,
)
from runfold_gateway.limits import concurrency_keys, node_slots, rate_limits_of

log = structlog.get_logger("gateway")

T = TypeVar("T")

MOST = 500
"""Breakers that are shown."""
GONE = 10.0
"""Seconds without a sign after which a process is not listed any more."""
TRIES = 10
"""Times somebody else may write a breaker between our reading and our writing it."""


async def operations(bus: Bus) -> OperationsShown:
    """How everything stands just now.

    Raises:
        BusUnavailable: The broker does not answer.
    """
    now, queues, streams = await asyncio.gather(
        bus.events.now(), bus.operations.queues(), bus.operations.streams()
    )
    executors, schedulers, breakers = await asyncio.gather(
        _leases(bus, EXECUTORS, ExecutorLease, now),
        _leases(bus, SCHEDULERS, SchedulerLease, now),
        _breakers(bus),
    )
    limits, slots, rate_limits = await asyncio.gather(
        concurrency_keys(bus), node_slots(bus), rate_limits_of(bus)
    )
    by_group: dict[str, list[ExecutorShown]] = defaultdict(list)
    for one, seen in executors:
        shown = ExecutorShown(one.id, one.version, one.host, one.slots, one.busy, seen)
        by_group[one.group].append(shown)
    known = {queue.group: queue for queue in queues}
    return OperationsShown(
        groups=[
            _group(group, known.get(group), by_group[group], now)
            for group in sorted({*known, *by_group})
        ],
        schedulers=[
            SchedulerShown(one.id, one.host, list(one.held), seen) for one, seen in schedulers
        ],
        streams=streams,
        breakers=[_shown(key, state, now) for key, state in breakers.items()],
        limits=limits,
        slots=slots,
        rate_limits=rate_limits,
    )


def _group(
    group: str, queue: QueueStanding | None, executors: list[ExecutorShown], now: float
) -> GroupShown:
    queue = queue or QueueStanding(group, False, 0, 0, 0, ())  # noqa: FBT003 -- a field
    types = [TypeShown(one.type, one.tasks, _age(one.oldest_at, now)) for one in queue.types]
    ages = [one.oldest_seconds for one in types if one.oldest_seconds is not None]
    return GroupShown(
        group=group,
        pending=queue.pending,
        in_flight=queue.in_flight,
        redelivered=queue.redelivered,
        limit=queue.limit,
        oldest_seconds=max(ages, default=None),
        types=types,
        executors=sorted(executors, key=lambda one: one.id),
    )


def _age(since: float | None, now: float) -> float | None:
    return None if since is None else round(max(0.0, now - since), 3)


async def _leases(bus: Bus, prefix: str, kind: type[T], now: float) -> list[tuple[T, float]]:
    """The leases of processes that are there, each with the time at which it was written."""
    found: list[tuple[T, float]] = []
    for key, written in (await bus.leases.written(prefix)).items():
        if now - written.at > GONE:
            continue  # the bucket forgets it in a moment
        try:
            found.append((read_json(written.value, kind), written.at))
        except Undecodable as error:
            log.warning("lease cannot be read", key=key, reason=str(error))
    return found


# --- circuit breakers ---------------------------------------------------------------------------


async def _breakers(bus: Bus) -> dict[str, breaker.State]:
    """Breakers that are open, half open, or have met failures."""
    found: dict[str, breaker.State] = {}
    for key, value in (await bus.protection.entries(BREAKERS)).items():
        state = _state(key, value)
        if state is not None and (state.is_open or state.failures) and len(found) < MOST:
            found[key] = state
    return found


def _state(key: str, value: bytes) -> breaker.State | None:
    try:
        return read_json(value, breaker.State)
    except Undecodable as error:
        log.warning("breaker cannot be read", key=key, reason=str(error))
        return None


def _shown(key: str, state: breaker.State, now: float) -> BreakerShown:
    return BreakerShown(
        id=key.removeprefix(BREAKERS),
        workflow_id=state.workflow_id,
        node=state.node,
        state=breaker.phase(state, now),
        failures=state.failures,
        opens_until=state.until if state.is_open else None,
    )


async def reset_breaker(bus: Bus, breaker_id: str) -> BreakerReset:
    """Close a breaker, as if its trials had gone well. Calls of before count no more.

    Raises:
        Conflict: Executors write it all the time.
        BusUnavailable: The broker does not answer.
    """
    key = BREAKERS + breaker_id
    for _ in range(TRIES):
        found = await bus.protection.get(key)
        state = _state(key, found[0]) if found is not None else None
        if found is None or state is None or not (state.is_open or state.failures):
            return BreakerReset(breaker_id, "not_found")
        try:
            await bus.protection.update(key, encode(breaker.reset(state)), found[1])
        except Conflict:
            continue
        return BreakerReset(breaker_id, "reset")
    message = f"breaker {breaker_id!r} is written by executors all the time: try again"
    raise Conflict(message, code="breaker.contended")
