"""How much later SSE clients have a model's chunks than the model sent them."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from runfold.cli.bench.viewers import KEY, WATCHING
from runfold.cli.processes import service
from runfold.errors import BusUnavailable
from runfold.model_servers.demo.server import DemoModel

TOKENS = 200
INTERVAL = 0.01
"""Seconds between a model's chunks: about what hosted models do."""
VIEWERS = 200
"""Clients that watch one run at once, in the second measurement."""
PROCESSES = 2
"""That the many clients are divided among: one alone reads slower than the gateway writes."""
OWN_KEY = secrets.token_urlsafe()
"""Of the gateway that is measured; the environment's is for others."""
WAITING_WITHIN = 10.0
"""Seconds until a run waits for its viewers."""


def streaming() -> dict[str, Any]:
    """A node that waits until all viewers are there, and a model node with stamped chunks."""
    demo = {"tokens": TOKENS, "interval": INTERVAL, "stamp": True}
    config = {"prompt": "count", "model": "demo", "extra": {"runfold_demo": demo}}
    nodes = [
        {"id": "gate", "type": "human", "config": {"message": "go?"}},
        {"id": "talk", "type": "llm", "config": config},
    ]
    return {"id": "bench_stream", "nodes": nodes}


async def added_latency(url: str, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the model's sending a chunk to a client's having it, per chunk and client.

    First with one client, then with many at once on the same run.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with (
        DemoModel() as model,
        service("executor-llm", url, OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="demo"),
        service(
            *("gateway", url),
            RUNFOLD_GATEWAY_HOST="127.0.0.1",
            RUNFOLD_GATEWAY_PORT=str(port),
            RUNFOLD_API_KEY=OWN_KEY,
        ),
    ):
        gateway = f"http://127.0.0.1:{port}/api"
        await _post(f"{gateway}/workflows", streaming())
        await _round(gateway, 1)
        alone = [late for _ in range(rounds) for late in await _round(gateway, 1)]
        many = [late for _ in range(rounds) for late in await _round(gateway, VIEWERS)]
        return alone, many


async def _round(gateway: str, viewers: int) -> list[float]:
    """One run, watched by so many from before the model begins."""
    run_id = (await _post(f"{gateway}/workflows/bench_stream/run", {}))["run_id"]
    return await _watched(
        f"{gateway}/runs/{run_id}/stream", viewers, lambda: _open_gate(gateway, run_id)
    )


async def floor_latency(rounds: int) -> list[float]:
    """The same of a server that has no more to do than to write to that many sockets."""
    return [late for _ in range(rounds) for late in await _floor_round()]


async def _floor_round() -> list[float]:
    clients: list[asyncio.StreamWriter] = []

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        clients.append(writer)

    async def tell() -> None:
        for _ in range(TOKENS):
            event = b'id: 0-0\nevent: chunk\ndata: {"text":"%d "}%s\n\n' % (
                time.monotonic_ns(),
                b" " * 220,
            )
            for writer in clients:
                writer.write(event)
            await asyncio.sleep(INTERVAL)
        for writer in clients:
            writer.close()

    server = await asyncio.start_server(on_client, "127.0.0.1", 0, backlog=VIEWERS)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await _watched(f"http://127.0.0.1:{port}/", VIEWERS, tell)


async def _watched(url: str, viewers: int, begin: Callable[[], Awaitable[None]]) -> list[float]:
    """How late each chunk was for each client; it begins once all of them look on."""
    shares = [viewers // PROCESSES] * PROCESSES if viewers >= PROCESSES else [viewers]
    watching = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runfold.cli.bench.viewers"),
            *(url, str(share)),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, KEY: OWN_KEY},
        )
        for share in shares
    ]
    try:
        for process in watching:
            said = await process.stdout.readline() if process.stdout else b""
            if said.decode().strip() != WATCHING:
                raise BusUnavailable("the viewers of the measurement did not get their streams")
        await begin()
        said_by_all = await asyncio.gather(*(process.communicate() for process in watching))
    finally:
        for process in watching:
            if process.returncode is None:
                process.kill()
                await process.wait()
    late: list[float] = [
        one for out, _ in said_by_all for line in out.splitlines() for one in json.loads(line)
    ]
    if len(late) != viewers * TOKENS:
        raise BusUnavailable(f"{viewers} viewers got {len(late)} of {viewers * TOKENS} chunks")
    return late


async def _open_gate(gateway: str, run_id: str) -> None:
    """Let the run go on to its model, as soon as it waits for that."""
    async with asyncio.timeout(WAITING_WITHIN):
        while True:
            try:
                await _post(f"{gateway}/runs/{run_id}/answer", {"action": "approved"})
            except BusUnavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    sent = json.dumps(body).encode()
    head = (
        f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
        f"Authorization: Bearer {OWN_KEY}\r\n\r\n"
    )
    writer.write(head.encode() + sent)
    try:
        status = int((await reader.readline()).split()[1])
        size = 0
        while (line := await reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            size = int(value) if name.lower() == "content-length" else size
        answer: dict[str, Any] = json.loads(await reader.readexactly(size))
    finally:
        writer.close()
    if status >= 400:  # noqa: PLR2004 -- HTTP's border of errors
        raise BusUnavailable(f"the gateway answers {status}: {answer}")
    return answer
