"""Streams over real connections: many viewers, slow ones, and what a gateway does when it goes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from runfold.contracts.events import NodeRunWaiting, Recorded, StreamChunk
from runfold_gateway.service import Gateway
from tests.integration.test_gateway_api import ASK, events_of
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "gateway")
LIMIT = 40
PIECE = 100_000
"""Bytes of a chunk: some dozens are more than a connection's buffers take."""


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES, viewer_queue=LIMIT, sse_heartbeat=0.1) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=f"{stack.gateway}/api", timeout=20, limits=limits
    ) as client:
        yield client


async def waiting_run(api: httpx.AsyncClient) -> str:
    """A run that waits, which other gateways know of too."""
    await api.post("/workflows", json=ASK)
    run_id = (await api.post("/workflows/ask/run", json={})).json()["run_id"]
    async with api.stream("GET", f"/runs/{run_id}/stream") as response:
        async for line in response.aiter_lines():
            if line == "event: node_run_waiting":
                return run_id
    pytest.fail("the run ended")


async def answer(api: httpx.AsyncClient, run_id: str) -> None:
    async with asyncio.timeout(10):
        # Until it waits there is nothing to answer, and nobody tells when.
        while (  # noqa: ASYNC110
            await api.post(f"/runs/{run_id}/answer", json={"action": "approved"})
        ).status_code == 409:
            await asyncio.sleep(0.02)


async def chunk(stack: Stack, run_id: str, number: int, text: str) -> None:
    piece = StreamChunk(run_id=run_id, workflow_id="ask", node_id="n", index=number, text=text)
    await stack.bus.chunks.publish(piece)


async def connected(stack: Stack, path: str, *lines: str) -> tuple:
    where = urlsplit(stack.gateway)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=2**20)
    head = "\r\n".join(
        (f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", "")
    )
    writer.write(head.encode())
    while (await reader.readline()).strip():
        pass
    return reader, writer


async def body_of(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        assert await reader.readexactly(2) == b"\r\n"
    assert await reader.read() == b"\r\n"
    return body


async def test_many_viewers_each_get_all_of_it_once(api: httpx.AsyncClient, stack: Stack) -> None:
    run_id = await waiting_run(api)
    following = [asyncio.ensure_future(events_of(api, run_id)) for _ in range(40)]
    await asyncio.sleep(0.2)
    for i in range(60):
        await chunk(stack, run_id, i, str(i))
    await answer(api, run_id)
    seen = await asyncio.gather(*following)
    assert all(one == seen[0] for one in seen)
    assert [data["text"] for event, _, data in seen[0] if event == "stream_chunk"] == [
        str(i) for i in range(60)
    ]
    assert seen[0][-1][0] == "end"
    cut = seen[0][30][1]
    assert await events_of(api, run_id, after=cut) == seen[0][31:]


async def test_lines_of_json(api: httpx.AsyncClient, stack: Stack) -> None:
    run_id = await waiting_run(api)
    path = f"/api/runs/{run_id}/stream"
    reader, writer = await connected(stack, path, "Accept: application/x-ndjson")
    await asyncio.sleep(0.25)
    await answer(api, run_id)
    lines = (await body_of(reader)).split(b"\n")
    writer.close()
    assert b"" in lines[:-1]  # heartbeats
    types = [json.loads(line)["type"] for line in lines if line]
    assert (types[0], types[-2:]) == ("run_started", ["run_succeeded", "end"])


async def test_a_viewer_that_reads_nothing_is_cut_and_comes_back(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    run_id = await waiting_run(api)
    path = f"/api/runs/{run_id}/stream"
    reader, writer = await connected(stack, path)
    attentive = asyncio.ensure_future(events_of(api, run_id))
    await asyncio.sleep(0.2)
    for i in range(200):
        await chunk(stack, run_id, i, "x" * PIECE)
    await answer(api, run_id)
    whole = await asyncio.wait_for(attentive, 20)
    assert sum(event == "stream_chunk" for event, _, _ in whole) == 200
    frames = (await asyncio.wait_for(body_of(reader), 20)).decode().split("\n\n")
    writer.close()
    assert "viewer.too_slow" in frames[-2]
    places = [
        line[4:] for frame in frames for line in frame.splitlines() if line.startswith("id: ")
    ]
    assert len(places) < len(whole)
    rest = await events_of(api, run_id, after=places[-1])
    assert places + [place for _, place, _ in rest] == [place for _, place, _ in whole]


async def test_viewers_that_leave_are_forgotten(api: httpx.AsyncClient, stack: Stack) -> None:
    run_id = await waiting_run(api)
    broadcasts = stack.services["gateway"]._backend.broadcasts
    opened = [await connected(stack, f"/api/runs/{run_id}/stream") for _ in range(5)]
    for reader, _ in opened:
        await reader.readline()
    assert broadcasts._shown
    for i, (_, writer) in enumerate(opened):
        writer.transport.abort()
        await chunk(stack, run_id, i, "x")
    async with asyncio.timeout(5):
        while broadcasts._shown:  # noqa: ASYNC110 -- a closed socket is noticed some time
            await asyncio.sleep(0.01)


async def test_draining_ends_open_streams_at_once(api: httpx.AsyncClient, stack: Stack) -> None:
    run_id = await waiting_run(api)
    gateway = Gateway(stack.bus, stack.settings)
    await gateway.start()
    async with httpx.AsyncClient(base_url=f"{gateway.url}/api", timeout=20) as client:
        opened = asyncio.Semaphore(0)
        following = [
            asyncio.ensure_future(events_of(client, run_id, on_open=opened.release))
            for _ in range(10)
        ]
        for _ in following:
            await opened.acquire()
        async with asyncio.timeout(stack.settings.grace / 5):
            await gateway.drain()
        parts = await asyncio.gather(*following)
    await answer(api, run_id)
    whole = await events_of(api, run_id)
    for part in parts:
        assert part == whole[: len(part)]
        after = part[-1][1] if part else ""
        assert await events_of(api, run_id, after=after) == whole[len(part) :]


async def test_draining_lets_go_of_who_waits_for_a_run(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    run_id = await waiting_run(api)
    gateway = Gateway(stack.bus, stack.settings)
    await gateway.start()
    async with httpx.AsyncClient(base_url=f"{gateway.url}/api", timeout=20) as client:
        begun = await stack.bus.events.last_seq()
        asked = asyncio.create_task(client.post("/workflows/ask/run?wait=20", json={}))

        async def until_it_waits() -> None:
            async for batch in stack.bus.events.follow(after=begun):
                events = [one.event for one in batch if isinstance(one, Recorded)]
                waiting = [one for one in events if isinstance(one, NodeRunWaiting)]
                # The first run may come to its wait only now.
                if any(one.run_id != run_id for one in waiting):
                    return

        # An answer that comes at once is a refusal: the assertion below shows it.
        waits = asyncio.create_task(until_it_waits())
        await asyncio.wait((asked, waits), return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        await gateway.drain()
        answered = await asked
    assert answered.status_code == 202
    await answer(api, answered.json()["run_id"])
    await answer(api, run_id)


async def test_the_url_of_an_ipv6_host_has_brackets(stack: Stack) -> None:
    gateway = Gateway(stack.bus, stack.settings.model_copy(update={"gateway_host": "::1"}))
    try:
        await gateway.start()
    except Exception as error:  # noqa: BLE001 -- a machine without IPv6
        pytest.skip(str(error))
    try:
        assert gateway.url.startswith("http://[::1]:")
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{gateway.url}/health/live")).status_code == 200
    finally:
        await gateway.drain()
