"""A service connects with what the server's URL has: user and password, or a token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runfold.bus.jetstream.client.link import Link
from runfold.bus.jetstream.embedded_server import server_binary
from runfold.service.broker import ServiceBroker
from runfold.settings import Settings


@asynccontextmanager
async def guarded(directory: Path, authorization: dict[str, str]) -> AsyncIterator[str]:
    """A server that asks for credentials; yields its host and port."""
    config = directory / "nats.conf"
    rest = {"host": "127.0.0.1", "port": -1, "ports_file_dir": str(directory)}
    config.write_text(json.dumps({**rest, "authorization": authorization}))
    process = await asyncio.create_subprocess_exec(
        *(server_binary(), "--config", str(config)), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if b"Listening for client connections on " in line:
                yield line.split()[-1].decode()
                break
    finally:
        process.terminate()
        await process.communicate()


@pytest.mark.parametrize(
    ("authorization", "written"),
    [({"user": "us:er", "password": "p@ss"}, "us%3Aer:p%40ss"), ({"token": "to/ken"}, "to%2Fken")],
)
async def test_a_service_connects_with_the_credentials_of_its_url(
    tmp_path: Path, authorization: dict[str, str], written: str
) -> None:
    async with guarded(tmp_path, authorization) as host:
        broker = ServiceBroker("gateway", Settings(nats_url=f"nats://{written}@{host}"))
        client = await broker.connect()
        assert client.is_connected
        await broker.stop()
        bare = Link(Settings(nats_url=f"{written}@{host}"))
        await bare.connect()
        await bare.client.close()
