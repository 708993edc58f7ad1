"""An MCP server for tests, made with the SDK's own server class; a program of its own.

    python -m tests.support.mcp_server http [--legacy]     says its port on the first line
    python -m tests.support.mcp_server stdio

It writes each call that it begins with into the file MCP_JOURNAL, when there is one. MCP_CHECK is
the URL of a service that says, by its status, whether a request's credentials are good.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    EmbeddedResource,
    ResourceLink,
    TextResourceContents,
    ToolAnnotations,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
WAV = b"RIFF$\0\0\0WAVEfmt " + bytes(28)
READS = ToolAnnotations(read_only_hint=True)

server = MCPServer("for tests")


def journal(call: str) -> None:
    if path := os.environ.get("MCP_JOURNAL"):
        with Path(path).open("a") as file:
            file.write(f"{call}\n")


@server.tool(annotations=READS)
def echo(text: str) -> str:
    """Say it again."""
    journal("echo")
    return text


@server.tool()
async def slow(seconds: float, steps: int, ctx: Context) -> str:
    """Take its time, and say how far it is."""
    journal("slow")
    try:
        for step in range(steps):
            await ctx.report_progress(step + 1, steps, f"step {step + 1}")
            await asyncio.sleep(seconds / steps)
    except asyncio.CancelledError:
        journal("slow was cancelled")
        raise
    return "done"


@server.tool()
def write_and_die(text: str) -> str:
    """End the server in the middle of a call that changes something."""
    journal(f"write {text}")
    os._exit(3)


@server.tool(annotations=READS)
def read_and_die(text: str) -> str:
    """End the server in the middle of a call that may be repeated; the second call succeeds."""
    journal(f"read {text}")
    if Path(os.environ["MCP_JOURNAL"]).read_text().count(f"read {text}\n") > 1:
        return "read"
    os._exit(3)


@server.tool()
def shaped(city: str) -> dict[str, Any]:
    """Answer with an object."""
    return {"city": city, "degrees": [1, 2]}


@server.tool()
def fail(reason: str) -> str:
    """Fail."""
    raise ValueError(reason)


@server.tool(structured_output=False)
def picture() -> Image:
    """Answer with a picture."""
    return Image(data=PNG, format="png")


@server.tool(structured_output=False)
def mixed() -> list[Any]:
    """Answer with one of each kind."""
    return [
        "a text",
        AudioContent(data=base64.b64encode(WAV).decode(), mime_type="audio/wav"),
        EmbeddedResource(
            resource=TextResourceContents(uri="memo://1", mime_type="text/plain", text="a memo")
        ),
        EmbeddedResource(
            resource=BlobResourceContents(
                uri="file:///reports/q3.bin", mime_type="application/octet-stream", blob="AAEC"
            )
        ),
        ResourceLink(uri="https://example.com/doc", name="doc", mime_type="text/html"),
    ]


@server.tool()
def big(size: int) -> str:
    """Answer with a long text."""
    return "x" * size


@server.tool()
def environment() -> dict[str, str]:
    """Tell what is in the environment."""
    return dict(os.environ)


@server.tool()
def complain(text: str) -> str:
    """Write to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
    return "said"


@server.tool()
async def caller(ctx: Context) -> str:
    """Tell by which credentials it was called, while it works and at the end."""
    journal("caller")
    request = ctx.request_context.request
    said = "; ".join(request.headers.get(name, "") for name in ("authorization", "x-key", "cookie"))
    await ctx.report_progress(1, 2, f"for {said} {request.url.query}")
    return f"{said} {request.url.query}"


class Guarded:
    """Lets through what another service lets through: each request's credentials are shown to it.

    Args:
        app: The server.
        check: The service's URL.
    """

    def __init__(self, app: Any, check: str) -> None:
        self._app = app
        self._check = check
        self._client = httpx.AsyncClient()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            shown = {"authorization": headers.get(b"authorization", b"").decode()}
            status = (await self._client.get(self._check, headers=shown)).status_code
            if status != 200:
                journal("refused")
                head = [(b"www-authenticate", b'Bearer error="invalid_token"')]
                await send({"type": "http.response.start", "status": status, "headers": head})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)


class Legacy:
    """The protocol before 2026, with sessions: what asks for the newer one is refused."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if headers.get(b"mcp-protocol-version", b"").startswith(b"2026"):
            head = {"type": "http.response.start", "status": 400, "headers": []}
            await send(head)
            await send({"type": "http.response.body", "body": b"unknown version"})
            return
        await self._app(scope, receive, send)


def main() -> None:
    if sys.argv[1] == "stdio":
        server.run("stdio")
        return
    app: Any = server.streamable_http_app()
    if "--legacy" in sys.argv:
        app = Legacy(app)
    if check := os.environ.get("MCP_CHECK"):
        app = Guarded(app, check)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", int(os.environ.get("MCP_PORT", "0"))))
    listening.listen(512)
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
