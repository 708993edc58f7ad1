"""A real server, a bus and tasks, for tests of executors and services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts.events import Recorded, event_type
from runfold.contracts.tasks import Task
from runfold.executor.service import ExecutorService
from runfold.settings import Settings
from tests.support.executor_nodes import NODE

GROUP = "probes"
RUN = "run-1"
WITHIN = 20.0


@asynccontextmanager
async def served(path: Path, **changes: Any) -> AsyncIterator[tuple[JetStreamBus, Settings]]:
    """A server of its own, a connected bus, and settings that point there."""
    async with EmbeddedNats(path / "nats") as server:
        settings = Settings(nats_url=server.url, **changes)
        bus = await connect(settings)
        try:
            yield bus, settings
        finally:
            await bus.close()


@asynccontextmanager
async def working(bus: JetStreamBus, settings: Settings) -> AsyncIterator[ExecutorService]:
    """A running executor of the probes."""
    service = ExecutorService(bus, settings, GROUP, {NODE.kind.type: NODE})
    await service.start()
    try:
        yield service
    finally:
        await service.drain()


def probe(node_id: str = "n", *, node_type: str = "probe", **config: Any) -> Task:
    """A task for the probe node."""
    timeout = config.pop("timeout", None)
    run_id = config.pop("run_id", RUN)
    scope = config.pop("scope", "")
    return Task(
        run_id=run_id,
        workflow_id="flow",
        node_id=node_id,
        node_type=node_type,
        scope=scope,
        config=config,
        timeout=timeout,
    )


async def log_until(bus: JetStreamBus, enough: Callable[[list[Recorded]], bool]) -> list[Recorded]:
    """The log from its beginning, as soon as it is as wanted."""
    seen: list[Recorded] = []
    async with asyncio.timeout(WITHIN):
        async for batch in bus.events.follow():
            seen += [record for record in batch if isinstance(record, Recorded)]
            if enough(seen):
                return seen
    return seen


async def ended(bus: JetStreamBus, count: int = 1) -> list[Recorded]:
    """The log once this many attempts ended."""
    ends = ("node_run_succeeded", "node_run_failed")
    return await log_until(
        bus, lambda seen: sum(event_type(one.event) in ends for one in seen) >= count
    )


async def last_of(bus: JetStreamBus, count: int = 1) -> Any:
    """The newest event once this many attempts ended."""
    return (await ended(bus, count))[-1].event


async def queue_is_empty(bus: JetStreamBus) -> None:
    """Return once the server holds no task any more."""
    js = bus.nc.jetstream()
    async with asyncio.timeout(WITHIN):
        # The server tells nobody when a queue runs empty: it has to be asked.
        while (await js.stream_info("TASKS")).state.messages:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
