"""`runfold doctor`: looks at what runfold needs, and says what to mend."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from runfold.bus.jetstream.client.link import shown_servers
from runfold.bus.jetstream.connect import connect, connect_client, server_time, server_version
from runfold.bus.jetstream.embedded_server import server_binary
from runfold.bus.jetstream.topology.api import Patience
from runfold.bus.jetstream.topology.apply import plan
from runfold.bus.ports.bus import Bus
from runfold.cli.mcp_survey import server_of, surveyed
from runfold.cli.outcome import OK, RUN_FAILED
from runfold.cli.stack import lock_data_dir, running_server, settings_for
from runfold.definitions.schedules import unscheduled
from runfold.definitions.subjects import silent
from runfold.errors import RunfoldError
from runfold.graph.extras import MODULES, how_to_install, missing
from runfold.settings import Settings

if TYPE_CHECKING:
    from runfold_executor_http.mcp_client.survey import Surveyed

NEEDED_NATS = (2, 12)
"""The first version with message schedules."""
ENOUGH_SPACE = 1024**3
SKEW = 2.0
"""Seconds by which this clock may differ from the server's."""


class Finding(msgspec.Struct, frozen=True):
    """What one look found."""

    name: str
    ok: bool
    found: str
    fix: str = ""


TOPOLOGY_WITHIN = 10.0
"""Seconds that JetStream is given to answer."""

Look = Callable[[Settings], Awaitable[Finding]]


async def doctor(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Look at everything; 0 when nothing is to be mended, else 1."""
    settings = settings_for(server, data_dir)
    findings = [await look(settings) for look in (_python, _binary, _data_dir)]
    findings += await _nats(settings)
    findings += [await look(settings) for look in (_schedules, _subjects, _model, _sandbox)]
    findings += [_extra(extra, settings) for extra in MODULES]
    findings += await _mcp_servers(settings)
    findings += await _databases(settings)
    if as_json:
        print(json.dumps([msgspec.to_builtins(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.name:14} {finding.found}")
            if finding.fix:
                print(f"     {'':14} {finding.fix}")
    return OK if all(finding.ok for finding in findings) else RUN_FAILED


async def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), version, "")


async def _binary(_settings: Settings) -> Finding:
    try:
        return Finding("nats-server", ok=True, found=server_binary())
    except RunfoldError as error:
        return Finding("nats-server", ok=False, found="not installed", fix=str(error))


async def _data_dir(settings: Settings) -> Finding:
    where = settings.data_dir
    try:
        lock = lock_data_dir(where)
    except RunfoldError as error:
        return Finding("data directory", ok=False, found=str(where), fix=str(error))
    if lock is not None:
        lock.close()
    free = shutil.disk_usage(where).free
    found = f"{where}, {free / 1024**3:.1f} GiB free"
    fix = "" if free > ENOUGH_SPACE else "make room: under 1 GiB the server may refuse to store"
    return Finding("data directory", not fix, found, fix)


async def _nats(settings: Settings) -> list[Finding]:
    url = settings.nats_url or running_server(settings.data_dir)
    if not url:
        return [Finding("nats", ok=True, found="embedded, started when needed")]
    shown = shown_servers(url)
    try:
        nc = await connect_client(settings.model_copy(update={"nats_url": url}))
    except RunfoldError as error:
        return [Finding("nats", ok=False, found=shown, fix=str(error))]
    try:
        version = server_version(nc)
        topology = await _topology(nc, settings)
        now = await server_time(nc)
    finally:
        await nc.close()
    fix = ""
    if version < NEEDED_NATS:
        fix = f"runfold needs NATS {'.'.join(map(str, NEEDED_NATS))} or newer"
    elif now is not None and (skew := abs(time.time() - now)) > SKEW:
        fix = f"this clock and the server's differ by {skew:.1f} s: synchronise them"
    found = f"{shown}, {'.'.join(map(str, version))}"
    return [Finding("nats", not fix, found, fix), topology]


async def _topology(nc: Any, settings: Settings) -> Finding:
    """Whether streams, buckets, object stores and consumers are as they should be."""
    try:
        found = await plan(nc, settings, {}, Patience(TOPOLOGY_WITHIN))
    except RunfoldError as error:
        return Finding("topology", ok=False, found="cannot be read", fix=str(error))
    if not found.topology.streams:
        return Finding("topology", ok=True, found="nothing yet: the first service creates it")
    wrong = [f"{asset.label} is missing" for asset in found.topology.missing]
    wrong += [str(difference) for difference in found.differences]
    if not wrong:
        return Finding("topology", ok=True, found="as it should be")
    fix = "`runfold cluster plan` shows what `runfold cluster apply` would change"
    return Finding("topology", ok=False, found="; ".join(wrong), fix=fix)


async def _schedules(settings: Settings) -> Finding:
    async def look(bus: Bus) -> Finding:
        amiss = await unscheduled(bus)
        if not amiss:
            return Finding("schedules", ok=True, found="all with the broker")
        found = f"{len(amiss)} workflows are not scheduled as published"
        return Finding("schedules", ok=False, found=found, fix="; ".join(amiss))

    return await _on_bus("schedules", settings, look)


async def _subjects(settings: Settings) -> Finding:
    async def look(bus: Bus) -> Finding:
        amiss = await silent(bus)
        if not amiss:
            return Finding("subjects", ok=True, found="all have their messages")
        found = f"messages of {len(amiss)} subjects do not come"
        return Finding("subjects", ok=False, found=found, fix="; ".join(amiss))

    return await _on_bus("subjects", settings, look)


async def _on_bus(
    name: str, settings: Settings, look: Callable[[Bus], Awaitable[Finding]]
) -> Finding:
    """What is found on the server's bus, where one is up."""
    url = settings.nats_url or running_server(settings.data_dir)
    if not url:
        return Finding(name, ok=True, found="no server is up")
    try:
        bus = await connect(
            settings.model_copy(update={"nats_url": url}), role="reader", within=TOPOLOGY_WITHIN
        )
    except RunfoldError as error:
        if error.code == "bus.no_topology":
            return Finding(name, ok=True, found="nothing yet")
        return Finding(name, ok=False, found="not known", fix=str(error))
    try:
        return await look(bus)
    except RunfoldError as error:
        return Finding(name, ok=False, found="not known", fix=str(error))
    finally:
        await bus.close()


async def _model(settings: Settings) -> Finding:
    url = settings.openai_base_url or "https://api.openai.com/v1"
    has_key = bool(settings.openai_api_key.get_secret_value())
    if not has_key and not settings.openai_base_url and not settings.llm.providers:
        hint = "set OPENAI_API_KEY, or run with --demo-model or --local-model"
        return Finding("model", ok=True, found="none configured", fix=hint)
    where = urlsplit(url)
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(where.hostname, port)
    except (OSError, TimeoutError) as error:
        reason = str(error) or "no answer"
        fix = f"{where.hostname}:{port} cannot be reached ({reason}): check OPENAI_BASE_URL"
        return Finding("model", ok=False, found=url, fix=fix)
    writer.close()
    found = f"{url}, key {'set' if has_key else 'not set'}"
    return Finding("model", ok=True, found=found)


async def _sandbox(settings: Settings) -> Finding:
    from runfold.executor.conformance import run_node
    from runfold_executor_code.nodes import NODES

    node = next(node for node in NODES if node.kind.type == "code")
    runtimes = {"Python": {}, "JavaScript": {"language": "javascript"}}
    if settings.code.full:
        runtimes["full Python"] = {"runtime": "full"}
    failed = {}
    for name, config in runtimes.items():
        result = await run_node(node, {"code": "result = 6 * 7", **config}, {}, settings=settings)
        if result.outputs.get("output") != 42:  # noqa: PLR2004 -- 6 * 7
            failed[name] = result.failure.message if result.failure else "it gives another result"
    fix = "; ".join(f"{name}: {said}" for name, said in failed.items())
    found = f"{', '.join(failed)} fails" if failed else f"works: {', '.join(runtimes)}"
    return Finding("code sandbox", not failed, found, fix)


def _extra(extra: str, settings: Settings) -> Finding:
    """Whether an extra is installed; it has to be where the settings ask for it."""
    if not missing(extra):
        return Finding(extra, ok=True, found="installed")
    if extra == "mcp" and settings.mcp.servers:
        return Finding(extra, ok=False, found="not installed", fix=how_to_install(extra))
    return Finding(extra, ok=True, found="not installed", fix=f"optional: {how_to_install(extra)}")


async def _mcp_servers(settings: Settings) -> list[Finding]:
    """Each MCP server that is declared here, asked for its tools."""
    if not settings.mcp.servers or missing("mcp"):
        return []
    servers = settings.mcp.servers
    up = bool(server_of(settings))
    found = await surveyed(settings, [one for one in servers if up or not servers[one].connection])
    return [
        Finding(f"mcp {name}", not found[name].problem, _tools(found[name]), found[name].problem)
        if name in found
        else Finding(f"mcp {name}", ok=True, found="no server is up, which has its connection")
        for name in servers
    ]


def _tools(server: Surveyed) -> str:
    return f"{len(server.tools)} tools"


async def _databases(settings: Settings) -> list[Finding]:
    """Each data source that is declared here, connected with."""
    sources = settings.databases.sources
    if not sources:
        return []
    from runfold_executor_data.databases.survey import survey

    found = await survey(settings, dict.fromkeys(sources, ()))
    return [
        Finding(
            f"database {name}",
            not one.problem,
            f"{sources[name].dialect}, {'read and write' if sources[name].write else 'read only'}",
            f"{one.problem}{one.reason and f' ({one.reason})'}",
        )
        for name, one in found.items()
    ]
