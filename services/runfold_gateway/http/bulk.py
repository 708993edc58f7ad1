"""Requests about many things: how many they may name, and what is said of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
import structlog

from runfold.errors import InvalidRequest, RunfoldError
from runfold_gateway.documents.problems import Problem
from runfold_gateway.problems import bug, problem_of

log = structlog.get_logger("gateway")

K = TypeVar("K", str, int)
T = TypeVar("T")

MOST = 500
"""Things that one request may be about."""
AT_ONCE = 16
"""Of them, those that are worked on at a time."""


def checked_ids(field: str, ids: Sequence[K]) -> list[K]:
    """The ids of a request, each once, in their order.

    Raises:
        InvalidRequest: `request.too_many` over `MOST`, `request.none` for none.
    """
    found = list(dict.fromkeys(ids))
    if not found:
        raise InvalidRequest(f"`{field}` is empty: name at least one", code="request.none")
    if len(found) > MOST:
        message = f"`{field}` has {len(found)}: name at most {MOST} at a time"
        raise InvalidRequest(message, code="request.too_many", details={"most": MOST})
    return found


async def each(
    ids: Sequence[K], act: Callable[[K], Awaitable[T]], failed: Callable[[K, Problem], T]
) -> list[T]:
    """What an act comes to for each of several things, a few at a time.

    One that fails is told of in its place and stops no other.

    Args:
        ids: The things.
        act: What is done to one.
        failed: What is said of one to which it could not be done.
    """
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(what: K) -> T:
        async with turn:
            try:
                return await act(what)
            except RunfoldError as error:
                return failed(what, msgspec.convert(problem_of(error), Problem))
            except Exception:
                log.exception("request failed for one of several", what=what)
                return failed(what, msgspec.convert(bug(), Problem))

    return await asyncio.gather(*map(one, ids))
