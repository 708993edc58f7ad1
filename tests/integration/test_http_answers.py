"""Answers as servers should not give them: cut off, contradicting themselves, or not HTTP."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.graph.kinds.http_request import HTTPRequestConfig
from runfold.settings import HTTPSettings, Settings
from runfold_executor_http.http_request import NODE
from tests.support.node_contexts import RecordingContext, attempted

ROWS = b"".join(b"order %d paid %d\n" % (row, row * row) for row in range(3000))
SQUEEZED = gzip.compress(ROWS, mtime=0)
GZIP = b"content-encoding: gzip\r\n"
HALF = SQUEEZED[: len(SQUEEZED) // 2]


class Wire:
    """Says one prepared answer to every request, byte for byte, and hangs up."""

    def __init__(self) -> None:
        self.says = b""
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self.says)
        await writer.drain()
        writer.close()

    async def ask(self, says: bytes, **config: Any) -> dict[str, Any]:
        self.says = says
        wanted = {"url": f"http://127.0.0.1:{self.port}/", **config}
        settings = Settings(http=HTTPSettings(allow_loopback=True))
        converted = msgspec.convert(wanted, HTTPRequestConfig)
        return (await attempted(NODE, RecordingContext(settings), converted)).outputs

    async def fails(self, says: bytes, **config: Any) -> NodeFailed:
        with pytest.raises(NodeFailed) as failed:
            await self.ask(says, **config)
        return failed.value


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    served = Wire()
    async with await asyncio.start_server(served.handle, "127.0.0.1", 0) as server:
        served.port = server.sockets[0].getsockname()[1]
        yield served


def answer(*headers: bytes, body: bytes = b"", status: bytes = b"200 OK") -> bytes:
    lines = b"".join(header if header.endswith(b"\n") else header + b"\r\n" for header in headers)
    return b"HTTP/1.1 " + status + b"\r\n" + lines + b"\r\n" + body


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (answer(GZIP, b"connection: close", body=HALF), "http.encoding"),
        (answer(GZIP, b"content-length: %d" % len(HALF), body=HALF), "http.encoding"),
        (answer(GZIP, b"content-length: 1", body=b"\x1f"), "http.encoding"),
        (
            answer(b"content-encoding: deflate", body=zlib.compress(ROWS)[:-5]),
            "http.encoding",
        ),
        (answer(b"content-length: 100", body=b"half"), "http.broken_off"),
        (answer(GZIP, b"content-length: %d" % len(SQUEEZED), body=HALF), "http.broken_off"),
        (answer(b"transfer-encoding: chunked", body=b"4\r\nhalf\r\n"), "http.broken_off"),
        (answer(b"transfer-encoding: chunked", body=b"9\r\nhalf"), "http.broken_off"),
        (b"", "http.broken_off"),
        (b"HTTP/1.1 200 OK\r\ncontent-ty", "http.broken_off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "http.protocol"),
        (answer(b"content-length: 4", b"content-length: 5", body=b"half!"), "http.protocol"),
        (answer(b"content-length: -4", body=b"half"), "http.protocol"),
        (answer(b"transfer-encoding: gzip, chunked", body=b"0\r\n\r\n"), "http.protocol"),
        (
            answer(
                *(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
                body=b"4\r\nhalf\r\n0\r\n\r\n",
            ),
            "http.protocol",
        ),
    ],
)
async def test_no_part_of_an_answer_is_a_success(wire: Wire, says: bytes, code: str) -> None:
    failed = await wire.fails(says)
    assert failed.code == code
    assert failed.retryable
    assert failed.kind in ("server", "network")


@pytest.mark.parametrize(
    ("says", "method", "body"),
    [
        (answer(GZIP, b"content-length: 0"), "GET", ""),
        (answer(b"content-encoding: br", b"content-length: 0"), "GET", ""),
        (answer(b"content-encoding: br", status=b"204 No Content"), "GET", ""),
        (answer(GZIP, b"content-length: 900", status=b"304 Not Modified"), "GET", ""),
        (answer(GZIP, b"content-length: 900"), "HEAD", ""),
        (answer(GZIP, body=gzip.compress(b"", mtime=0)), "GET", ""),
        (answer(GZIP, b"content-type: application/json", b"content-length: 0"), "GET", None),
        (answer(b"transfer-encoding: chunked", body=b"0\r\n\r\n"), "GET", ""),
    ],
)
async def test_nothing_is_a_whole_answer(wire: Wire, says: bytes, method: str, body: Any) -> None:
    assert (await wire.ask(says, method=method))["body"] == body


async def test_a_whole_answer_arrives_whole(wire: Wire) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (HALF, SQUEEZED[len(HALF) :]))
    says = answer(GZIP, b"transfer-encoding: chunked", body=chunks + b"0\r\n\r\n")
    assert (await wire.ask(says))["body"] == ROWS.decode()


async def test_a_failing_status_counts_more_than_a_broken_body(wire: Wire) -> None:
    says = answer(GZIP, b"retry-after: 2", body=HALF, status=b"503 Service Unavailable")
    failed = await wire.fails(says)
    assert (failed.code, failed.kind, failed.retry_after) == ("http.status", "server", 2.0)
    assert (await wire.fails(says, fail_on_status=False)).code == "http.encoding"
    unknown = answer(b"content-encoding: br", body=b"?", status=b"401 Unauthorized")
    assert (await wire.fails(unknown)).code == "http.status"


async def test_each_cookie_and_each_header_by_itself(wire: Wire) -> None:
    dated = "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT"
    says = answer(
        f"Set-Cookie: {dated}".encode(),
        b"Set-Cookie: b=2",
        'Content-Disposition: attachment; filename="报告.pdf"'.encode(),
        "X-Old: Grüße".encode("latin-1"),
        *(b"X-Twice: 1", b"x-twice: 2"),
        b"content-length: 0",
    )
    outputs = await wire.ask(says)
    assert outputs["cookies"] == [dated, "b=2"]
    headers = outputs["headers"]
    assert headers["set-cookie"] == f"{dated}, b=2"
    assert headers["content-disposition"] == 'attachment; filename="报告.pdf"'
    assert (headers["x-old"], headers["x-twice"]) == ("Grüße", "1, 2")


async def test_what_a_server_said_against_the_rules_is_not_repeated(wire: Wire) -> None:
    failed = await wire.fails(b"HTTP/1.1 200 OK\r\nbad header hidden\r\n\r\n")
    assert failed.code == "http.protocol"
    assert "hidden" not in f"{failed.failure()}"
