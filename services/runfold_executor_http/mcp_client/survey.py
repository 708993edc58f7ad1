"""The tools of declared servers, for checks and for `doctor`: asked once, for a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.contracts.secrecy import KEEPER
from runfold.errors import RunfoldError
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Secrets
from runfold.graph.extras import how_to_install, missing
from runfold.settings import Settings
from runfold_executor_http.mcp_client.pool import Sessions, open_sessions
from runfold_executor_http.mcp_client.servers import target_of
from runfold_executor_http.outside import connections_on, open_egress

WITHIN = 15.0
"""Seconds that all servers together are given."""


class Surveyed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One server as it was found."""

    tools: list[dict[str, Any]] = []
    """Name, description, parameters and whether it may be repeated, of each."""
    problem: str = ""
    """Why it could not be asked; empty when it was."""


async def survey(
    settings: Settings, names: Iterable[str], bus: Bus | None = None
) -> dict[str, Surveyed]:
    """Ask declared servers for their tools, all at the same time.

    Args:
        settings: Declare them.
        names: Which.
        bus: Where connections are stored that they name; without it such servers are not asked.
    """
    wanted = list(names)
    if wanted and missing("mcp"):
        problem = f"the extra 'mcp' is not installed here: {how_to_install('mcp')}"
        return {name: Surveyed(problem=problem) for name in wanted}
    redaction = Redaction()
    secrets = Secrets(settings, redaction)
    before = KEEPER.set(redaction)
    try:
        async with _opened(settings, bus) as sessions:
            found = await asyncio.gather(
                *(_asked(settings, sessions, secrets, redaction, one) for one in wanted)
            )
    finally:
        KEEPER.reset(before)
    return {
        name: msgspec.convert(redaction.json(msgspec.to_builtins(one)), Surveyed)
        for name, one in zip(wanted, found, strict=True)
    }


@asynccontextmanager
async def _opened(settings: Settings, bus: Bus | None) -> AsyncIterator[Sessions]:
    """Sessions, with the connections of a bus."""
    if bus is None:
        async with open_sessions(settings) as sessions:
            yield sessions
        return
    async with open_egress(settings) as egress:
        connections = connections_on(settings, bus, egress)
        try:
            async with open_sessions(settings, connections) as sessions:
                yield sessions
        finally:
            await connections.grants.finish()


async def _asked(
    settings: Settings, sessions: Sessions, secrets: Secrets, redaction: Redaction, name: str
) -> Surveyed:
    try:
        target = target_of(settings.mcp, name, secrets.needed)
        for value in target.secrets:
            redaction.remember(value)
        async with asyncio.timeout(WITHIN):
            target = await sessions.connected(target)
            async with sessions.use(target) as session:
                from runfold_executor_http.mcp_client.requests import tools_of
                from runfold_executor_http.mcp_client.results import listed

                return Surveyed(tools=listed(target, await tools_of(session), {}))
    except RunfoldError as error:
        return Surveyed(problem=error.message)
    except TimeoutError:
        return Surveyed(problem=f"it did not answer within {WITHIN:g} s")
