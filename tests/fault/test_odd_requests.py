"""Whatever bytes a client sends, the gateway answers without an error of its own, and goes on.

The requests are made from a seed, over every route of the OpenAPI document: paths, queries,
headers, methods, lengths and bodies that no client should send.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.integration.test_gateway_api import ASK, ECHO
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-data", "projection", "gateway")
REQUESTS = int(os.environ.get("RUNFOLD_TEST_ODD_REQUESTS", "150"))
"""How many of each seed."""
WITHIN = 15.0
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW", "get", "CONNECT")

TEXTS = (
    *("", "x", "echo", "1", "draft", "0", "-1", "9" * 30, "9" * 5000, "1e9", "NaN", "true", "null"),
    *(
        "a b",
        "a/b",
        "..",
        ".",
        "*",
        ">",
        "a.b",
        "$SYS",
        "审核",
        "é",
        "\u202e",
        "\x00",
        "\r\n",
        "\t",
    ),
    *(
        "x" * 300,
        "x" * 5000,
        "%",
        "%zz",
        "{{secrets.X}}",
        "${jndi:x}",
        "'",
        '"',
        "\\",
        "\ud83d",
        "😀",
    ),
    *("e1-c1", "e999999999999999999-c1", "1.5~x", "~", "=", "==", "a=b", "-", "_", "a-b", "x.y.z"),
)
RAW = (
    *("%00", "%2F", "%2f..%2f", "%ff", "%c3%28", "%ed%a0%bd", "%", "%%", "%1", "%u0041", "+", ";"),
    *("%0d%0a", "%E2%80%AE", "%F0%9F%98%80", "a%20b", "%2e%2e", "\\", "|", "^", "`", "<", "{", "}"),
)
HEADERS = (
    *("Last-Event-ID", "Idempotency-Key", "traceparent", "Accept", "Accept-Encoding", "Range"),
    *("Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Authorization"),
    *("If-None-Match", "X-Forwarded-For", "X-Forwarded-Host", "Cookie", "Origin", "Expect", "X"),
)
HEADER_VALUES = (
    *(b"", b"x", b"\xff\xfe", b"\xc3\xa9", b"*", b"gzip;q=", b"q=;,;", b"-1", b"0", b"5", b"1e3"),
    *(b"chunked", b"gzip, chunked", b"100-continue", b"null", b"Bearer", b"bytes=0-1", b"x" * 9000),
    *(
        b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01",
        b"application/json; charset=\xff",
        b"a;b=c;=d",
    ),
    *(b"text/event-stream", b"application/x-ndjson", b"application/json", b"e1-c1", b"\t \t"),
    *(b"multipart/form-data; boundary=x", b'text/plain; charset="', b"x" * 70_000),
)
BODIES = (
    *(b"", b" ", b"{}", b"[]", b"null", b"1", b'"x"', b"{", b"\xff", b"\x00", b"\xef\xbb\xbf{}"),
    *(b"[" * 9000, b'{"a":' * 2000, b'{"inputs": ' + b"[" * 130 + b"]" * 130 + b"}", b"1" * 5000),
    *(
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"\\ud83d": "\\udc00"}',
        b'{"a":1,"a":2}',
        b"'",
        b"- -\n- :",
    ),
    *(
        b"&a [*a, *a]",
        b"!!python/object:os.system x",
        b"%YAML 9.9\n---\nx",
        b"id: x",
        b"\xc3\xa9: 1",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**63, 10**30, [], {}, [[]], {"a": {}}, "\x00", "\ufffd", "x" * 5000),
    *("{{secrets.X}}", "a.b", "*", ">", " ", "\ud83d\ude00", "draft", {"": ""}, [None], ["x"] * 50),
)
KEYS = (
    *("inputs", "version", "labels", "priority", "conversation_id", "text", "subject", "payload"),
    *(
        "id",
        "token",
        "node",
        "action",
        "option",
        "values",
        "feedback",
        "key",
        "at",
        "nodes",
        "edges",
    ),
    *("", "x" * 300, "settings", "status", "type", "config"),
)


class Odd:
    """Odd requests, always the same of one seed."""

    def __init__(self, seed: int, routes: list[tuple[str, str]], ids: dict[str, list[str]]) -> None:
        self._random = random.Random(seed)
        self._routes = routes
        self._ids = ids

    def request(self) -> bytes:
        """The next one, as bytes of HTTP/1.1."""
        draw = self._random
        method, path = draw.choice(self._routes)
        if draw.random() < 0.15:
            method = draw.choice(METHODS)
        body = self._body() if draw.random() < 0.7 else b""
        lines = [f"{method} {self._target(path)} HTTP/1.1".encode("latin-1"), b"Host: localhost"]
        names = draw.sample(HEADERS, draw.choice((0, 0, 0, 1, 2, 4)))
        lines += [name.encode() + b": " + draw.choice(HEADER_VALUES) for name in names]
        if body and not {"Content-Length", "Transfer-Encoding"} & set(names):
            short = draw.random() < 0.1
            lines.append(b"Content-Length: %d" % (len(body) // 2 if short else len(body)))
        lines.append(b"Connection: close")
        return b"\r\n".join((*lines, b"", b"")) + body

    def _target(self, route: str) -> str:
        draw = self._random
        if draw.random() < 0.05:
            return draw.choice(("*", "//", "http://evil.example/api/runs", "/" + "a/" * 2000, "?"))
        path = "/".join(self._segment(part) for part in route.split("/"))
        if draw.random() < 0.1:
            path += draw.choice(("/", "//", "/..", "/x", "/" + draw.choice(RAW)))
        if draw.random() < 0.5:
            names = ("wait", "limit", "cursor", "version", "draft", "at", "status", "workflow_id")
            more = ("last_event_id", "reason", "feedback", "note", "x")
            pairs = [
                f"{draw.choice((*names, *more))}={self._text()}" for _ in range(draw.randint(1, 3))
            ]
            path += "?" + "&".join(pair for pair in pairs if not pair.startswith("wait=9"))
        return path

    def _segment(self, part: str) -> str:
        if not part.startswith("{"):
            return part
        known = self._ids.get(part.strip("{}"), [])
        return self._random.choice(known) if known and self._random.random() < 0.5 else self._text()

    def _text(self) -> str:
        draw = self._random
        if draw.random() < 0.3:
            return draw.choice(RAW)
        return quote(draw.choice(TEXTS).encode("utf-8", "surrogatepass"), safe="")

    def _body(self) -> bytes:
        draw = self._random
        if draw.random() < 0.4:
            return draw.choice(BODIES)
        values = (*VALUES, *TEXTS, "x" * 70_000)
        body: dict[str, Any] = {
            draw.choice(KEYS): draw.choice(values) for _ in range(draw.randint(1, 4))
        }
        if draw.random() < 0.3:
            subject = draw.choice(("a.b", *TEXTS))
            body = {"subject": subject, "id": draw.choice((*TEXTS, "x" * 9000, "x" * 70_000))}
        return json.dumps(body).encode()


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(SERVICES, body_timeout=0.3) as made:
        yield made


@pytest.mark.parametrize("seed", range(2))
async def test_no_bytes_of_a_client_are_an_error_of_ours(stack: Stack, seed: int) -> None:
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=20) as client:
        for workflow in (ECHO, ASK):
            await client.post("/api/workflows", json=workflow)
        run = await client.post("/api/workflows/ask/run")
        ended = await client.post("/api/workflows/echo/run?wait=10", json={"text": "x"})
        assert ended.json()["status"] == "succeeded"
        waiting: list[Any] = []
        while not waiting:
            waiting = (await client.get("/api/reviews")).json()["items"]
        document = (await client.get("/schema/openapi.json")).json()
        routes = [
            (method.upper(), path)
            for path, item in document["paths"].items()
            for method in item
            if path != "/api/changes"  # has no end
        ]
        ids = {
            "workflow_id": ["echo", "ask"],
            "run_id": [run.json()["run_id"], ended.json()["run_id"]],
            "review_id": [waiting[0]["review_id"]],
            "version": ["1", "draft"],
            "seq": ["1"],
        }
        odd = Odd(seed, routes, ids)
        wrong = []
        for _ in range(REQUESTS):
            request = odd.request()
            status = await _status(stack.gateway, request)
            if status is None or status >= 500:
                wrong.append((status, request[:300]))
        assert wrong == []
        assert (await client.get("/health/live")).status_code == 200
        # The workflows that were asked about may be deleted or archived by now.
        assert (await client.post("/api/workflows", json={**ECHO, "id": "after"})).is_success
        again = await client.post("/api/workflows/after/run?wait=10", json={"text": "x"})
        assert again.json()["status"] == "succeeded"


async def _status(url: str, request: bytes) -> int | None:
    """The status of an answer; None when there was none in time."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(request)
        async with asyncio.timeout(WITHIN):
            line = await reader.readline()
            while line.startswith(b"HTTP/1.1 100"):
                await reader.readline()
                line = await reader.readline()
        return int(line.split()[1]) if line else None
    except TimeoutError:
        return None
    except ConnectionResetError:
        return 0
    finally:
        writer.close()
