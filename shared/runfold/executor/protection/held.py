"""What an attempt holds while it runs: said to be its own again and again, and given up after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from runfold.background import end
from runfold.errors import BusUnavailable
from runfold.executor.protection.board import Board

S = TypeVar("S")

KEPT = 15.0
"""Seconds after which what an executor held that died is free."""
SHARE = 3
"""Times it is renewed within that."""

log = structlog.get_logger("executor")


@asynccontextmanager
async def holding(
    board: Board[S], stay: Callable[[S, float], tuple[S, bool]], run_id: str
) -> AsyncIterator[None]:
    """Keep what is held for as long as the block runs."""
    renewing = asyncio.create_task(_renew(board, stay, run_id), name="keep what is held")
    try:
        yield
    finally:
        await end(renewing)


async def let_go(board: Board[S], leave: Callable[[S], S], run_id: str) -> None:
    """Give up what is held, or let it expire."""
    try:
        await board.change(lambda state, _: (leave(state), None))
    except BusUnavailable as error:
        log.warning("what was held expires by itself", run_id=run_id, reason=str(error))


async def _renew(board: Board[S], stay: Callable[[S, float], tuple[S, bool]], run_id: str) -> None:
    while True:
        await asyncio.sleep(KEPT / SHARE)
        try:
            is_held = await board.change(stay)
        except BusUnavailable as error:
            log.warning("what is held was not renewed", run_id=run_id, reason=str(error))
            continue
        if not is_held:
            log.warning("what was held went to somebody else", run_id=run_id)
            return
