"""A gateway on a bus in memory, and requests to it byte for byte."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.documented import documented_answers

ANSWERED_WITHIN = 20.0
"""Seconds after which a test gives up an answer."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["content-type"] == "application/problem+json", self
        return str(self.json["code"])


class Gateway:
    """A gateway that listens, and the bus behind it.

    Args:
        url: Where it listens.
        bus: Where it stores.
    """

    def __init__(self, url: str, bus: MemoryBus) -> None:
        self.url = url
        self.bus = bus
        where = urlsplit(url)
        self.host = str(where.hostname)
        self.port = int(where.port or 0)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it."""
        return await asyncio.open_connection(self.host, self.port, limit=2**20)

    async def ask(
        self,
        method: str,
        path: str,
        *headers: str,
        body: bytes = b"",
        host: str = "localhost",
    ) -> Answer:
        """Send a request with just these headers, and read the answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return await self.send(head + body, bodiless=method == "HEAD")

    async def send(self, raw: bytes, *, bodiless: bool = False) -> Answer:
        """Send bytes as they are, and read the answer."""
        reader, writer = await self.connect()
        try:
            writer.write(raw)
            async with asyncio.timeout(ANSWERED_WITHIN):
                return await read_answer(reader, bodiless=bodiless)
        finally:
            writer.close()

    @property
    def asked_for(self) -> int:
        """Requests that were put on the bus."""
        return self.bus.requests._queue.last_seq

    async def stored(self) -> list[str]:
        """What the definitions' bucket holds."""
        return list(await self.bus.definitions.entries())


async def read_answer(reader: asyncio.StreamReader, *, bodiless: bool = False) -> Answer:
    """The next answer on a connection; a body without length goes to the end."""
    status = int((await reader.readline()).split()[1])
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        known = headers.get(name.lower())
        headers[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"
    if bodiless:
        body = await reader.read()
    elif headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif "content-length" in headers:
        try:
            body = await reader.readexactly(int(headers["content-length"]))
        except asyncio.IncompleteReadError as error:
            body = error.partial
    else:
        body = b""
    return Answer(status, headers, body)


@asynccontextmanager
async def gateway(*services: str, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway and a projection on a bus of their own, and other services with them."""
    with tempfile.TemporaryDirectory(prefix="runfold-test-") as directory:
        made = Settings(**{"gateway_port": 0, "data_dir": Path(directory), **settings})
        bus = MemoryBus(made)
        with documented_answers():
            async with run_services(bus, made, (*services, "projection", "gateway")) as started:
                yield Gateway(str(started["gateway"].url), bus)
