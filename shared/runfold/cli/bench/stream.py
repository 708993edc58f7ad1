"""How much later an SSE client has a model's chunk than the model sent it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from runfold.cli.processes import service
from runfold.errors import BusUnavailable
from runfold_executor_llm.demo_model import DemoModel

TOKENS = 200
INTERVAL = 0.01
"""Seconds between a model's chunks: about what hosted models do."""


def streaming() -> dict[str, Any]:
    """One model node whose chunks say when they were sent."""
    demo = {"tokens": TOKENS, "interval": INTERVAL, "stamp": True}
    config = {"prompt": "count", "model": "demo", "extra": {"runfold_demo": demo}}
    return {"id": "bench_stream", "nodes": [{"id": "talk", "type": "llm", "config": config}]}


async def added_latency(url: str, rounds: int) -> list[float]:
    """Milliseconds from the model's sending a chunk to the SSE client's having it, per chunk."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with (
        DemoModel() as model,
        service("executor-llm", url, OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="demo"),
        service("gateway", url, RUNFOLD_GATEWAY_PORT=str(port)),
    ):
        gateway = f"http://127.0.0.1:{port}"
        await _post(f"{gateway}/api/workflows", streaming())
        added: list[float] = []
        for i in range(rounds + 1):
            started = await _post(f"{gateway}/api/workflows/bench_stream/run", {})
            found = [
                late async for late in _watch(f"{gateway}/api/runs/{started['run_id']}/stream")
            ]
            added += found if i else []
        return added


async def _watch(url: str) -> AsyncIterator[float]:
    """The lateness of each stamped chunk of a run's event stream."""
    reader, writer = await _request("GET", url)
    try:
        async for line in reader:
            if not line.startswith(b"data:"):
                continue
            now = time.monotonic_ns()
            data = json.loads(line[5:])
            if data.get("type") == "stream_chunk":
                for stamp in data.get("text", "").split():
                    yield (now - int(stamp)) / 1e6
            elif str(data.get("type", "")).startswith("run_") and data["type"] != "run_started":
                return
    finally:
        writer.close()


async def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    reader, writer = await _request("POST", url, json.dumps(body).encode())
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


async def _request(
    method: str, url: str, body: bytes = b""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request by hand: what reads the answer must cost next to nothing."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = (
        f"{method} {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
        f"Accept: text/event-stream, application/json\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer
