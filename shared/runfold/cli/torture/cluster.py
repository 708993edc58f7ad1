"""A whole deployment as separate processes on this machine: nats-server, and each service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.processes import Process, service
from runfold.cli.torture import journal

SERVICES = {
    "scheduler-1": "scheduler",
    "scheduler-2": "scheduler",
    "executor-1": "executor",
    "executor-2": "executor",
    "projection": "projection",
    "archiver": "archiver",
    "gateway": "gateway",
}
"""Name → service, as `runfold serve` has it; `executor` is one of the journal group."""

ANSWER_WITHIN = 1.0
"""Seconds services are given to say what they do."""


def free_port() -> int:
    """A port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """Processes over one nats-server, all of which can be killed and started again.

    Args:
        directory: For streams, databases and the journal.
        services: Name → service.
        environment: Settings of all services.
        armed: Name → fail points with which that service starts the first time.
    """

    def __init__(
        self,
        directory: Path,
        services: Mapping[str, str] = SERVICES,
        environment: Mapping[str, str] | None = None,
        armed: Mapping[str, str] | None = None,
    ) -> None:
        self._directory = directory
        self._services = dict(services)
        self._environment = dict(environment or {})
        self._armed = dict(armed or {})
        self.nats = EmbeddedNats(directory / "nats", free_port())
        self.gateway_port = free_port()
        self.journal = directory / "journal"
        self.processes: dict[str, Process] = {}

    async def __aenter__(self) -> Self:
        await self.nats.start()
        try:
            await asyncio.gather(*(self.start(name) for name in self._services))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(process.kill() for process in self.processes.values()))
        await self.nats.stop()

    async def start(self, name: str, what: str = "") -> Process:
        """Start a service that does not run; what was armed for it is armed once.

        Args:
            name: Its name; a new one joins the cluster.
            what: For a new one, the service it is.
        """
        if what:
            self._services[name] = what
        armed = self._armed.pop(name, "")
        process = self.processes[name] = self._made(name, armed)
        await process.start()
        return process

    def arm(self, name: str, points: str) -> None:
        """Have a service start with fail points the next time."""
        self._armed[name] = points

    async def restart(self, name: str) -> Process:
        """Kill a service, and start it again."""
        await self.processes[name].kill()
        return await self.start(name)

    async def kill_nats(self) -> None:
        """Kill the nats-server as a crash would."""
        if self.nats.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.nats.pid, signal.SIGKILL)
            await self.nats.died()

    async def ask_what_they_do(self) -> None:
        """Have every service write into its log where its tasks wait."""
        for process in self.processes.values():
            process.send(signal.SIGUSR2)
        await asyncio.sleep(ANSWER_WITHIN)

    def _made(self, name: str, armed: str) -> Process:
        what = self._services[name]
        environment = {
            "RUNFOLD_NODE_MODULES": journal.__name__,
            "RUNFOLD_DATA_DIR": str(self._directory / name),
            "RUNFOLD_GATEWAY_PORT": str(self.gateway_port),
            "RUNFOLD_FAILPOINTS": armed,
            "RUNFOLD_ACK_WAIT": "3",
            journal.FILE: str(self.journal),
            **self._environment,
        }
        options = ("--group", "journal") if what == "executor" else ()
        log = self._directory / f"{name}.log"
        return service(what, self.nats.url, *options, log=log, **environment)
