"""Settles what follows from definitions: when one changes, and now and then without a change.

What follows from them lives with its keeper: schedules in `time`, subscriptions in `subjects`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from runfold.bus.ports.bus import Bus
from runfold.errors import BusUnavailable

log = structlog.get_logger("scheduler")

LOOK_EVERY = 30.0
"""Seconds after which all workflows are looked at without a change that was noticed."""
AGAIN = 1.0
"""Seconds between tries while the bus is away."""


async def keep_settled(
    bus: Bus,
    what: str,
    settle: Callable[[], Awaitable[None]],
    changed: asyncio.Event,
    look_after: Callable[[], float] = lambda: LOOK_EVERY,
) -> NoReturn:
    """Settle now and after each change, for ever.

    Args:
        bus: Definitions.
        what: What is settled, for the log.
        settle: Makes it as the definitions say. Doing it twice changes nothing.
        changed: Set when a definition changes. The keeper may set it too.
        look_after: Gives the seconds until all is looked at without a change.
    """
    stop = await bus.definitions.watch(lambda _key, _value: changed.set())
    try:
        while True:
            changed.clear()
            try:
                await settle()
            except BusUnavailable as error:
                log.warning("definitions not settled", what=what, reason=str(error))
                await asyncio.sleep(AGAIN)
                continue
            except Exception:
                # Anything may be stored: it must end neither the others nor this scheduler.
                log.exception("definitions not settled", what=what)
            await _changed_or_late(changed, look_after())
    finally:
        await stop()


async def _changed_or_late(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
