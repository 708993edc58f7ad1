"""Health and metrics over HTTP, for probes: a few GETs, no framework.

/health/live      200 while the event loop turns
/health/startup   200 once the service has started
/health/ready     200, or 503 with the reason
/metrics          Prometheus text
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from runfold.errors import ConfigurationError
from runfold.telemetry import READY, REGISTRY

REQUEST_WITHIN = 5.0
"""Seconds a client may take to say what it wants."""
JSON = "application/json"

Answer = tuple[HTTPStatus, str, bytes]


class HealthServer:
    """Answers probes for one process.

    Args:
        service: Name shown in answers.
        not_ready: None when ready, else the reason.
        host: Where to listen.
        port: 0: any free port.
    """

    def __init__(
        self, service: str, not_ready: Callable[[], str | None], host: str, port: int
    ) -> None:
        self._service = service
        self._not_ready = not_ready
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self.started = False
        """Set by the shell once the service has started."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigurationError: When the port is taken.
        """
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self._port)
        except OSError as error:
            message = (
                f"cannot listen on {self._host}:{self._port} for health checks "
                f"({error.strerror}): set RUNFOLD_HEALTH_PORT (0: any free port)"
            )
            raise ConfigurationError(message, code="port.in_use") from error
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_WITHIN):
                head = await reader.readuntil(b"\r\n\r\n")
            method, _, rest = head.decode("latin-1").partition(" ")
            path = rest.partition(" ")[0].partition("?")[0]
            writer.write(_response(*self._answer(method, path), head_only=method == "HEAD"))
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            # A probe that went away or was no HTTP: there is nobody to answer.
            return
        finally:
            writer.close()

    def _answer(self, method: str, path: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET or HEAD"})
        match path:
            case "/health/live":
                return self._state(None)
            case "/health/startup":
                return self._state(None if self.started else "starting")
            case "/health/ready":
                return self._state(self.reason())
            case "/metrics":
                READY.labels(self._service).set(self.reason() is None)
                return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(REGISTRY)
            case _:
                known = ["/health/live", "/health/ready", "/health/startup", "/metrics"]
                return _json(HTTPStatus.NOT_FOUND, {"error": "not found", "known": known})

    def reason(self) -> str | None:
        """Why the process is not ready, or None."""
        return self._not_ready() if self.started else "starting"

    def _state(self, reason: str | None) -> Answer:
        status = HTTPStatus.OK if reason is None else HTTPStatus.SERVICE_UNAVAILABLE
        return _json(status, {"service": self._service, "ok": reason is None, "reason": reason})


def _json(status: HTTPStatus, body: dict[str, object]) -> Answer:
    return status, JSON, msgspec.json.encode(body)


def _response(status: HTTPStatus, content_type: str, body: bytes, *, head_only: bool) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {content_type}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)
