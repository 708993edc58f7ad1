"""What the gateway takes for granted of uvicorn's HTTP/1.1 protocol class; see ADR 22.

A new version of uvicorn that breaks one of these breaks viewers: `pyproject.toml` bounds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from runfold.asgi_server import ASGIServer
from runfold_gateway.connection import Connection, chunked_connection

Body = Callable[[Connection, Any], Awaitable[None]]
WITHIN = 10.0


@asynccontextmanager
async def served(body: Body) -> AsyncIterator[ASGIServer]:
    """A server that streams what `body` sends, and knows its connection."""

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        connection = chunked_connection(scope)
        assert connection is not None
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await body(connection, send)

    server = ASGIServer(application, host="127.0.0.1", port=0, http=Connection)
    await server.start()
    try:
        async with asyncio.timeout(WITHIN):
            yield server
    finally:
        await server.stop(cut=True)


async def test_chunks_written_past_the_protocol_are_part_of_the_body() -> None:
    async def body(connection: Connection, send: Any) -> None:
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        connection.write_chunk(b"4\r\ntwo \r\n")
        await send({"type": "http.response.body", "body": b"three", "more_body": False})

    async with served(body) as server, httpx.AsyncClient() as client:
        for _ in range(2):  # the second request comes over the same connection
            assert (await client.get(server.origin)).text == "one two three"


async def test_each_request_knows_its_own_connection() -> None:
    seen: list[Connection] = []
    both = asyncio.Event()

    async def body(connection: Connection, send: Any) -> None:
        seen.append(connection)
        if len(seen) == 2:
            both.set()
        await both.wait()
        number = seen.index(connection)
        connection.write_chunk(b"1\r\n%d\r\n" % number)
        await send({"type": "http.response.body", "body": str(number).encode()})

    async with served(body) as server, httpx.AsyncClient() as client:
        answers = await asyncio.gather(*(client.get(server.origin) for _ in range(2)))
    assert sorted(answer.text for answer in answers) == ["00", "11"]


async def test_a_client_that_reads_slowly_and_one_that_goes_are_told_of() -> None:
    stopped = asyncio.Queue[tuple[bool, bool]]()
    resumed = asyncio.Event()
    flooded = asyncio.Event()

    async def body(connection: Connection, send: Any) -> None:
        connection.on_stop = lambda: stopped.put_nowait((connection.writable, connection.lost))
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while connection.writable:
            connection.write_chunk(b"10000\r\n" + b"y" * 0x10000 + b"\r\n")
            await asyncio.sleep(0)
        flooded.set()
        # Returns once the protocol may be written to again.
        await send({"type": "http.response.body", "body": b"z", "more_body": True})
        if connection.writable:
            resumed.set()
        await asyncio.Event().wait()

    async with served(body) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await flooded.wait()
        assert await stopped.get() == (False, False)
        while not resumed.is_set():
            await reader.read(1 << 20)
            await asyncio.sleep(0)
        writer.transport.abort()
        assert await stopped.get() == (False, True)


async def test_a_client_of_an_older_protocol_has_none() -> None:
    async def application(scope: Any, _receive: Any, send: Any) -> None:
        body = repr(chunked_connection(scope)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    server = ASGIServer(application, host="127.0.0.1", port=0, http=Connection)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(), WITHIN)).endswith(b"\r\n\r\nNone")
    writer.close()
    await server.stop(cut=True)
