"""Health and metrics over HTTP, for probes. A taken port is reported here; uvicorn does the rest.

/health/live      200 while the event loop turns
/health/startup   200 once the service has started
/health/ready     200, or 503 with the reason
/metrics          Prometheus text
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from runfold.asgi_server import ASGIServer, Receive, Send
from runfold.errors import ConfigurationError
from runfold.telemetry import READY, REGISTRY

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
        self._server = ASGIServer(self._serve, host=host, port=port)
        self.started = False
        """Set by the shell once the service has started."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.origin

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigurationError: When the port is taken.
        """
        try:
            await self._server.start()
        except OSError as error:
            where = self.url.removeprefix("http://")
            message = (
                f"cannot listen on {where} for health checks ({error.strerror or error}): "
                "set RUNFOLD_HEALTH_PORT (0: any free port)"
            )
            raise ConfigurationError(message, code="port.in_use") from error

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop(cut=True)

    async def _serve(self, scope: dict[str, Any], _receive: Receive, send: Send) -> None:
        status, content_type, body = self._answer(scope["method"], scope["path"])
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": body})

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
