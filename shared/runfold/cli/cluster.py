"""`runfold cluster`: an operator's view of what runfold keeps on NATS, and the way to change it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.backup import back_up, read_backup, restore
from runfold.bus.jetstream.client.link import DEFAULT_URL, shown_servers
from runfold.bus.jetstream.connect import connect_client
from runfold.bus.jetstream.topology import apply as changing
from runfold.bus.jetstream.topology.api import Patience
from runfold.bus.jetstream.topology.apply import Plan
from runfold.bus.jetstream.topology.state import AssetState, states
from runfold.cli.outcome import OK, RUN_FAILED, say
from runfold.cli.stack import running_server, settings_for
from runfold.errors import ConfigurationError
from runfold.ids import checked_token
from runfold.settings import Settings

READY_WITHIN = 30.0
"""Seconds that JetStream is given to answer, over a whole command."""


class Wanted(msgspec.Struct, frozen=True):
    """The options of `plan` and `apply`."""

    replicas: int
    """0: as set by `RUNFOLD_REPLICAS`, or as they are."""
    group_limits: tuple[str, ...]
    """`GROUP=N` each."""
    server: str
    data_dir: Path | None


async def status(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print each asset's copies; 1 when one has no leader, or a copy is behind or away."""
    async with _server(settings_for(server, data_dir)) as (nc, settings):
        found = await states(nc, settings)
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _print_states(found)
    return OK if all(not one.problem for one in found) else RUN_FAILED


async def plan(wanted: Wanted, *, as_json: bool) -> int:
    """Print what differs; 1 when something does."""
    async with _server(_settings(wanted)) as (nc, settings):
        found = await changing.plan(nc, settings, _limits(wanted), Patience(READY_WITHIN))
    if as_json:
        _print_json(found)
    else:
        _print_plan(found, settings)
    return RUN_FAILED if found.topology.missing or found.differences else OK


async def apply(wanted: Wanted, *, yes: bool) -> int:
    """Show what differs, ask, and change it; 1 when something could not be changed.

    Raises:
        ConfigurationError: No terminal to ask at, or the server refuses to create something.
    """
    limits = _limits(wanted)
    async with _server(_settings(wanted)) as (nc, settings):
        found = await changing.plan(nc, settings, limits, Patience(READY_WITHIN))
        _print_plan(found, settings)
        if not found.topology.missing and not found.changes:
            return RUN_FAILED if found.fixed else OK
        if not yes and not await _agreed():
            print("nothing was changed")
            return RUN_FAILED
        refused = len(found.fixed)
        async for step in changing.apply(nc, settings, found, Patience(READY_WITHIN)):
            print(f"{step.label}: {step.did or f'refused by the server: {step.refused}'}")
            refused += bool(step.refused)
    return RUN_FAILED if refused else OK


async def backup(directory: Path, server: str, data_dir: Path | None) -> int:
    """Copy everything into a new directory."""
    async with _server(settings_for(server, data_dir)) as (nc, _):
        async for copy in back_up(nc, directory):
            print(f"{copy.label}: {copy.state.get('messages', 0)} messages, {copy.size} bytes")
    return OK


async def restored(directory: Path, wanted: Wanted) -> int:
    """Make everything anew from a backup, on a server that has nothing.

    Raises:
        ConfigurationError: When the backup is not whole, or the server has something.
    """
    settings = _settings(wanted)
    replicas = settings.replicas if "replicas" in settings.model_fields_set else 0
    copies = await asyncio.to_thread(read_backup, directory)
    async with _server(settings) as (nc, _):
        async for copy in restore(nc, directory, copies, replicas):
            print(f"{copy.label}: {copy.state.get('messages', 0)} messages")
    return OK


@asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[tuple[Any, Settings]]:
    """A connection to the server that is meant; nothing is started and nothing is created."""
    url = settings.nats_url or running_server(settings.data_dir)
    settings = settings.model_copy(update={"nats_url": url})
    say(f"NATS {shown_servers(url or DEFAULT_URL)}")
    nc = await connect_client(settings)
    try:
        yield nc, settings
    finally:
        await nc.close()


def _settings(wanted: Wanted) -> Settings:
    settings = settings_for(wanted.server, wanted.data_dir)
    return settings.model_copy(update={"replicas": wanted.replicas} if wanted.replicas else {})


def _limits(wanted: Wanted) -> dict[str, int]:
    """The limits of groups.

    Raises:
        ConfigurationError: For one that is not `GROUP=N`.
    """
    limits: dict[str, int] = {}
    for text in wanted.group_limits:
        group, _, number = text.partition("=")
        if not group or not number.isdecimal():
            message = f"--group-limit {text!r}: give a group and a number, like llm=10"
            raise ConfigurationError(message, code="options.group_limit")
        limits[checked_token(group, "group")] = int(number)
    return limits


async def _agreed() -> bool:
    """Ask at the terminal.

    Raises:
        ConfigurationError: When there is no terminal.
    """
    if not sys.stdin.isatty():
        message = "there is no terminal to ask at: look at the plan, then say --yes"
        raise ConfigurationError(message, code="options.not_asked")
    answer = await asyncio.to_thread(input, "change this? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _print_plan(found: Plan, settings: Settings) -> None:
    for asset in found.topology.missing:
        print(f"{asset.label}: is missing, to be created")
    for one in found.changes:
        print(f"{one.label}: {one.field} {one.has} -> {one.wanted}")
    for one in found.fixed:
        print(f"{one.label}: {one.field} {one.has} cannot become {one.wanted} in place:")
        print(f"    {one.fixed}")
    if not found.topology.missing and not found.differences:
        print("everything is as it should be")
    if "replicas" not in settings.model_fields_set:
        say(
            "RUNFOLD_REPLICAS is not set and --replicas not given: no number of copies is asked for"
        )


def _print_json(found: Plan) -> None:
    document = {
        "missing": [asset.label for asset in found.topology.missing],
        "differences": [msgspec.to_builtins(one) for one in found.differences],
    }
    print(json.dumps(document, indent=2))


def _print_states(found: list[AssetState]) -> None:
    width = max((len(one.label) for one in found), default=0)
    for one in found:
        where = f"{one.leader or '(no leader)'}" + "".join(f", {name}" for name in one.copies)
        size = f"{one.messages:>9} messages {one.bytes / 1e6:>10.1f} MB"
        print(f"{'BAD' if one.problem else 'ok '}  {one.label:{width}}  {size}  {where}")
        if one.problem:
            print(f"     {'':{width}}  {one.problem}")
