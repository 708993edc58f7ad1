"""The sandboxes that this service opens: one of programs, and one of conditions.

Conditions are small, and do not wait behind programs that compute for long.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from runfold.isolated.turns import FairTurns
from runfold.settings import Settings
from runfold_executor_code.full import open_full
from runfold_executor_code.javascript import open_javascript
from runfold_executor_code.monty import open_monty
from runfold_executor_code.sandbox import Runner, Runtime, Sandbox

_ALL, _OF_A_WORKFLOW = 3, 2
"""Programs at a time, in multiples of what one run may have: some are always left for others."""


@asynccontextmanager
async def open_programs(settings: Settings) -> AsyncIterator[Sandbox]:
    """The sandbox of programs with its workers, which end when it is left."""
    at_a_time = _ALL * settings.code.workers
    async with AsyncExitStack() as opened:
        runners: dict[Runtime, Runner] = {
            "python": await opened.enter_async_context(open_monty(at_a_time)),
            "javascript": await opened.enter_async_context(open_javascript(settings.code)),
            "full": await opened.enter_async_context(open_full(settings.code)),
        }
        yield Sandbox(runners, _turns(settings))


@asynccontextmanager
async def open_conditions(settings: Settings) -> AsyncIterator[Sandbox]:
    """The sandbox of conditions, which do not wait behind programs that compute for long."""
    async with open_monty(_ALL * settings.code.workers) as monty:
        yield Sandbox({"python": monty}, _turns(settings))


def _turns(settings: Settings) -> FairTurns:
    workers = settings.code.workers
    return FairTurns(_ALL * workers, (_OF_A_WORKFLOW * workers, workers))
