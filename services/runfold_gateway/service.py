"""The gateway as a service: the HTTP server beside everything else in the event loop."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from typing_extensions import override

from runfold.background import all_ended, until
from runfold.bus.ports.bus import Bus
from runfold.errors import ConfigurationError
from runfold.settings import Settings
from runfold_gateway.application import create_application
from runfold_gateway.backend import Backend
from runfold_gateway.connection import Connection


def build(bus: Bus, settings: Settings) -> Gateway:
    """The gateway service on a bus."""
    return Gateway(bus, settings)


class _Server(uvicorn.Server):
    """Uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class Gateway:
    """Serves the HTTP API."""

    name = "gateway"

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._settings = settings
        self._backend: Backend | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen; returns once requests are taken.

        Raises:
            ConfigurationError: When the port cannot be had.
        """
        listener = self._listen()
        host, port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        backend = Backend(self._bus, self._settings)
        application = create_application(backend)
        config = uvicorn.Config(
            application,
            http=Connection,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=max(1, int(self._settings.grace / 4)),
        )
        self._backend = backend
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._serve(self._server, listener))
        await until(self._server.listening, self._serving)

    async def wait(self) -> None:
        """Return after `drain`; raise what the server failed with."""
        if self._serving is not None:
            await all_ended(self._serving)

    async def drain(self) -> None:
        """Take no more requests, let go of who waits for a run, finish the others in hand."""
        if self._backend is not None:
            self._backend.drain()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait((self._serving,))

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        if self._server is None or not self._server.started:
            return "not listening yet"
        return None

    @staticmethod
    async def _serve(server: _Server, listener: socket.socket) -> None:
        with listener:
            await server._serve([listener])  # noqa: SLF001 -- `serve` would take the signals over

    def _listen(self) -> socket.socket:
        host, port = self._settings.gateway_host, self._settings.gateway_port
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            message = (
                f"the gateway cannot listen on {host}:{port} ({error.strerror}): choose another "
                "port with --gateway-port or RUNFOLD_GATEWAY_PORT"
            )
            raise ConfigurationError(message, code="gateway.port") from error
        return listener
