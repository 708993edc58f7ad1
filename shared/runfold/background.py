"""Tasks in the background: held while they work, watched while one waits, and ended for certain.

What a task does belongs to those who start it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

AGAIN = 0.2
"""Seconds after which a task that goes on is cancelled once more."""


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended, with a result, an error or cancelled.

    In Python 3.11 a cancellation that arrives in the moment in which `asyncio.wait_for` has its
    result is lost; the task would go on for ever. Cancelling this function ends the tasks first.
    """
    left = {task for task in tasks if not task.done()}
    cancelled = False
    while left:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=AGAIN)
        except asyncio.CancelledError:
            cancelled = True
        left = {task for task in left if not task.done()}
    # Looked at, so that the loop does not report an error that its owner did not ask for.
    for task in tasks:
        if not task.cancelled():
            task.exception()
    if cancelled:
        raise asyncio.CancelledError


async def until(
    event: asyncio.Event, *working: asyncio.Future[Any], timeout: float | None = None
) -> bool:
    """Wait for an event, or until one of some tasks ends, or for so many seconds.

    Returns:
        Whether the event is set.

    Raises:
        Exception: What one of the tasks failed with before the event; the others go on.
    """
    coming = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((coming, *working), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        coming.cancel()
    if not event.is_set():
        for task in working:
            _raise_failure(task)
    return event.is_set()


async def unless(event: asyncio.Event, work: Awaitable[T]) -> T | None:
    """The result of some work; None when an event is set before it has one, which ends the work.

    Raises:
        Exception: What the work failed with.
    """
    working = asyncio.ensure_future(work)
    try:
        await until(event, working)
        return working.result() if working.done() else None
    finally:
        await end(working)


async def all_ended(*working: asyncio.Future[Any]) -> None:
    """Wait until all of some tasks have ended.

    Raises:
        Exception: What the first one to fail failed with, at once; the others go on.
    """
    if working:
        await asyncio.wait(working, return_when=asyncio.FIRST_EXCEPTION)
    for task in working:
        _raise_failure(task)


def _raise_failure(task: asyncio.Future[Any]) -> None:
    if task.done() and not task.cancelled():
        task.result()


async def in_turns(items: Iterable[T], size: int = 1_000) -> AsyncIterator[T]:
    """Items one after the other; after each so many, what else is to be done has its turn."""
    for number, item in enumerate(items, 1):
        yield item
        if number % size == 0:
            await asyncio.sleep(0)


class Background:
    """Holds tasks until they have ended: the event loop itself keeps no hold of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have some work done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until what was started has ended."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def end(self) -> None:
        """Cancel what was started, and wait until it has ended."""
        await end(*self._tasks)
