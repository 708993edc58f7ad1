"""The gateway as a service: the HTTP server beside everything else in the event loop."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from typing_extensions import override

from runfold.bus.ports.bus import Bus
from runfold.errors import ConfigurationError
from runfold.settings import Settings
from runfold_gateway.application import create_application, served
from runfold_gateway.backend import Backend
from runfold_gateway.connection import Connection
from runfold_gateway.door.guard import rules_of
from runfold_gateway.door.hosts import is_reached_by_others
from runfold_gateway.door.keys import HOW_TO

KEY_NEEDED = (
    "the gateway would listen on {0}, where others than this machine reach it, and has no key: set "
    "RUNFOLD_API_KEY ({1}), or RUNFOLD_GATEWAY_HOST=127.0.0.1"
)


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
            ConfigurationError: When the port cannot be had, or settings of the guard cannot be.
        """
        rules = rules_of(self._settings)
        if not rules.keys and await is_reached_by_others(self._settings.gateway_host):
            message = KEY_NEEDED.format(self._settings.gateway_host, HOW_TO)
            raise ConfigurationError(message, code="gateway.api_key")
        listener = self._listen()
        host, port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        backend = Backend(self._bus, self._settings)
        application = served(create_application(backend), rules, self._settings.body_timeout)
        config = uvicorn.Config(
            application,
            http=Connection,
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=max(1, int(self._settings.grace / 4)),
        )
        self._backend = backend
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._serve(self._server, listener))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait((self._serving, listening), return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            listening.cancel()
            self._serving.result()

    async def wait(self) -> None:
        """Return after `drain`; raise what the server failed with."""
        if self._serving is not None:
            await asyncio.wait((self._serving,))
            self._serving.result()

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
