"""Three nats-servers as one cluster, by the file that deploy/ ships: killed, started, asked."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from runfold.bus.jetstream.embedded_server import server_binary
from runfold.bus.jetstream.topology.api import Patience, stream_info
from runfold.cli import cluster as command

CONFIG = Path(__file__).parents[2] / "deploy" / "nats" / "cluster.conf"
PASSWORDS = {"NATS_RUNFOLD_PASSWORD": "for-services", "NATS_SYSTEM_PASSWORD": "for-operators"}
ELECTED_WITHIN = 60.0


def free_ports(count: int) -> list[int]:
    """Ports that are free just now, all of them different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class NatsCluster:
    """Three servers on this machine.

    Args:
        directory: For their streams, logs and configurations.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.names = ("nats-1", "nats-2", "nats-3")
        ports = free_ports(9)
        self._clients = dict(zip(self.names, ports[:3], strict=True))
        self._routes = dict(zip(self.names, ports[3:6], strict=True))
        self._monitors = dict(zip(self.names, ports[6:], strict=True))
        self._running: dict[str, asyncio.subprocess.Process] = {}

    @property
    def url(self) -> str:
        """All three for clients, with runfold's user."""
        return ",".join(self.url_of(name) for name in self.names)

    def url_of(self, name: str) -> str:
        """One of them."""
        password = PASSWORDS["NATS_RUNFOLD_PASSWORD"]
        return f"nats://runfold:{password}@127.0.0.1:{self._clients[name]}"

    async def start(self, name: str) -> None:
        """Start a server that does not run."""
        where = self._directory / name
        where.mkdir(parents=True, exist_ok=True)
        (where / "nats.conf").write_text(self._config(name, where))
        with (where / "nats.log").open("ab") as log:
            self._running[name] = await asyncio.create_subprocess_exec(
                server_binary(),
                *("--config", str(where / "nats.conf")),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **PASSWORDS, "NATS_NAME": name},
            )

    def _config(self, name: str, where: Path) -> str:
        """The shipped file, with this machine's ports and directories in it."""
        text = CONFIG.read_text().replace("ROUTE_PASSWORD", "for-routes")
        text = text.replace("/var/lib/nats", str(where / "store"))
        text = text.replace("port: 4222", f"listen: 127.0.0.1:{self._clients[name]}")
        text = text.replace("127.0.0.1:8222", f"127.0.0.1:{self._monitors[name]}")
        text = text.replace("port: 6222", f"listen: 127.0.0.1:{self._routes[name]}")
        return re.sub(r"@(nats-\d):6222", lambda m: f"@127.0.0.1:{self._routes[m[1]]}", text)

    async def start_all(self) -> None:
        """Start those that do not run; does not wait until they have elected a leader."""
        for name in self.names:
            if name not in self._running:
                await self.start(name)

    async def kill(self, name: str) -> None:
        """End one as a crash would."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def stop(self, name: str) -> None:
        """Let one hand over what it leads, and end: what a rolling upgrade does."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGUSR2)  # lame duck mode
        await process.wait()

    def wipe(self, name: str) -> None:
        """Take the disk of a server that does not run."""
        shutil.rmtree(self._directory / name / "store")

    async def stop_all(self) -> None:
        """End all of them."""
        for name in list(self._running):
            await self.kill(name)

    async def client(self) -> Client:
        """A connection, once one of them listens."""
        return await nats.connect(
            self.url.split(","),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            allow_reconnect=True,
            error_cb=_silent,
        )

    async def whole(self) -> None:
        """Wait until every copy is where it should be, as an operator does before the next step."""
        while await command.status(self.url, None, as_json=True) != 0:  # noqa: ASYNC110 -- as one does
            await asyncio.sleep(0.2)

    async def leader_of(self, stream: str) -> str:
        """The name of the server that leads a stream, once there is one that runs."""
        nc = await self.client()
        try:
            patience = Patience(ELECTED_WITHIN)
            while True:
                info = await patience.until_done(
                    f"leader of {stream}", lambda: stream_info(nc, stream)
                )
                leader = info.cluster.leader if info and info.cluster else None
                if leader in self._running:
                    return str(leader)
                await asyncio.sleep(0.1)
        finally:
            await nc.close()


async def _silent(_: Exception) -> None:
    """Servers come and go here."""


@asynccontextmanager
async def three_servers(directory: Path) -> AsyncIterator[NatsCluster]:
    """A running cluster, which may still elect its leaders."""
    cluster = NatsCluster(directory)
    await cluster.start_all()
    try:
        yield cluster
    finally:
        await cluster.stop_all()
