"""Ending background tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN = 0.2
"""Seconds after which a task that goes on is cancelled once more."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended, whatever they end with.

    In Python 3.11 a cancellation that arrives in the moment in which `asyncio.wait_for` has its
    result is lost; the task would go on for ever. Who is cancelled in here ends the tasks first.
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
    # Looked at, so that the loop does not report what nobody asks for any more.
    for task in tasks:
        if not task.cancelled():
            task.exception()
    if cancelled:
        raise asyncio.CancelledError
