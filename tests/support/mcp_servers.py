"""Runs MCP servers for tests, and nodes against them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from runfold.bus.memory.bus import MemoryBus
from runfold.executor.conformance import Result, run_node
from runfold.settings import HTTPSettings, MCPServer, MCPSettings, Settings
from runfold_executor_http.mcp_node import NODE
from runfold_executor_http.outside import Outside, open_outside

ROOT = Path(__file__).parents[2]


class HTTPServer:
    """A server over HTTP, as a process that can be killed and started again at its port."""

    def __init__(self, journal: Path, *options: str, check: str = "") -> None:
        self.journal = journal
        self._check = check
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def start(self) -> None:
        environment = {"MCP_JOURNAL": str(self.journal), "MCP_PORT": str(self.port)}
        environment |= {"MCP_CHECK": self._check} if self._check else {}
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.support.mcp_server", "http", *self._options),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def http_server(journal: Path, *options: str, check: str = "") -> Iterator[HTTPServer]:
    server = HTTPServer(journal, *options, check=check)
    try:
        yield server
    finally:
        server.kill()


def stdio_server(journal: Path, **more: Any) -> MCPServer:
    """The same server as a program."""
    more["env"] = {"MCP_JOURNAL": str(journal), **more.get("env", {})}
    command = {"command": sys.executable, "args": ["-m", "tests.support.mcp_server", "stdio"]}
    return MCPServer(**command, cwd=str(ROOT), **more)


def program(source: str, **more: Any) -> MCPServer:
    """A server that is a few lines of Python."""
    return MCPServer(command=sys.executable, args=["-c", source], **more)


class Node:
    """`mcp` nodes that share their sessions, as those of an executor do."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        self.sessions = outside.sessions

    async def run(
        self, server: str, tool: str = "", timeout: float | None = None, **more: Any
    ) -> Result:
        config = {"server": server, **({"tool": tool} if tool else {}), **more}
        return await run_node(
            NODE, config, settings=self.settings, resource=self.outside, timeout=timeout
        )

    async def call(self, server: str, tool: str, **arguments: Any) -> Result:
        return await self.run(server, tool, arguments=arguments)


@asynccontextmanager
async def node(
    servers: dict[str, MCPServer],
    *,
    allow_loopback: bool = True,
    bus: MemoryBus | None = None,
    key: str = "",
    **more: Any,
) -> AsyncIterator[Node]:
    settings = Settings(
        mcp=MCPSettings(servers=servers, **more),
        http=HTTPSettings(allow_loopback=allow_loopback),
        connections_key=key,
    )
    async with open_outside(settings, bus or MemoryBus(settings)) as outside:
        yield Node(settings, outside)


async def comes_true(asked: Callable[[], bool]) -> None:
    """Return once something in files or processes is so; neither tells anybody when it is."""
    async with asyncio.timeout(20):
        while not asked():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
