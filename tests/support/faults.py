"""A cluster of processes for fault tests, and what its runs come to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.cli.torture import journal as journal_node
from runfold.cli.torture.checker import Checker
from runfold.cli.torture.cluster import Cluster
from runfold.cli.torture.journal import Line
from runfold.cli.torture.load import Expected, ending, journal
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.engine.views.runs import RunView
from runfold.executor.registry import load_node_modules
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings

SETTINGS = Settings(node_modules=journal_node.__name__)


def request(document: dict[str, Any], **fields: Any) -> RunRequest:
    """A request that brings its definition along."""
    load_node_modules(SETTINGS)
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    return RunRequest(workflow_id=workflow.id, definition=definition, **fields)


def chain(length: int = 5, **config: Any) -> dict[str, Any]:
    """A chain of journal nodes whose output is its last one's number."""
    nodes = [journal(f"n{i}", i, **config) for i in range(length)]
    return {"id": "chain", "nodes": [*nodes, ending(f"n{length - 1}.output")]}


class Faulty:
    """A cluster with a client."""

    def __init__(self, cluster: Cluster, bus: JetStreamBus) -> None:
        self.cluster = cluster
        self.bus = bus
        self.runs = RunClient(bus)

    async def start(self, document: dict[str, Any], count: int = 1) -> list[str]:
        """Ask for runs."""
        return [await self.runs.start(request(document)) for _ in range(count)]

    async def ended(self, run_id: str, within: float = 30.0) -> RunView:
        """A run's state at its end."""
        view = await self.runs.wait(run_id, within)
        assert view is not None, await self.kinds(run_id)
        return view

    async def kinds(self, run_id: str) -> Counter[str]:
        """How many events of each type a run's log has."""
        records = await self.bus.events.read_run(run_id)
        return Counter(e.event_type(record.event) for record in records)

    async def until(self, holds: Callable[[list[e.Recorded]], bool], run_id: str) -> None:
        """Wait until a run's log satisfies something."""
        news = asyncio.Event()
        stop = await self.bus.live.watch(run_id, lambda _: news.set())
        try:
            async with asyncio.timeout(20):
                while not holds(await self.bus.events.read_run(run_id)):
                    await news.wait()
                    news.clear()
        finally:
            await stop()

    async def assert_all_is_well(
        self, run_ids: list[str], output: Any, statuses: tuple[str, ...] = ("succeeded",)
    ) -> None:
        """What torture checks, of each run: right end, one accepted ending an attempt, one key."""
        checker = Checker(self.bus, self.cluster.journal)
        expected = Expected(statuses, {"output": output})
        for run_id in run_ids:
            await self.ended(run_id)
            found = await checker.check(run_id, expected)
            assert found == [], found

    def calls(self) -> list[Line]:
        """Every call of a journal node, in order."""
        if not self.cluster.journal.exists():
            return []
        lines = self.cluster.journal.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Line) for line in lines]


@asynccontextmanager
async def faulty(
    directory: Path,
    services: Mapping[str, str] | None = None,
    armed: Mapping[str, str] | None = None,
    **environment: str,
) -> AsyncIterator[Faulty]:
    """A running cluster: by default a scheduler, a journal executor and a projection."""
    load_node_modules(SETTINGS)
    wanted = services or {
        "scheduler": "scheduler",
        "executor": "executor",
        "projection": "projection",
    }
    environment = {"RUNFOLD_ACK_WAIT": "1", **environment}
    async with Cluster(directory, wanted, environment, armed) as cluster:
        bus = await connect(SETTINGS.model_copy(update={"nats_url": cluster.nats.url}))
        try:
            yield Faulty(cluster, bus)
        finally:
            await bus.close()
