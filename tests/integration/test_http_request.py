"""The http_request node against a server of our own, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.graph.kinds.http_request import HTTPRequestConfig
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import HTTPSettings, Settings
from runfold_executor_http.http_request import NODE
from tests.support.node_contexts import RecordingContext, attempted

JSON = {"content-type": "application/json"}
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


class Site:
    """Answers by path; remembers what came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.other = ""
        self.reached = asyncio.Event()
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:  # noqa: PLR0912 -- a table
        self.requests.append(request)
        self.reached.set()
        match request.path.strip("/").split("/"):
            case ["echo"]:
                seen = {
                    "method": request.method,
                    "target": request.target,
                    "headers": request.headers,
                    "body": request.body.decode(errors="replace"),
                }
                await responder.json(200, seen, {"set-cookie": "session=1"})
            case ["status", code]:
                await responder.json(int(code), {"error": "no tea"}, {"retry-after": "3"})
            case ["latin"]:
                kind = request.headers["x-answer-type"]
                await responder.body(200, {"content-type": kind}, "Grüße".encode("latin-1"))
            case ["png"]:
                await responder.body(200, {"content-type": "image/png"}, PNG)
            case ["bare"]:
                await responder.body(200, {}, "Grüße".encode())
            case ["nothing"]:
                await responder.body(204, JSON, b"")
            case ["broken"]:
                await responder.body(200, JSON, b"{not json")
            case ["bomb"]:
                bomb = gzip.compress(b"\0" * 30_000_000)
                await responder.body(200, {**JSON, "content-encoding": "gzip"}, bomb)
            case ["zipped"]:
                zipped = gzip.compress(b'{"a": 1}')
                await responder.body(200, {**JSON, "content-encoding": "gzip"}, zipped)
            case ["hang"]:
                await asyncio.Event().wait()
            case ["cut"]:
                await responder.start(200, {"content-length": "100"})
                await responder.send(b"half")
                responder.cut()
            case ["loop"]:
                await responder.body(302, {"location": "/loop"}, b"")
            case ["to", code, *path]:
                headers = {"location": f"/{'/'.join(path)}", "set-cookie": f"hop={code}"}
                await responder.body(int(code), headers, b"")
            case ["away"]:
                await responder.body(307, {"location": f"{self.other}/echo"}, b"")
            case ["inside"]:
                await responder.body(302, {"location": "http://169.254.169.254/secrets"}, b"")
            case _:
                await responder.body(302, {"location": "file:///etc/passwd"}, b"")


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    served = Site()
    async with served.http:
        yield served


async def call(
    site: Site | None, target: str, http: dict[str, Any] | None = None, **config: Any
) -> dict[str, Any]:
    settings = Settings(http=HTTPSettings(**{"allow_loopback": True, **(http or {})}))
    url = f"{site.http.origin}{target}" if site is not None else target
    converted = msgspec.convert({"url": url, **config}, HTTPRequestConfig)
    outcome = await attempted(NODE, RecordingContext(settings), converted)
    return outcome.outputs


async def fails(site: Site | None, target: str, **config: Any) -> NodeFailed:
    with pytest.raises(NodeFailed) as failed:
        await call(site, target, **config)
    return failed.value


async def echoed(site: Site, target: str = "/echo", **config: Any) -> Any:
    return (await call(site, target, **config))["body"]


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate and its key that nobody has reason to trust."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    cert, key = folder / "cert.pem", folder / "key.pem"
    what = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -days 2"
    command = [openssl, *what.split(), "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


async def test_a_plain_get(site: Site) -> None:
    outputs = await call(site, "/echo?a=1", params={"b": [2, "x y"], "c": None, "d": True})
    assert outputs["status_code"] == 200
    assert outputs["headers"]["content-type"] == "application/json"
    assert outputs["body_encoding"] == "json"
    assert outputs["url"] == f"{site.http.origin}/echo"
    seen = outputs["body"]
    assert (seen["method"], seen["body"]) == ("GET", "")
    query = parse_qsl(seen["target"].partition("?")[2])
    assert query == [("a", "1"), ("b", "2"), ("b", "x y"), ("d", "true")]


@pytest.mark.parametrize(
    ("config", "content_type", "sent"),
    [
        ({"body": {"a": "é"}}, "application/json", '{"a":"é"}'),
        (
            {"body": {"p_id": 7615917337495251231, "b": 2**64}},
            "application/json",
            '{"p_id":7615917337495251231,"b":18446744073709551616}',
        ),
        ({"body": "plain"}, "text/plain; charset=utf-8", "plain"),
        ({"body": "x", "body_type": "json"}, "application/json", '"x"'),
        ({"body": "5", "body_type": "json"}, "application/json", '"5"'),
        ({"body": "", "body_type": "json"}, "application/json", '""'),
        (
            {"body": ' {"b": 1, "a": 1.0}', "body_type": "json"},
            "application/json",
            ' {"b": 1, "a": 1.0}',
        ),
        ({"body": '["é"]', "body_type": "json"}, "application/json", '["é"]'),
        ({"body": '"quoted"', "body_type": "json"}, "application/json", '"quoted"'),
        ({"body": '"so" he said', "body_type": "json"}, "application/json", '"\\"so\\" he said"'),
        (
            {"body": {"step": 1, "amount": 2}, "body_type": "form"},
            "application/x-www-form-urlencoded",
            "step=1&amount=2",
        ),
        ({"body": [1], "body_type": "raw"}, "text/plain; charset=utf-8", "[1]"),
        (
            {"body": {"a": [1, 2], "b": "x y", "c": None}, "body_type": "form"},
            "application/x-www-form-urlencoded",
            "a=1&a=2&b=x+y",
        ),
        ({"body": "aGk=", "body_type": "base64"}, "application/octet-stream", "hi"),
        ({"body": "<a/>", "headers": {"Content-Type": "text/xml"}}, "text/xml", "<a/>"),
    ],
)
async def test_bodies(site: Site, config: dict[str, Any], content_type: str, sent: str) -> None:
    seen = await echoed(site, method="post", **config)
    assert (seen["method"], seen["body"]) == ("POST", sent)
    assert seen["headers"]["content-type"] == content_type


async def test_auth(site: Site) -> None:
    seen = await echoed(site, auth={"type": "basic", "username": "u", "password": "p"})
    assert seen["headers"]["authorization"] == f"Basic {base64.b64encode(b'u:p').decode()}"
    seen = await echoed(site, auth={"type": "bearer", "token": "t"})
    assert seen["headers"]["authorization"] == "Bearer t"
    seen = await echoed(site, auth={"type": "api_key", "value": "k"})
    assert seen["headers"]["x-api-key"] == "k"
    query = {"type": "api_key", "value": "k", "name": "key", "in": "query"}
    assert (await echoed(site, auth=query))["target"] == "/echo?key=k"


async def test_the_idempotency_key_is_sent_when_asked_for(site: Site) -> None:
    seen = await echoed(site, idempotency_header="Idempotency-Key")
    assert seen["headers"]["idempotency-key"] == "run-1:node:1"
    assert "idempotency-key" not in (await echoed(site))["headers"]


async def test_no_cookie_goes_from_one_request_to_the_next(site: Site) -> None:
    await call(site, "/echo")
    assert "cookie" not in (await echoed(site))["headers"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoding"),
    [
        ("text/plain; charset=iso-8859-1", "Grüße", "text"),
        ("text/plain", "Gr\ufffd\ufffde", "text"),
    ],
)
async def test_text_or_not(site: Site, content_type: str, body: str, encoding: str) -> None:
    outputs = await call(site, "/latin", headers={"X-Answer-Type": content_type})
    assert (outputs["body"], outputs["body_encoding"]) == (body, encoding)


@pytest.mark.parametrize(
    ("path", "response_type", "body", "encoding"),
    [
        ("/bare", "auto", "Grüße", "text"),
        ("/bare", "base64", "R3LDvMOfZQ==", "base64"),
        ("/png", "base64", base64.b64encode(PNG).decode(), "base64"),
        ("/nothing", "auto", None, "json"),
        ("/zipped", "auto", {"a": 1}, "json"),
        ("/zipped", "text", '{"a": 1}', "text"),
        ("/broken", "text", "{not json", "text"),
    ],
)
async def test_responses(
    site: Site, path: str, response_type: str, body: Any, encoding: str
) -> None:
    outputs = await call(site, path, response_type=response_type)
    assert (outputs["body"], outputs["body_encoding"]) == (body, encoding)


async def test_json_that_is_none(site: Site) -> None:
    failed = await fails(site, "/broken")
    assert (failed.code, failed.kind, failed.retryable) == ("http.invalid_json", "output", False)
    assert failed.details["body"] == "{not json"


@pytest.mark.parametrize(
    ("status", "kind", "wait"),
    [
        (400, "input", None),
        (401, "auth", None),
        (403, "auth", None),
        (404, "input", None),
        (408, "timeout", 3.0),
        (425, "rate_limit", 3.0),
        (429, "rate_limit", 3.0),
        (500, "server", 3.0),
        (503, "server", 3.0),
    ],
)
async def test_statuses(site: Site, status: int, kind: str, wait: float | None) -> None:
    failed = await fails(site, f"/status/{status}?token=hidden")
    assert (failed.code, failed.kind, failed.retry_after) == ("http.status", kind, wait)
    assert failed.retryable == (wait is not None)
    assert failed.details["status"] == status
    assert json.loads(failed.details["body"]) == {"error": "no tea"}
    assert "hidden" not in f"{failed.failure()}"
    outputs = await call(site, f"/status/{status}", fail_on_status=False)
    assert outputs["body"] == {"error": "no tea"}


async def test_a_response_that_is_too_large(site: Site) -> None:
    failed = await fails(site, "/bomb")
    assert (failed.code, failed.kind, failed.retryable) == ("http.too_large", "limit", False)
    assert failed.details["limit"] == 10 * 1024 * 1024
    assert (await fails(site, "/echo", max_bytes=10)).code == "http.too_large"
    assert (await fails(site, "/echo", http={"max_response_bytes": 10})).code == "http.too_large"


async def test_a_server_that_does_not_answer(site: Site) -> None:
    failed = await fails(site, "/hang?token=hidden", timeout="50ms")
    assert (failed.code, failed.kind, failed.retryable) == ("http.timeout", "timeout", True)
    assert "0.05 s" in failed.message
    assert "hidden" not in failed.message


async def test_a_server_that_breaks_off(site: Site) -> None:
    failed = await fails(site, "/cut")
    assert (failed.code, failed.retryable) == ("http.broken_off", True)


async def test_a_cancelled_request_stops(site: Site) -> None:
    asked = asyncio.create_task(call(site, "/hang"))
    await site.reached.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_redirects(site: Site) -> None:
    outputs = await call(site, "/to/302/to/301/echo")
    assert outputs["url"] == f"{site.http.origin}/echo"
    assert outputs["cookies"] == ["hop=302", "hop=301", "session=1"]
    posted = await echoed(site, "/to/302/echo", method="POST", body={"a": 1})
    assert (posted["method"], posted["body"]) == ("GET", "")
    assert "content-type" not in posted["headers"]
    kept = await echoed(site, "/to/307/echo", method="POST", body={"a": 1}, headers={"X-A": "b"})
    assert (kept["method"], kept["body"]) == ("POST", '{"a":1}')
    assert kept["headers"]["x-a"] == "b"
    outputs = await call(site, "/to/302/echo", follow_redirects=False)
    assert outputs["status_code"] == 302
    failed = await fails(site, "/loop")
    assert failed.code == "http.redirects"
    assert len([one for one in site.requests if one.path == "/loop"]) == 6


async def test_secrets_do_not_follow_to_another_origin(site: Site) -> None:
    other = Site()
    async with other.http:
        site.other = other.http.origin
        config = {
            "method": "POST",
            "body": {"a": 1},
            "headers": {"X-Token": "hidden", "Accept": "text/plain"},
            "auth": {"type": "bearer", "token": "hidden"},
        }
        seen = await echoed(site, "/away", **config)
    assert seen["body"] == '{"a":1}'
    assert "hidden" not in json.dumps(seen)
    assert seen["headers"]["accept"] == "text/plain"


async def test_redirects_go_through_the_guard(site: Site) -> None:
    failed = await fails(site, "/inside")
    assert (failed.code, failed.details["address"]) == ("http.blocked", "169.254.169.254")
    assert (await fails(site, "/file")).code == "http.invalid"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://127.1:1/",
        "http://2130706433:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_the_guard_is_closed_by_default(url: str) -> None:
    failed = await fails(None, url, http={"allow_loopback": False})
    assert (failed.code, failed.kind, failed.retryable) == ("http.blocked", "input", False)
    assert "RUNFOLD_HTTP__ALLOW_HOSTS" in failed.message
    assert failed.details["address"] in failed.message


async def test_the_allow_list_opens_it(site: Site) -> None:
    for entry in ("127.0.0.0/8", "127.0.0.1"):
        outputs = await call(site, "/echo", http={"allow_loopback": False, "allow_hosts": [entry]})
        assert outputs["status_code"] == 200
    url = site.http.origin.replace("127.0.0.1", "localhost")
    allowed = {"allow_loopback": False, "allow_hosts": ["localhost"]}
    assert (await call(None, f"{url}/echo", http=allowed))["status_code"] == 200


@pytest.mark.parametrize(
    "config",
    [
        {"url": "ftp://example.org/"},
        {"url": "example.org"},
        {"url": "http://"},
        {"url": "http://[::1"},
        {"url": "http://example.org/", "method": "GET /"},
        {"url": "http://127.0.0.1:9/", "body": "x", "body_type": "form"},
        {"url": "http://127.0.0.1:9/", "body": "?", "body_type": "base64"},
        {"url": "http://127.0.0.1:9/", "timeout": 0},
        {"url": "http://xn--/"},
        {"url": "http://xn--a\u2028/"},
        {"url": f"http://127.0.0.1:9/{'a' * 70_000}"},
    ],
)
async def test_what_cannot_be_sent(config: dict[str, Any]) -> None:
    config = dict(config)
    failed = await fails(None, config.pop("url"), **config)
    assert (failed.code, failed.kind, failed.retryable) == ("http.invalid", "input", False)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("hidden\nX: y", "line break"),
        ("hidden\r\n\r\nGET / HTTP/1.1", "line break"),
        ("hidden\u2028", "outside ASCII"),
        ("hidden\0", "control character"),
        ("hidden\x7f", "control character"),
    ],
)
async def test_a_header_that_cannot_be_sent_is_named_without_its_value(
    site: Site, value: str, why: str
) -> None:
    failed = await fails(site, "/echo", headers={"X-Fine": "x", "X-Token": value})
    assert failed.code == "http.invalid"
    assert "X-Token" in failed.message
    assert why in failed.message
    assert "hidden" not in f"{failed.failure()}"
    assert not site.requests


async def test_white_space_around_a_header_is_dropped(site: Site) -> None:
    auth = {"type": "bearer", "token": "abc\n"}
    seen = await echoed(site, headers={"X-Key": " k\t", "X-Tab": "a\tb"}, auth=auth)
    assert seen["headers"]["authorization"] == "Bearer abc"
    assert (seen["headers"]["x-key"], seen["headers"]["x-tab"]) == ("k", "a\tb")


@pytest.mark.parametrize(
    ("config", "named"),
    [
        *(
            ({"headers": {name: "1"}}, name)
            for name in ("Host", "Transfer-Encoding", "content-length", "Connection", "Upgrade")
        ),
        ({"headers": {"X Y": "1"}}, "X Y"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "x-a"),
        ({"headers": {"Authorization": "1"}, "auth": {"type": "bearer", "token": "t"}}, "author"),
        ({"headers": {"X-Api-Key": "1"}, "auth": {"type": "api_key", "value": "k"}}, "X-API-Key"),
        ({"idempotency_header": "Host"}, "Host"),
        ({"method": "connect"}, "CONNECT"),
        ({"body": '{"a": "say "hi""}', "body_type": "json"}, "begins like JSON"),
        ({"body": '{"a": NaN}', "body_type": "json"}, "NaN"),
        ({"body": "é", "body_type": "base64"}, "base64"),
    ],
)
async def test_what_a_request_may_not_say(site: Site, config: dict[str, Any], named: str) -> None:
    failed = await fails(site, "/echo", **config)
    assert (failed.code, failed.kind, failed.retryable) == ("http.invalid", "input", False)
    assert named in failed.message
    assert not site.requests


@pytest.mark.parametrize(
    ("query", "params", "target"),
    [
        ("?checkuser&sig=a%2Fb%20d", {}, "?checkuser&sig=a%2Fb%20d"),
        (
            "?checkuser&sig=a%2Fb%20d+e&tag=a&tag=b#top",
            {"page": 2, "tag": "c d", "é": "&="},
            "?checkuser&sig=a%2Fb%20d+e&tag=a&tag=b&page=2&tag=c%20d&%C3%A9=%26%3D",
        ),
        ("", {"a": [1, 2], "b": None, "c": True}, "?a=1&a=2&c=true"),
        ("?", {"a": 1}, "?a=1"),
        ("?x&", {"a": 1}, "?x&a=1"),
        ("?a=1&a=2", {"b": 3}, "?a=1&a=2&b=3"),
        ("?q=1?2", {"b": None}, "?q=1?2"),
        ("#only?this", {"a": "1"}, "?a=1"),
    ],
)
async def test_a_query_stays_as_it_is_written(
    site: Site, query: str, params: dict[str, Any], target: str
) -> None:
    assert (await echoed(site, f"/echo{query}", params=params))["target"] == f"/echo{target}"


async def test_connection_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else's
        failed = await fails(None, f"http://u:hidden@127.0.0.1:{taken.getsockname()[1]}/?k=hidden")
    assert (failed.code, failed.kind, failed.retryable) == ("http.connect", "network", True)
    assert "hidden" not in f"{failed.failure()}"


async def test_a_host_without_an_address() -> None:
    failed = await fails(None, "http://nowhere.invalid/")
    assert (failed.code, failed.kind) == ("http.dns", "network")
    assert "nowhere.invalid" in failed.message


async def test_tls_that_is_none() -> None:
    async def cutting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.transport.abort()

    async with await asyncio.start_server(cutting, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        cut = await fails(None, f"https://127.0.0.1:{port}/")
    assert (cut.code, cut.retryable) == ("http.tls", True)

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        failed = await fails(None, f"https://127.0.0.1:{port}/")
    assert (failed.code, failed.kind, failed.retryable) == ("http.tls", "network", False)


async def test_certificates_are_checked(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))

    async def secret(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(secret, "127.0.0.1", 0, ssl=context) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        failed = await fails(None, url)
        outputs = await call(None, url, verify_tls=False)
    assert (failed.code, failed.retryable) == ("http.tls", False)
    assert "self-signed certificate" in failed.message
    assert outputs["body"] == "ok"
