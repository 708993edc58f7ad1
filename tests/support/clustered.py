"""Every service as a process on three nats-servers, and the runs that they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.cli.processes import Process, service
from runfold.cli.torture import journal as journal_node
from runfold.cli.torture.checker import Checker
from runfold.cli.torture.load import Expected
from runfold.client.runs import RunClient
from runfold.errors import BusUnavailable
from runfold.ids import uuid7
from runfold.settings import Settings
from tests.support.faults import chain, request
from tests.support.nats_cluster import NatsCluster, free_ports, three_servers

SERVICES = {
    "scheduler-1": "scheduler",
    "scheduler-2": "scheduler",
    "projection": "projection",
    "archiver": "archiver",
    "gateway": "gateway",
    "executor-journal": "executor",
    "executor-text": "executor-text",
}
LENGTH = 3
"""Nodes of each run, one after the other."""


class Clustered:
    """Services on a cluster, with a client.

    Args:
        nats: The servers.
        bus: A connection to them.
        directory: For databases, logs and the journal.
    """

    def __init__(self, nats: NatsCluster, bus: JetStreamBus, directory: Path) -> None:
        self.nats = nats
        self.bus = bus
        self.journal = directory / "journal"
        self.runs = RunClient(bus)

    async def ask(self, count: int, first: int = 0) -> list[str]:
        """Ask for runs, one after the other, until each request is accepted."""
        return [await self._ask(number) for number in range(first, first + count)]

    async def _ask(self, number: int) -> str:
        wanted = request(chain(LENGTH), run_id=uuid7(0, number.to_bytes(10)))
        while True:
            try:
                return await self.runs.start(wanted)
            except BusUnavailable:
                # Whoever asks asks again, under the same id.
                await asyncio.sleep(0.1)

    async def assert_all_is_well(self, run_ids: list[str]) -> None:
        """Every run has ended right, with one accepted ending for each attempt."""
        checker = Checker(self.bus, self.journal)
        for run_id in run_ids:
            view = await self.runs.wait(run_id, 120)
            assert view is not None, f"run {run_id} has not ended"
        checker = Checker(self.bus, self.journal)
        expected = Expected(outputs={"output": LENGTH - 1})
        for run_id in run_ids:
            found = await checker.check(run_id, expected)
            assert found == [], found


@asynccontextmanager
async def clustered(directory: Path) -> AsyncIterator[Clustered]:
    """Three servers and every service, all started at the same moment."""
    (port,) = free_ports(1)
    async with three_servers(directory / "nats") as nats:
        environment = {
            "RUNFOLD_REPLICAS": "3",
            "RUNFOLD_NODE_MODULES": journal_node.__name__,
            "RUNFOLD_ACK_WAIT": "3",
            "RUNFOLD_GATEWAY_PORT": str(port),
            journal_node.FILE: str(directory / "journal"),
        }
        processes = {
            name: _process(name, what, nats.url, directory, environment)
            for name, what in SERVICES.items()
        }
        try:
            await asyncio.gather(*(process.start() for process in processes.values()))
            settings = Settings(nats_url=nats.url, node_modules=journal_node.__name__)
            bus = await connect(settings)
            try:
                yield Clustered(nats, bus, directory)
            finally:
                await bus.close()
            for name, process in processes.items():
                assert process.running, (name, process.said)
        finally:
            await asyncio.gather(*(process.kill() for process in processes.values()))


def _process(
    name: str, what: str, url: str, directory: Path, environment: dict[str, str]
) -> Process:
    options = ("--group", "journal") if what == "executor" else ()
    log = directory / f"{name}.log"
    data = {"RUNFOLD_DATA_DIR": str(directory / name)}
    return service(what, url, *options, log=log, **environment, **data)
