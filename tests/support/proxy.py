"""A way to a server that can be cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Passes connections on to a port of this machine while it is up.

    Args:
        port: Where to.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()
        self._up = True
        self.refused = 0
        """Connections that were tried while it was cut."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._on_client, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break all connections, and take no more."""
        self._up = False
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def heal(self) -> None:
        """Take connections again."""
        self._up = True

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            self.refused += 1
            writer.close()
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._port)
        if not self._up:  # cut in the meantime
            writer.close()
            onward.close()
            return
        self._writers |= {writer, onward}
        await asyncio.gather(_pass(reader, onward), _pass(there, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while body := await reader.read(65536):
            writer.write(body)
            await writer.drain()
    writer.close()
