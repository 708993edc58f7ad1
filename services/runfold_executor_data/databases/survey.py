"""What declared sources say of themselves, for checks and for `doctor`: asked once, for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from runfold.errors import NodeFailed, RunfoldError
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Secrets
from runfold.settings import Settings
from runfold_executor_data.databases.opened import Databases, open_databases
from runfold_executor_data.databases.sources import target_of

WITHIN = 15.0
"""Seconds that all sources together are given."""


class Surveyed(msgspec.Struct, frozen=True):
    """One source as it was found."""

    columns: dict[str, list[str]] = {}
    """Columns of the tables that were asked for."""
    refused: dict[str, NodeFailed] = {}
    """Why others of them cannot be used."""
    problem: str = ""
    """Why it could not be asked; empty when it was."""
    reason: str = ""
    """What lies behind that, for operators: it may name the address."""


async def survey(settings: Settings, tables: Mapping[str, Collection[str]]) -> dict[str, Surveyed]:
    """Connect with declared sources, and look tables up, all at the same time.

    Args:
        settings: Declare the sources.
        tables: Names of sources, and of tables that may be in them.
    """
    async with open_databases(settings) as databases:
        found = await asyncio.gather(
            *(_asked(settings, databases, name, wanted) for name, wanted in tables.items())
        )
    return dict(zip(tables, found, strict=True))


class _Asking:
    """The part of a node's context that a transaction wants."""

    deadline: float | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.files: Any = None


async def _asked(
    settings: Settings, databases: Databases, name: str, tables: Collection[str]
) -> Surveyed:
    redaction = Redaction()
    columns: dict[str, list[str]] = {}
    refused: dict[str, NodeFailed] = {}
    try:
        target = target_of(settings, name, Secrets(settings, redaction).needed)
        ctx: Any = _Asking(settings)
        async with (
            asyncio.timeout(WITHIN),
            databases.begin(ctx, target, write=False) as session,
        ):
            for table in tables:
                try:
                    columns[table] = list((await session.table(table)).columns)
                except NodeFailed as error:
                    refused[table] = error
    except RunfoldError as error:
        reason = redaction.text(str(error.__cause__ or ""))
        return Surveyed(problem=redaction.text(error.message), reason=reason)
    except TimeoutError:
        return Surveyed(problem=f"it did not answer within {WITHIN:g} s")
    return Surveyed(columns, refused)
