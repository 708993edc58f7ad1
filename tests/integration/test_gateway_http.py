"""What HTTP asks of the gateway: methods, headers, compression, bodies, and pages."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from runfold_gateway.door import bodies, heads
from tests.integration.test_projection_rebuild import began, ended
from tests.support.gateway import Gateway, gateway, read_answer

FLOW = b"id: mine\ninputs: {city: {type: string}}\nnodes: [{id: n, type: noop}]\n"
AS_JSON = "Content-Type: application/json"
LARGE = b"# " + b"x" * 4000 + b"\n" + FLOW


@pytest.fixture
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        assert (await made.ask("POST", "/api/workflows", body=LARGE)).status == 201
        yield made


async def ended_run(door: Gateway, run_id: str) -> None:
    await began(door.bus, run_id)
    await ended(door.bus, run_id, "x" * 5000)


# --- methods -------------------------------------------------------------------------------------


async def test_head_is_get_without_its_body(door: Gateway) -> None:
    await ended_run(door, "r")
    for path in ("/", "/schema", "/schema/openapi.json", "/health/live", "/api/workflows/mine"):
        got, head = await door.ask("GET", path), await door.ask("HEAD", path)
        assert (got.status, head.status, head.body) == (200, 200, b"")
        for name in ("content-type", "content-length"):
            assert head.headers.get(name) == got.headers.get(name)
    assert (await door.ask("HEAD", "/api/workflows/none")).status == 404
    for path in ("/api/runs/r/events", "/api/runs/r/stream"):
        head = await door.ask("HEAD", path)
        assert (head.status, head.body) == (200, b"")
    stream = await door.ask("HEAD", "/api/runs/r/stream")
    assert stream.headers["content-type"].startswith("text/event-stream")


async def test_the_connection_goes_on_after_head(door: Gateway) -> None:
    reader, writer = await door.connect()
    for method in ("HEAD", "GET"):
        writer.write(f"{method} /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
    assert await reader.readexactly(17) == b'{"status":"live"}'
    writer.close()


async def test_methods_that_a_path_has(door: Gateway) -> None:
    for path, allowed in (
        ("/api/workflows", "GET, HEAD, OPTIONS, POST"),
        ("/api/workflows/mine", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/api/workflows/mine/run", "OPTIONS, POST"),
        ("/api/dead/1", "DELETE, GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
    ):
        answer = await door.ask("OPTIONS", path)
        assert (answer.status, answer.headers["allow"]) == (204, allowed)
        for method in ("PATCH", "TRACE", "BREW"):
            answer = await door.ask(method, path)
            assert (answer.status, answer.code) == (405, "http.405")
            assert answer.headers["allow"] == allowed
    assert (await door.ask("HEAD", "/api/workflows/mine/run")).status == 405
    assert (await door.ask("OPTIONS", "/api/nothing")).status == 404


async def test_no_websockets(door: Gateway) -> None:
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==")
    raw = "\r\n".join(
        ("GET /api/runs HTTP/1.1", "Host: localhost", "Connection: Upgrade", *upgrade)
    )
    assert (await door.send(f"{raw}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())).status == 200


# --- where things are ----------------------------------------------------------------------------


async def test_created_things_say_where_they_are(door: Gateway) -> None:
    created = await door.ask("POST", "/api/workflows", body=FLOW)
    assert (created.status, created.headers["location"]) == (201, "/api/workflows/mine")
    template = (await door.ask("GET", "/api/templates")).json["items"][0]["id"]
    path = f"/api/workflows/from-template/{template}"
    created = await door.ask("POST", path, body=b'{"id": "own"}')
    assert (created.status, created.headers["location"]) == (201, "/api/workflows/own")
    assert (await door.ask("GET", created.headers["location"])).status == 200


async def test_the_root_says_where_things_are(door: Gateway) -> None:
    places = (await door.ask("GET", "/")).json
    for name in ("documentation", "openapi", "live", "ready"):
        assert (await door.ask("GET", places[name])).status == 200
    page = await door.ask("GET", "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/schema"' in page.body.decode()


async def test_the_page_of_the_api_needs_no_network(door: Gateway) -> None:
    page = (await door.ask("GET", "/schema")).body.decode()
    document = (await door.ask("GET", "/schema/openapi.json")).json
    for path, item in document["paths"].items():
        assert path in page
        assert all(f'id="{operation["operationId"]}"' in page for operation in item.values())
    for foreign in ("<script", "http://", "https://", "//cdn", "@import", "url("):
        assert foreign not in page
    assert "default-src &#x27;none&#x27;" in page


# --- compression ---------------------------------------------------------------------------------


async def test_answers_are_compressed_for_who_takes_it(door: Gateway) -> None:
    plain = await door.ask("GET", "/schema/openapi.json")
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"]
    for taken in ("gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZIP", "*"):
        packed = await door.ask("GET", "/schema/openapi.json", f"Accept-Encoding: {taken}")
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
    for refused in ("gzip;q=0", "br", "identity", "gzip;q=0.0, *", "x-gzip-not"):
        answer = await door.ask("GET", "/schema/openapi.json", f"Accept-Encoding: {refused}")
        assert "content-encoding" not in answer.headers
    small = await door.ask("GET", "/health/live", "Accept-Encoding: gzip")
    assert "content-encoding" not in small.headers


async def test_logs_are_compressed_and_streams_are_not(door: Gateway) -> None:
    await ended_run(door, "r")
    log = await door.ask("GET", "/api/runs/r/events", "Accept-Encoding: gzip")
    assert log.headers["content-encoding"] == "gzip"
    assert b"run_succeeded" in zlib.decompress(log.body, wbits=31)
    for accept in ("text/event-stream", "application/x-ndjson"):
        stream = await door.ask(
            "GET", "/api/runs/r/stream", "Accept-Encoding: gzip", f"Accept: {accept}"
        )
        assert "content-encoding" not in stream.headers
        assert "no-transform" in stream.headers["cache-control"]
        assert b'"type":"end"' in stream.body


# --- bodies --------------------------------------------------------------------------------------

DEEP = b'{"city": ' + b"[" * 2000 + b"]" * 2000 + b"}"
UNREADABLE = {
    "GBK": (b'{"city": "\261\261\276\251"}', "not UTF-8"),
    "UTF-16": ('{"city": "Bern"}'.encode("utf-16"), "not JSON"),
    "too deep": (DEEP, "nested 2001 deep"),
    "much too deep": (b"[" * 500_000, "nested"),
    "NaN": (b'{"city": NaN}', "NaN"),
    "Infinity": (b'{"city": -Infinity}', "Infinity"),
    "1e400": (b'{"city": 1e400}', "too large"),
    "many digits": (b'{"city": ' + b"1" * 5000 + b"}", "too large"),
    "cut": (b'{"city": "Be', "ends too early"),
    "two": (b'{"city": "Bern"}{}', "not JSON"),
    "single quotes": (b"{'city': 'Bern'}", "not JSON"),
    "a control character": (b'{"city": "\x01"}', "not JSON"),
}
ROUTES = {
    "/api/workflows/mine/run": "run.inputs_invalid",
    "/api/events": "request.body_invalid",
    "/api/reviews/r.x/answer": "request.body_invalid",
    "/api/runs/r/answer": "request.body_invalid",
    "/api/runs/r/fork": "request.body_invalid",
    "/api/runs/r/retry": "request.body_invalid",
    "/api/workflows/from-template/llm": "template.changes_invalid",
}


async def test_a_body_that_cannot_be_read_says_why(door: Gateway) -> None:
    template = (await door.ask("GET", "/api/templates")).json["items"][0]["id"]
    for sent, said in UNREADABLE.values():
        for route, code in ROUTES.items():
            path = route.replace("/llm", f"/{template}")
            answer = await door.ask("POST", path, AS_JSON, body=sent)
            assert (answer.status, answer.code) == (422, code)
            assert said in answer.json["detail"]
            assert answer.json["reason"].startswith("json.")
        for path in ("/api/workflows", "/api/workflows/validate"):
            answer = await door.ask("POST", path, AS_JSON, body=sent)
            assert answer.status in (200, 422)
    assert door.asked_for == 0


async def test_a_byte_order_mark_and_halves_of_characters_are_taken(door: Gateway) -> None:
    path = "/api/workflows/mine/run"
    for city, inputs in (
        (b'\xef\xbb\xbf{"city": "Bern"}', {"city": "Bern"}),
        (b'{"city": "\\ud83d\\ude00"}', {"city": "😀"}),
        (b'{"city": "\\ud83d"}', {"city": "\ufffd"}),
        (b"  \n", {}),
        (b"\xef\xbb\xbf", {}),
    ):
        answer = await door.ask("POST", path, AS_JSON, body=city)
        assert answer.status == 202, answer
        lease = await anext(aiter(door.bus.requests.consume(slots=1)))
        assert lease.request.inputs == inputs


async def test_bodies_in_other_clothes_are_415(door: Gateway) -> None:
    body = b'{"city": "Bern"}'
    for path in ("/api/workflows/mine/run", "/api/events", "/api/workflows"):
        for header in (
            "Content-Type: application/json; charset=gbk",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: text/plain;charset=iso-8859-1",
            "Content-Type: image/png",
            "Content-Encoding: gzip",
            "Content-Encoding: br",
        ):
            answer = await door.ask("POST", path, header, body=body)
            assert (answer.status, answer.code) == (415, "http.415")
    for charset in ("utf-8", '"UTF-8"', "us-ascii"):
        header = f"Content-Type: application/json; charset={charset}"
        assert (await door.ask("POST", "/api/workflows/mine/run", header, body=body)).status == 202


# --- bodies that do not come ---------------------------------------------------------------------


async def test_a_hundred_uploads_broken_off(door: Gateway) -> None:
    head = b"POST /api/workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\nid: x"

    async def broken() -> None:
        _, writer = await door.connect()
        writer.write(head)
        await writer.drain()
        writer.transport.abort()

    with capture_logs() as logs:
        await asyncio.gather(*(broken() for _ in range(100)))
        assert (await door.ask("GET", "/health/live")).status == 200
        assert (await door.ask("POST", "/api/workflows", body=FLOW)).status == 201
    assert not [entry for entry in logs if entry["log_level"] == "error"]


async def test_a_body_that_does_not_come_in_time_is_given_up() -> None:
    async with gateway(body_timeout=0.2) as door:
        for size in (b"Content-Length: 100\r\n", b"Transfer-Encoding: chunked\r\n"):
            raw = b"POST /api/workflows HTTP/1.1\r\nHost: localhost\r\n" + size + b"\r\n1"
            answer = await door.send(raw)
            assert (answer.status, answer.code) == (408, "http.408")
            assert answer.headers["connection"] == "close"


async def test_a_trickle_holds_no_connection_after_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "LINGERS", 0.1)
    async with gateway(api_key="k" * 16) as door:
        for path in ("/api/workflows", "/health/live", "/api/runs/x/cancel"):
            reader, writer = await door.connect()
            writer.write(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode())
            writer.write(b"Content-Length: 100\r\n\r\n")

            async def trickle(writer: asyncio.StreamWriter = writer) -> None:
                while not writer.is_closing():
                    writer.write(b"x")
                    await asyncio.sleep(0.05)

            trickling = asyncio.create_task(trickle())
            answer = await read_answer(reader)
            assert answer.status in (401, 405)
            assert answer.headers["connection"] == "close"
            async with asyncio.timeout(30):
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""
            trickling.cancel()
            await asyncio.gather(trickling, return_exceptions=True)
            writer.close()


async def test_a_head_that_does_not_come_in_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heads, "HEAD_WITHIN", 0.2)
    async with gateway() as door:
        whole = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for before in (b"", whole):
            for sent in (b"", b"GET /health/live HT", whole[:-2]):
                reader, writer = await door.connect()
                if before:
                    writer.write(before)
                    assert (await read_answer(reader)).status == 200
                writer.write(sent)
                async with asyncio.timeout(4):  # Uvicorn's own limit for idle ones is 5 s.
                    assert await reader.read() == b""
                writer.close()


async def test_who_is_refused_while_it_sends_can_read_why() -> None:
    async with gateway(api_key="k" * 16) as door:
        answer = await door.ask("POST", "/api/workflows", body=b" " * (12 * 1024 * 1024))
        assert (answer.status, answer.code) == (401, "auth.required")
        waits = ("Expect: 100-continue", "Content-Length: 9", "", "")
        raw = "\r\n".join(("POST /api/workflows HTTP/1.1", "Host: localhost", *waits))
        assert (await door.send(raw.encode())).status == 401


async def test_a_connection_that_sent_all_of_its_body_goes_on(door: Gateway) -> None:
    reader, writer = await door.connect()
    for _ in range(3):
        writer.write(b"POST /api/runs/none/cancel HTTP/1.1\r\nHost: localhost\r\n")
        writer.write(b"Content-Length: 2\r\n\r\n{}")
        answer = await read_answer(reader)
        assert answer.status == 404
        assert "connection" not in answer.headers
    writer.close()


# --- problems ------------------------------------------------------------------------------------


async def test_outputs_called_status_or_error_change_no_answer(door: Gateway) -> None:
    names = ("status", "error", "type", "code", "title", "run_id", "outputs")
    outputs = dict.fromkeys(names, "mine")
    await began(door.bus, "r")
    await ended(door.bus, "r", outputs)
    run = (await door.ask("GET", "/api/runs/r")).json
    assert (run["status"], run["run_id"], run["outputs"]) == ("succeeded", "r", outputs)
    stream = (await door.ask("GET", "/api/runs/r/stream")).body.decode()
    last = [line for line in stream.splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last[6:])["status"] == "succeeded"
    late = await door.ask("POST", "/api/runs/r/cancel")
    assert (late.status, late.json["status"], late.code) == (409, 409, "run.ended")


# --- streams -------------------------------------------------------------------------------------


async def test_who_has_seen_the_end_is_told_to_stay_away(door: Gateway) -> None:
    await ended_run(door, "r")
    whole = await door.ask("GET", "/api/runs/r/stream")
    ids = [line[4:] for line in whole.body.decode().splitlines() if line.startswith("id: ")]
    assert len(set(ids)) == len(ids)
    for last in (ids[-1], "e999999-c999999"):
        for ask in (
            door.ask("GET", "/api/runs/r/stream", f"Last-Event-ID: {last}"),
            door.ask("GET", f"/api/runs/r/stream?last_event_id={last}"),
        ):
            answer = await ask
            assert (answer.status, answer.body) == (204, b"")
    for at, last in enumerate(ids[:-1]):
        rest = await door.ask("GET", "/api/runs/r/stream", f"Last-Event-ID: {last}")
        assert rest.status == 200
        assert rest.body.decode().count("\nid: ") == len(ids) - 1 - at


async def test_places_in_a_stream_that_are_none(door: Gateway) -> None:
    await ended_run(door, "r")
    far = "9" * 5000
    for last in ("seven", "e1", "e-1-c0", f"e{far}-c0", "x" * 60_000, f"e1-c1-a{far}"):
        for answer in (
            await door.ask("GET", "/api/runs/r/stream", f"Last-Event-ID: {last}"),
            await door.ask("GET", f"/api/runs/r/stream?last_event_id={last}"),
        ):
            assert (answer.status, answer.code) == (422, "stream.position")
            assert len(answer.body) < 1000
    long = await door.ask("GET", "/api/runs/r/stream", f"Last-Event-ID: {'x' * 70_000}")
    assert long.status in (400, 422)
