"""An executor group as a service: its worker, started, watched and drained."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from runfold.background import end, until
from runfold.bus.ports.bus import Answering, Bus
from runfold.executor.extras import need
from runfold.executor.heartbeat import Heartbeat
from runfold.executor.hooks import load_hooks
from runfold.executor.node import NodeExecutor, QueryExecutor, Wrap
from runfold.executor.registry import gather
from runfold.executor.resources import Resources
from runfold.executor.worker import Worker
from runfold.settings import Settings


def executor_service(
    bus: Bus,
    settings: Settings,
    group: str,
    own: Iterable[NodeExecutor] = (),
    queries: Iterable[QueryExecutor] = (),
    wrap: Wrap | None = None,
) -> ExecutorService:
    """The service of a group, with its own nodes and those of `RUNFOLD_NODE_MODULES`."""
    executors = gather(group, settings, own)
    if wrap is not None:
        executors = {name: wrap(one) for name, one in executors.items()}
    return ExecutorService(bus, settings, group, executors, queries)


class ExecutorService:
    """One executor process of a group; `runfold.service.ports.Service`."""

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        group: str,
        executors: Mapping[str, NodeExecutor],
        queries: Iterable[QueryExecutor] = (),
    ) -> None:
        self.name = f"executor-{group}"
        self._resources = Resources(executors.values(), settings, bus)
        self.worker = Worker(bus, settings, group, executors, load_hooks(settings), self._resources)
        self.queries = {one.verb: self._answering(one) for one in queries}
        """Verb → what answers it."""
        self._heartbeat = Heartbeat(
            bus.leases,
            self.worker.name,
            group,
            settings.concurrency,
            lambda: self.worker.in_flight,
        )
        self._bus = bus
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []
        self._drained = asyncio.Event()

    async def start(self) -> None:
        """Take tasks. What they share is opened meanwhile."""
        self._resources.open()
        await self.worker.open()
        self._tasks = [
            asyncio.create_task(self.worker.take(), name=f"{self.name} take"),
            asyncio.create_task(self.worker.keep_alive(), name=f"{self.name} keep-alive"),
            asyncio.create_task(self._heartbeat.keep(), name=f"{self.name} heartbeat"),
        ]

    async def wait(self) -> None:
        """Return after `drain`; raise what the worker, or opening a resource, failed with."""
        working = [*self._tasks, *self._resources.held]
        while not await until(self._drained, *working):
            working = [task for task in working if not task.done()]

    async def drain(self) -> None:
        """Take nothing more, finish within the grace, give the rest back."""
        await self.worker.stop(self._settings.grace)
        await end(*self._tasks)
        self._drained.set()
        await self._heartbeat.end()
        await self._resources.close()

    def _answering(self, query: QueryExecutor) -> Answering:
        async def answer(body: bytes) -> bytes:
            need(query.node.kind.extra, f"what is asked with {query.verb!r}")
            return await query.answer(await self._resources.of(query.node), body)

        return answer

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._tasks:
            return "not started"
        if not self._bus.connected:
            return "NATS is not reachable"
        return None
