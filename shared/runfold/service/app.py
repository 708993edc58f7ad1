"""A service as a FastStream application: one NATS connection, for the application and for our bus.

FastStream gives the lifecycle, the status endpoint and the AsyncAPI page. Events and tasks are
read through the bus on the same connection; `docs/adr/0004-faststream-at-the-edges.md` says why.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from fast_depends.msgspec import MsgSpecSerializer
from faststream import FastStream
from faststream.nats import NatsBroker
from typing_extensions import override

from runfold import __version__
from runfold.background import end, until
from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect_client
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.status import ServiceStatus
from runfold.errors import BusUnavailable
from runfold.executor.registry import load_node_modules
from runfold.service.asyncapi import ContractPage

if TYPE_CHECKING:
    from types import TracebackType

    from nats.aio.client import Client

    from runfold.service.catalog import Build
    from runfold.service.ports import Service
    from runfold.settings import Settings


class ServiceBroker(NatsBroker):
    """FastStream's broker, connected the way all of runfold connects."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.nats_url or (),
            apply_types=False,
            serializer=MsgSpecSerializer(use_fastdepends_errors=False),
            logger=None,
        )
        self._settings = settings
        self.closed = asyncio.Event()
        """Set when the connection is gone for good."""

    @override
    async def _connect(self) -> Client:
        client = await connect_client(self._settings)
        client._closed_cb = self._on_closed  # noqa: SLF001 -- settable in `connect` only
        self.config.connect(client)
        return client

    @override
    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        client = self._connection
        if client is not None and not client.is_connected:
            # What is not connected cannot be drained, only closed.
            self._connection = None
            if not client.is_closed:
                await client.close()
            self.config.disconnect()
            return
        await super().stop(exc_type, exc_val, exc_tb)

    async def _on_closed(self) -> None:
        self.closed.set()


class ServiceApp(FastStream):
    """One service with the connection it works over.

    Args:
        name: The service's name.
        build: Makes the service on a bus.
        settings: The process's settings.
    """

    def __init__(self, name: str, build: Build, settings: Settings) -> None:
        self.name = name
        self.health = ""
        """URL of the health endpoints, told to whoever asks for the status."""
        self._build = build
        self._settings = settings
        self._broker = ServiceBroker(settings)
        self._bus: JetStreamBus | None = None
        self._service: Service | None = None
        self._started_at = 0.0
        super().__init__(
            self._broker,
            logger=None,
            specification=ContractPage(name),
            after_startup=(self._start_service,),
            on_shutdown=(self._drain_service,),
        )
        # Kept here: FastStream itself holds its subscribers weakly.
        self._answering = self._broker.subscriber(subjects.STATUS)
        self._answering(self._status)

    async def wait(self) -> None:
        """Return when the service was drained; raise what ended it otherwise.

        Raises:
            BusUnavailable: When the connection was closed for good.
        """
        if self._service is None or self._bus is None:
            return
        working = asyncio.create_task(self._service.wait())
        try:
            if await until(self._broker.closed, self._bus.failed, working):
                message = "the connection to NATS was closed for good: look at the server's log"
                raise BusUnavailable(message, code="bus.closed")
        finally:
            await end(working)

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
        if self._service is None or self._bus is None:
            return "starting"
        if self._bus.failed.done():
            return "publishing has failed"
        return self._service.not_ready()

    async def _start_service(self) -> None:
        load_node_modules(self._settings)
        self._bus = await JetStreamBus.open(self._broker.connection, self._settings)
        service = self._build(self._bus, self._settings)
        await service.start()
        self._service = service
        self._started_at = time.time()

    async def _drain_service(self) -> None:
        if self._service is not None:
            await self._service.drain()
        if self._bus is not None:
            await self._bus.close()

    async def _status(self, _body: Any = None) -> bytes:
        reason = self.not_ready()
        return encode(
            ServiceStatus(
                service=self.name,
                version=__version__,
                host=socket.gethostname(),
                pid=os.getpid(),
                ready=reason is None,
                reason=reason or "",
                started_at=self._started_at,
                health=self.health,
            )
        )
