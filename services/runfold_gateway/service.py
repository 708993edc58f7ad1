"""The gateway as a service: the HTTP server beside everything else in the event loop."""

from __future__ import annotations

from runfold.asgi_server import ASGIServer
from runfold.bus.ports.bus import Bus
from runfold.errors import ConfigurationError
from runfold.settings import Settings
from runfold_gateway.application import create_application, served
from runfold_gateway.backend import Backend
from runfold_gateway.connection import Connection
from runfold_gateway.door.guard import rules_of
from runfold_gateway.door.hosts import is_reached_by_others
from runfold_gateway.door.keys import HOW_TO
from runfold_gateway.http.asgi import App
from runfold_gateway.mcp import McpEndpoint

KEY_NEEDED = (
    "the gateway would listen on {0}, where others than this machine reach it, and has no key: set "
    "RUNFOLD_API_KEY ({1}), or RUNFOLD_GATEWAY_HOST=127.0.0.1"
)


class Gateway:
    """Serves the HTTP API.

    Raises:
        ConfigurationError: When settings of the guard cannot be used.
    """

    name = "gateway"

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        self._host = settings.gateway_host
        self._rules = rules_of(settings)
        self._backend = Backend(bus, settings)
        self._server = ASGIServer(
            served(
                create_application(self._backend),
                self._rules,
                settings.body_timeout,
                beside=self._with_mcp,
            ),
            host=settings.gateway_host,
            port=settings.gateway_port,
            http=Connection,
            grace=settings.grace / 4,
            dated=True,
            lifespan=True,
            proxied=True,
        )

    def _with_mcp(self, app: App) -> App:
        self._mcp = McpEndpoint(app, self._bus)
        return self._mcp

    @property
    def url(self) -> str:
        """Where it listens, once it has started."""
        return self._server.origin

    async def start(self) -> None:
        """Listen; returns once requests are taken.

        Raises:
            ConfigurationError: When the port cannot be had, or a key is needed and not set.
        """
        if not self._rules.keys and await is_reached_by_others(self._host):
            raise ConfigurationError(KEY_NEEDED.format(self._host, HOW_TO), code="gateway.api_key")
        try:
            await self._server.start()
        except OSError as error:
            where = self.url.removeprefix("http://")
            message = (
                f"the gateway cannot listen on {where} ({error.strerror or error}): choose another "
                "port with --gateway-port or RUNFOLD_GATEWAY_PORT"
            )
            raise ConfigurationError(message, code="gateway.port") from error

    async def wait(self) -> None:
        """Return after `drain`; raise what the server failed with."""
        await self._server.wait()

    async def drain(self) -> None:
        """Take no more requests, answer those that wait for a run, finish the others."""
        self._backend.drain()
        await self._mcp.close()
        await self._server.stop()
        await self._backend.close()

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if not self._bus.connected:
            return "NATS is not reachable"
        if not self._server.listening:
            return "not listening yet"
        return None
