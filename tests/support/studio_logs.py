"""Logs of any length as the gateway sends them or a broker has them, and one sent at a pace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.client.run_events import event_line
from runfold.contracts import events as e
from runfold.graph.loader import canonical_bytes, prepare

RUN = "01a2b3c4-0000-7000-8000-000000000000"
BEGAN = 1_790_000_000.0
AT_ONCE = 2_000
"""Events that are on their way to a broker at a time."""
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    b"Connection: close\r\n\r\n"
)


def log_lines(count: int, rate: float = 1000) -> Iterator[bytes]:
    """Events of a run of a loop over many items, a task each, without its end.

    Args:
        count: How many.
        rate: Events a second, by their own times.
    """
    for place, event in enumerate(log_events(count)):
        yield event_line(e.Recorded(seq=place * 3 + 1, time=BEGAN + place / rate, event=event))


def log_events(count: int) -> Iterator[e.AnyEvent]:
    """The events alone, as services append them.

    Args:
        count: How many.
    """
    return islice(_events(count // 4 + 1), count)


async def write_log(bus: Bus, count: int) -> None:
    """Have a broker store the log as that of a run; no scheduler may be there to go on with it.

    Args:
        bus: Where to.
        count: How many events.
    """
    under_way: list[Any] = []
    for event in log_events(count):
        if isinstance(event, e.RunStarted):
            await bus.events.start_run(event)
            continue
        under_way.append(bus.events.append(event))
        if len(under_way) == AT_ONCE:
            await asyncio.gather(*under_way)
            under_way.clear()
    await asyncio.gather(*under_way)


def _events(items: int) -> Iterator[e.AnyEvent]:
    config = {"items": [0] * items, "nodes": [{"id": "call", "type": "noop"}]}
    document = {"id": "long", "nodes": [{"id": "each", "type": "loop", "config": config}]}
    workflow, _ = prepare(document)
    run: dict[str, Any] = {"run_id": RUN, "workflow_id": workflow.id}
    body = msgspec.Raw(canonical_bytes(workflow))
    yield e.RunStarted(id=f"{RUN}:start", definition=body, **run)
    loop = {**run, "node_id": "each"}
    yield e.LoopStarted(id=f"{RUN}:each", items=[0] * items, concurrency=1, **loop)
    for index in range(items):
        call = {**run, "node_id": "call", "scope": f"each[{index}]"}
        key = f"{RUN}:each[{index}]"
        yield e.LoopNext(id=f"{key}:next", index=index, **loop)
        yield e.NodeRunStarted(id=f"{key}/call:started", **call)
        yield e.NodeRunSucceeded(id=f"{key}/call:ended", outputs={"output": index}, **call)
        yield e.LoopItemSucceeded(id=f"{key}:ended", index=index, output=index, **loop)


@asynccontextmanager
async def paced_stream(lines: list[bytes], rate: int, burst: int = 20) -> AsyncIterator[str]:
    """A server that sends every client these events, so many a second; gives its address.

    Args:
        lines: Events as JSON.
        rate: Events a second.
        burst: How many of them at once.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD)
            loop = asyncio.get_running_loop()
            began = loop.time()
            for place in range(0, len(lines), burst):
                writer.write(b"".join(map(_frame, lines[place : place + burst])))
                await writer.drain()
                await asyncio.sleep(began + (place + burst) / rate - loop.time())
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def _frame(line: bytes) -> bytes:
    event = json.loads(line)
    return b"event: %b\nid: e%d-c0\ndata: %b\n\n" % (event["type"].encode(), event["seq"], line)
