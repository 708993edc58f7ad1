"""Limits and how much of them is in use, as the broker has it: of workflows, of nodes, of calls."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import msgspec
import structlog

from runfold.bus.ports.bus import Bus
from runfold.contracts.events import RunStarted
from runfold.contracts.json_reader import read_json
from runfold.contracts.leases import ConcurrencyBoard
from runfold.errors import ArchiveCorrupt, Undecodable
from runfold.executor.protection.keys import LIMITS, SLOTS
from runfold.executor.protection.limits import Owner, empty
from runfold.executor.protection.slots import State as Slots
from runfold.executor.protection.standing import in_slots, turns
from runfold_gateway.documents.operations import ConcurrencyShown, RateLimitShown, SlotsShown

log = structlog.get_logger("gateway")

MOST = 500
"""Limits of each sort that are shown."""
LOOKED_AT = 1_000
"""States of each sort that are looked at, those that were written last: idle ones stay for a day,
and a key of each user is a state of its own."""

T = TypeVar("T")


# --- runs of a workflow -------------------------------------------------------------------------


class _Concurrency(msgspec.Struct):
    limit: int = 1


class _Settings(msgspec.Struct):
    concurrency: _Concurrency | None = None


class _Definition(msgspec.Struct):
    """What a definition says of the limit, and nothing else of it."""

    settings: _Settings | None = None


async def concurrency_keys(bus: Bus) -> list[ConcurrencyShown]:
    """Concurrency keys in use. Boards are kept under digests: a run of theirs says the name."""
    boards: list[ConcurrencyBoard] = []
    for key, value in (await bus.places.entries()).items():
        board = _read(key, value or b"{}", ConcurrencyBoard)
        if board is not None and (board.holding or board.waiting):
            boards.append(board)
    boards.sort(key=lambda board: (-len(board.waiting), -len(board.holding)))
    named = await asyncio.gather(*(_named(bus, board) for board in boards[:MOST]))
    return [one for one in named if one is not None]


async def _named(bus: Bus, board: ConcurrencyBoard) -> ConcurrencyShown | None:
    run_id = (board.holding or board.waiting)[0]
    try:
        first = await bus.events.first_event(run_id)
    except ArchiveCorrupt as error:
        log.warning("run cannot be read", run_id=run_id, reason=str(error))
        first = None
    if first is None or not isinstance(first.event, RunStarted):
        return None
    event = first.event
    holding, waiting = len(board.holding), len(board.waiting)
    limit = _limit_of(run_id, bytes(event.definition))
    return ConcurrencyShown(event.workflow_id, event.concurrency_key, limit, holding, waiting)


def _limit_of(run_id: str, definition: bytes) -> int | None:
    found = _read(run_id, definition, _Definition)
    concurrency = found.settings.concurrency if found and found.settings else None
    return concurrency.limit if concurrency else None


# --- nodes --------------------------------------------------------------------------------------


async def node_slots(bus: Bus) -> list[SlotsShown]:
    """Nodes with a limit of attempts at a time that are in use, those with the longest line first.

    Raises:
        BusUnavailable: The broker does not answer.
    """
    states, now = await _states(bus, SLOTS)
    found: list[SlotsShown] = []
    for key, value in states.items():
        state = _read(key, value, Slots)
        if state is None or not state.limit:
            continue
        holding, waiting = in_slots(state, now)
        if holding or waiting:
            one = SlotsShown(key, state.workflow_id, state.node, state.limit, holding, waiting)
            found.append(one)
    return sorted(found, key=lambda one: (-one.waiting, -one.holding, one.id))[:MOST]


class _Owned(msgspec.Struct):
    owner: Owner | None = None


async def rate_limits_of(bus: Bus) -> list[RateLimitShown]:
    """Rate limits of which something is used up, those with the longest line first.

    Raises:
        BusUnavailable: The broker does not answer.
    """
    states, now = await _states(bus, LIMITS)
    found: list[RateLimitShown] = []
    for key, value in states.items():
        named = _read(key, value, _Owned)
        owner = named.owner if named else None
        state = _read(key, value, type(empty(owner.limit))) if owner else None
        if owner is None or state is None:
            continue
        standing = turns(owner.limit, state, now)
        if standing.used or standing.waiting:
            found.append(
                RateLimitShown(
                    id=key,
                    workflow_id=owner.workflow_id,
                    node=owner.node,
                    key=owner.key,
                    algorithm=owner.algorithm,
                    rate=owner.rate,
                    per=owner.per,
                    capacity=standing.capacity,
                    used=standing.used,
                    waiting=standing.waiting,
                    next_at=round(standing.next_at, 3),
                )
            )
    return sorted(found, key=lambda one: (-one.waiting, -one.next_at, one.id))[:MOST]


async def _states(bus: Bus, prefix: str) -> tuple[dict[str, bytes], float]:
    """States of a sort of limits, by digest, and the time: after all that was written there."""
    found = await bus.protection.newest(prefix, limit=LOOKED_AT)
    states = {key.removeprefix(prefix): value for key, value in found.items()}
    return states, await bus.events.now()


def _read(key: str, value: bytes, kind: type[T]) -> T | None:
    try:
        return read_json(value, kind)
    except Undecodable as error:
        log.warning("limit cannot be read", key=key, reason=str(error))
        return None
