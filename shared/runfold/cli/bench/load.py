"""Runs of small workflows, timed from the request to the run's end."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self

from runfold.bus.ports.bus import Bus
from runfold.client.runs import fresh_run_id
from runfold.contracts.requests import RunRequest
from runfold.definitions.store import DefinitionStore
from runfold.graph.loader import prepare

PATIENCE = 30.0
"""Seconds one run may take before the measurement is given up."""


def chain(length: int) -> dict[str, Any]:
    """Start → n0 → … → end, every n a task."""
    nodes = [{"id": "start", "type": "start"}]
    nodes += [{"id": f"n{i}", "type": "noop"} for i in range(length)]
    return {"id": "bench_chain", "nodes": [*nodes, {"id": "end", "type": "end"}]}


def fan_out(width: int) -> dict[str, Any]:
    """First → 100 at once → last, every one a task."""
    middle = [f"m{i}" for i in range(width)]
    nodes = [{"id": node_id, "type": "noop"} for node_id in ("first", *middle, "last")]
    edges = [{"source": "first", "target": node_id} for node_id in middle]
    edges += [{"source": node_id, "target": "last"} for node_id in middle]
    return {"id": "bench_fan_out", "nodes": nodes, "edges": edges}


class Load:
    """Starts runs and sees them end.

    Args:
        bus: A connection of its own.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._ends: dict[str, asyncio.Future[None]] = {}
        self._stop: Callable[[], Awaitable[None]] | None = None
        self._expected: set[str] = set()
        self._all_ended: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._stop = await self._bus.live.watch_run_ends(self._on_end)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._stop is not None:
            await self._stop()

    async def store(self, document: dict[str, Any]) -> None:
        """Publish a workflow."""
        workflow, _ = prepare(document)
        store = DefinitionStore(self._bus.definitions)
        await store.save_draft(workflow)
        await store.publish(workflow.id)

    async def run(self, workflow_id: str, run_id: str = "") -> float:
        """Run it once, under an id as clients make them; the seconds from request to end."""
        run_id = run_id or fresh_run_id()
        ended = self._ends[run_id] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        await self._bus.requests.send(RunRequest(workflow_id=workflow_id, run_id=run_id))
        await asyncio.wait_for(ended, PATIENCE)
        return time.perf_counter() - begun

    async def alone(self, workflow_id: str, rounds: int) -> float:
        """The median milliseconds of runs one after the other, after some to warm up."""
        for _ in range(rounds // 5 + 1):
            await self.run(workflow_id)
        taken = [await self.run(workflow_id) for _ in range(rounds)]
        return statistics.median(taken) * 1e3

    async def many(self, workflow_id: str, runs: int, at_once: int) -> float:
        """Seconds for many runs, so many of them under way at a time."""
        gate = asyncio.Semaphore(at_once)

        async def gated() -> None:
            async with gate:
                await self.run(workflow_id)

        begun = time.perf_counter()
        await asyncio.gather(*(gated() for _ in range(runs)))
        return time.perf_counter() - begun

    def expect(self, run_ids: Iterable[str]) -> asyncio.Future[None]:
        """A future that is done when all of some runs have ended."""
        self._expected = set(run_ids)
        self._all_ended = asyncio.get_running_loop().create_future()
        return self._all_ended

    @property
    def missing(self) -> int:
        """How many of the expected runs have not ended."""
        return len(self._expected)

    def _on_end(self, run_id: str) -> None:
        self._expected.discard(run_id)
        if not self._expected and self._all_ended is not None and not self._all_ended.done():
            self._all_ended.set_result(None)
        ended = self._ends.pop(run_id, None)
        if ended is not None and not ended.done():
            ended.set_result(None)
