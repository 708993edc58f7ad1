"""What servers over HTTP get wrong, and what the node makes of it; each answer is a script."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from runfold.executor.conformance import Result
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import MCPOAuth, MCPServer
from tests.support.mcp_servers import Node, node

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
MOST = 100_000


def result(request: Request, value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request.json()["id"], "result": value}


def text(request: Request, said: str) -> dict[str, Any]:
    return result(request, {"content": [{"type": "text", "text": said}]})


def event(value: Any, more: str = "") -> bytes:
    return f"{more}event: message\ndata: {json.dumps(value)}\n\n".encode()


class Server:
    """Speaks the protocol of 2025 as it should, but for calls."""

    def __init__(self) -> None:
        self.how = ""
        self.sessions = 0
        self.calls = 0
        self.seen: list[Request] = []
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.seen.append(request)
        if request.method == "GET":
            await self.resume(request, responder)
            return
        if request.method != "POST":
            await responder.body(200, {}, b"")
            return
        message = request.json()
        match message.get("method"):
            case "initialize":
                self.sessions += 1
                info = {
                    "protocolVersion": "2025-11-25",
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "script", "version": "1"},
                }
                session = {"mcp-session-id": f"s{self.sessions}"}
                await responder.json(200, result(request, info), session)
            case "tools/list":
                schema = {"type": "object"}
                read = {
                    "name": "read",
                    "inputSchema": schema,
                    "annotations": {"readOnlyHint": True},
                }
                tools = [read, {"name": "write", "inputSchema": schema}]
                await responder.json(200, result(request, {"tools": tools}))
            case "tools/call":
                self.calls += 1
                await self.call(request, responder)
            case str(method) if method.startswith("notifications/"):
                await responder.body(202, {}, b"")
            case _:
                await responder.body(400, {"content-type": "text/plain"}, b"unknown version")

    async def call(self, request: Request, responder: Responder) -> None:  # noqa: PLR0912
        match self.how.split():
            case ["status", code]:
                after = {"retry-after": "3", "location": "http://169.254.169.254/latest"}
                await responder.json(int(code), {"error": "no"}, after)
            case ["html"]:
                await responder.body(200, {"content-type": "text/html"}, b"<html>hello</html>")
            case ["half"]:
                await responder.body(200, JSON, b'{"jsonrpc": "2.0", "id"')
            case ["other_json"]:
                await responder.json(200, {"hello": 1})
            case ["odd_result"]:
                await responder.json(200, result(request, {"content": 7}))
            case ["odd_image"]:
                image = {"type": "image", "data": "not base64!", "mimeType": "image/png"}
                await responder.json(200, result(request, {"content": [image]}))
            case ["gzip"]:
                body = gzip.compress(json.dumps(text(request, "x" * 10_000_000)).encode())
                await responder.body(200, {**JSON, "content-encoding": "gzip"}, body)
            case ["cut"]:
                await responder.start(200, {**JSON, "content-length": "100"})
                await responder.send(b"{")
                responder.cut()
            case ["large"]:
                await responder.json(200, text(request, "x" * 2 * MOST))
            case ["rpc_error"]:
                error = {"code": -32602, "message": "wrong arguments"}
                about = {"jsonrpc": "2.0", "id": request.json()["id"], "error": error}
                await responder.json(200, about)
            case ["flood"]:
                await responder.start(200, EVENTS)
                progress = {"progressToken": request.json()["id"], "progress": 1}
                about = {"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}
                while True:
                    await responder.send(event(about) * 100)
            case ["junk_event"]:
                await responder.start(200, EVENTS)
                await responder.send(b"event: message\ndata: hello\n\n")
                await asyncio.Event().wait()
            case ["no_event"]:
                await responder.body(200, EVENTS, b"")
            case ["break", _]:
                await responder.start(200, EVENTS)
                # The client is to come again, in a minute at the earliest.
                delay = 60_000 if self.how == "break off" else 1
                await responder.send(f"id: 1\nretry: {delay}\ndata:\n\n".encode())
                responder.cut()
            case ["hang"]:
                await asyncio.Event().wait()
            case ["forget", "once"]:
                self.how = ""
                await responder.json(404, {"jsonrpc": "2.0", "id": None, "error": GONE})
            case ["forget", "as", "typescript"]:
                self.how = ""
                error = {"code": -32000, "message": "Bad Request: No valid session ID provided"}
                await responder.json(400, {"jsonrpc": "2.0", "id": None, "error": error})
            case ["other_id", other]:
                error = {"code": -32603, "message": "an internal error"}
                about = {"jsonrpc": "2.0", "id": json.loads(other), "error": error}
                await responder.json(200, about)
            case ["id_as_text"]:
                about = text(request, "fine")
                await responder.json(200, {**about, "id": str(about["id"])})
            case ["accepted"]:
                await responder.body(202, {}, b"")
            case ["image_in_lines"]:
                image = {"type": "image", "data": "iVBORw0K\nGgoAAAAA\r\n", "mimeType": "image/png"}
                await responder.json(200, result(request, {"content": [image]}))
            case ["forget"]:
                await responder.body(404, {}, b"")
            case ["tell"]:
                await responder.json(200, text(request, request.headers["authorization"]))
            case _:
                await responder.json(200, text(request, "fine"))

    async def resume(self, request: Request, responder: Responder) -> None:
        if request.headers.get("last-event-id") and self.how == "break resumed":
            last = next(one for one in reversed(self.seen) if b"tools/call" in one.body)
            await responder.body(200, EVENTS, event(text(last, "resumed"), "id: 2\n"))
        else:
            await responder.body(405, {}, b"")


GONE = {"code": -32600, "message": "Session not found"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with server.http:
        yield server


@pytest_asyncio.fixture
async def nodes(server: Server) -> AsyncIterator[Node]:
    about = MCPServer(url=f"{server.http.origin}/mcp", timeout=10)
    async with node({"it": about}, max_message_bytes=MOST) as nodes:
        await nodes.run("it", list_tools=True)
        yield nodes


def ends(one: Result) -> tuple[str, bool]:
    assert one.failure is not None, one.outputs
    return one.failure.code, one.failure.retryable


LOST, PROTOCOL = "mcp.connection_lost", ("mcp.protocol", False)
AS_MAY_BE = None
"""Retryable where the tool may be repeated."""
CASES: dict[str, Any] = {
    "status 500": (LOST, AS_MAY_BE),
    "status 400": (LOST, AS_MAY_BE),
    "status 307": (LOST, AS_MAY_BE),
    "status 401": ("mcp.auth", False),
    "status 403": ("mcp.auth", False),
    "status 429": ("mcp.rate_limited", True),
    "html": PROTOCOL,
    "half": PROTOCOL,
    "other_json": PROTOCOL,
    "odd_result": PROTOCOL,
    "odd_image": PROTOCOL,
    "gzip": PROTOCOL,
    "junk_event": PROTOCOL,
    "accepted": PROTOCOL,
    'other_id "server-error"': PROTOCOL,
    "other_id null": PROTOCOL,
    "cut": (LOST, AS_MAY_BE),
    "no_event": (LOST, AS_MAY_BE),
    "break off": (LOST, AS_MAY_BE),
    "large": ("mcp.too_large", False),
    "flood": ("mcp.too_large", False),
    "rpc_error": ("mcp.tool_error", False),
    "hang": ("mcp.timeout", AS_MAY_BE),
}


@pytest.mark.parametrize("how", CASES)
async def test_an_answer_that_is_none(server: Server, nodes: Node, how: str) -> None:
    server.how = how
    code, retryable = CASES[how]
    begun = time.monotonic()
    seconds = 0.5 if how == "hang" else None
    both = [nodes.run("it", tool, timeout=seconds) for tool in ("read", "write")]
    reads, came = await asyncio.gather(*both)
    assert time.monotonic() - begun < 3
    assert ends(reads) == (code, True if retryable is AS_MAY_BE else retryable)
    assert ends(came) == (code, False if retryable is AS_MAY_BE else retryable)
    assert server.calls == 2  # nothing was called again here: that is the engine's to decide
    assert came.failure is not None
    assert "'it'" in came.failure.message
    if how == "status 429":
        assert came.failure.retry_after == 3
    if how == "rpc_error":
        assert "wrong arguments" in came.failure.message
    assert not [one for one in server.seen if "169.254" in one.headers.get("host", "")]
    server.how = ""
    again = await nodes.call("it", "write")
    assert again.outputs["output"] == "fine"


async def test_an_answer_that_broke_off_is_taken_up_again(server: Server, nodes: Node) -> None:
    server.how = "break resumed"
    came = await nodes.call("it", "write")
    assert came.outputs["output"] == "resumed"
    assert server.calls == 1


async def test_base64_may_have_lines(server: Server, nodes: Node) -> None:
    server.how = "image_in_lines"
    (file,) = (await nodes.call("it", "read")).outputs["files"]
    assert (file["size"], file["media_type"]) == (12, "image/png")


async def test_a_number_may_come_back_as_text(server: Server, nodes: Node) -> None:
    server.how = "id_as_text"
    assert (await nodes.call("it", "read")).outputs["output"] == "fine"


async def test_a_session_that_a_server_refuses_is_opened_anew(server: Server, nodes: Node) -> None:
    server.how = "forget as typescript"
    calls, sessions = server.calls, server.sessions
    assert (await nodes.call("it", "write")).outputs["output"] == "fine"
    assert (server.calls, server.sessions) == (calls + 2, sessions + 1)


async def test_a_session_that_the_server_forgot_is_opened_anew(server: Server, nodes: Node) -> None:
    server.how = "forget once"
    came = await nodes.call("it", "write")
    assert came.outputs["output"] == "fine"
    assert (server.sessions, server.calls) == (2, 2)
    server.how = "forget"
    never = await nodes.call("it", "write")
    assert ends(never) == ("mcp.unavailable", True)


async def test_one_calls_failure_is_not_the_others(server: Server, nodes: Node) -> None:
    """A call that waits in the same session goes on when another one fails."""
    server.how = "hang"
    waiting = asyncio.create_task(nodes.run("it", "read", timeout=1.5))
    async with asyncio.timeout(10):
        while not server.calls:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    server.how = "status 500"
    assert ends(await nodes.call("it", "write")) == (LOST, False)
    assert not waiting.done()
    assert ends(await waiting) == ("mcp.timeout", True)


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        ((404, {}, b""), "mcp.unavailable", False),
        ((503, {}, b""), "mcp.unavailable", True),
        ((401, {}, b""), "mcp.auth", False),
        ((200, {"content-type": "text/html"}, b"<html>"), "mcp.protocol", False),
        ((200, JSON, b"{}"), "mcp.protocol", False),
        ((200, EVENTS, b""), "mcp.unavailable", True),
        ((307, {"location": "http://169.254.169.254/"}, b""), "mcp.unavailable", False),
    ],
)
async def test_an_address_where_no_server_is(
    answer: tuple[int, dict[str, str], bytes], code: str, retryable: bool
) -> None:
    async def handle(_request: Request, responder: Responder) -> None:
        await responder.body(*answer)

    async with LoopbackServer(handle) as http, node({"it": MCPServer(url=http.origin)}) as nodes:
        assert ends(await nodes.call("it", "read")) == (code, retryable)


async def test_headers_are_sent_and_hold_secrets(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "t0ken-value")
    headers = {"authorization": "Bearer {{secrets.TOKEN}}", "x-tenant": "7"}
    about = MCPServer(url=f"{server.http.origin}/mcp", headers=headers)
    async with node({"it": about}) as nodes:
        assert (await nodes.call("it", "write")).outputs["output"] == "fine"
    sent = {(one.headers.get("authorization"), one.headers.get("x-tenant")) for one in server.seen}
    assert sent == {("Bearer t0ken-value", "7")}


class Guarded(Server):
    """Wants a token of its own authorization server, by the grant `client_credentials`."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.lives = 3600

    async def handle(self, request: Request, responder: Responder) -> None:
        origin = self.http.origin
        if request.path.startswith("/.well-known/oauth-protected-resource"):
            about = {"resource": f"{origin}/mcp", "authorization_servers": [origin]}
            await responder.json(200, about)
        elif request.path == "/.well-known/oauth-authorization-server":
            about = {
                "issuer": origin,
                "authorization_endpoint": f"{origin}/authorize",
                "token_endpoint": f"{origin}/token",
                "response_types_supported": ["code"],
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
            await responder.json(200, about)
        elif request.path == "/token":
            pair = base64.b64encode(b"runfold:cl1ent-secret").decode()
            if request.headers.get("authorization") != f"Basic {pair}":
                await responder.json(401, {"error": "invalid_client"})
                return
            self.given += 1
            token = {"access_token": f"token-{self.given}", "token_type": "Bearer"}
            await responder.json(200, {**token, "expires_in": self.lives})
        elif request.headers.get("authorization") == f"Bearer token-{self.given}" and self.given:
            await super().handle(request, responder)
        else:
            where = f'Bearer resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'
            await responder.body(401, {"www-authenticate": where}, b"")


@pytest.mark.parametrize("secret", ["cl1ent-secret", "another-secret"])
async def test_a_token_is_fetched_where_a_server_wants_one(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_CLIENT", secret)
    server = Guarded()
    async with server.http:
        kept = SecretStr("{{secrets.CLIENT}}")
        oauth = MCPOAuth(client_id="runfold", client_secret=kept, issuer=server.http.origin)
        about = MCPServer(url=f"{server.http.origin}/mcp", oauth=oauth)
        async with node({"it": about}) as nodes:
            came = await nodes.call("it", "write")
            if secret == "another-secret":
                assert came.failure is not None
                assert came.failure.code == "mcp.auth"
                assert secret not in str(came.failure)
                return
            assert came.outputs["output"] == "fine"
            again = await asyncio.gather(*(nodes.call("it", "write") for _ in range(10)))
            assert {one.outputs["output"] for one in again} == {"fine"}
            assert server.given == 1
            server.how = "tell"
            assert (await nodes.call("it", "write")).outputs["output"] == "Bearer ***"
            server.how = ""
            # The server no longer takes the token: another is fetched, once.
            server.given += 1
            renewed = await nodes.call("it", "write")
            assert renewed.outputs["output"] == "fine"
            assert server.given == 3
