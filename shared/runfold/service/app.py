"""A service as a FastStream application: one NATS connection, for the application and for our bus.

FastStream gives the lifecycle, the subscribers for low-rate requests and the AsyncAPI page. Events
and tasks are read through the bus; docs/adr/0004-faststream-at-the-edges.md says why.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import time
from typing import Any

from faststream import FastStream
from faststream.nats.response import NatsResponse
from typing_extensions import override

from runfold import __version__
from runfold.background import end, until
from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.refusals import answered
from runfold.contracts.codec import encode
from runfold.contracts.status import ServiceStatus
from runfold.errors import BusUnavailable, ConfigurationError
from runfold.executor.registry import load_node_modules
from runfold.service.asyncapi import ContractPage
from runfold.service.broker import Respond, ServiceBroker
from runfold.service.catalog import build, checked_name
from runfold.service.channels import STATUS, channels_of
from runfold.service.exits import exit_code
from runfold.service.logs import configure_logs
from runfold.service.ports import AnswersQueries, Service
from runfold.service.shell import serve
from runfold.settings import Settings


class ServiceApp(FastStream):
    """One service with the connection it works over.

    `run` is the whole process: `faststream run runfold.service.apps:gateway` calls it, and
    `runfold serve gateway` does the same.

    Args:
        name: The service's name, as the catalogue has it.
        settings: The process's settings.

    Raises:
        ConfigurationError: When there is no such service.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = checked_name(name)
        self.health = ""
        """URL of the health endpoints, as the status shows it."""
        self._settings = settings
        self._broker = ServiceBroker(name, settings)
        self._bus: JetStreamBus | None = None
        self._service: Service | None = None
        self._started_at = 0.0
        super().__init__(
            self._broker,
            logger=None,
            specification=ContractPage(),
            on_startup=(self._start_service,),
            on_shutdown=(self._drain_service,),
        )
        self._status = self._broker.answer(STATUS, self._tell_status)
        self._queries = [
            self._broker.answer(channel, self._answering(channel.tokens["verb"]))
            for channel in channels_of(name)
            if channel.reply is not None and "verb" in channel.tokens
            if channel.direction == "receive"
        ]

    @override
    async def run(
        self,
        log_level: int = logging.INFO,
        run_extra_options: dict[str, Any] | None = None,
        sleep_time: float = 0.1,
    ) -> None:
        """Be the process of this service until a signal: as `faststream run` has it.

        Ends the process with the exit code that `runfold serve` has, when it is not 0.
        """
        try:
            configure_logs(self._settings)
            _refuse_options(run_extra_options or {})
            await serve(self, self._settings)
        except Exception as error:  # noqa: BLE001 -- the process ends: shown, and an exit code
            sys.exit(exit_code(self.name, error))

    async def wait(self) -> None:
        """Return when the service was drained; raise what ended it otherwise.

        Raises:
            BusUnavailable: When the connection was closed for good.
        """
        if self._service is None or self._bus is None:
            return
        working = asyncio.create_task(self._service.wait())
        try:
            if await until(self._broker.link.closed, self._bus.failed, working):
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
        """Before the broker's start, so that no query comes to a service that cannot answer yet."""
        load_node_modules(self._settings)
        await self._broker.connect()
        await self._status.start()
        self._bus = await JetStreamBus.open(self._broker.link, self._settings)
        service = build(self.name, self._bus, self._settings)
        await service.start()
        self._service = service
        self._started_at = time.time()

    async def _drain_service(self) -> None:
        await self._broker.leave(self._queries)
        if self._service is not None:
            await self._service.drain()
        if self._bus is not None:
            await self._bus.close()

    def _answering(self, verb: str) -> Respond:
        async def answer(body: bytes) -> bytes:
            service: object = self._service
            if not isinstance(service, AnswersQueries):
                raise BusUnavailable(f"{self.name} cannot answer {verb!r}", code="bus.unreachable")
            return await service.queries[verb](body)

        async def respond(body: bytes) -> NatsResponse:
            reply, headers = await answered(verb, answer, body)
            return NatsResponse(reply, headers=headers)

        return respond

    async def _tell_status(self, _body: bytes) -> NatsResponse:
        reason = self.not_ready()
        status = ServiceStatus(
            service=self.name,
            version=__version__,
            host=socket.gethostname(),
            pid=os.getpid(),
            ready=reason is None,
            reason=reason or "",
            started_at=self._started_at,
            health=self.health,
        )
        return NatsResponse(encode(status))


def _refuse_options(options: dict[str, Any]) -> None:
    """FastStream hands on what it does not know; only `worker_id` is its own."""
    if unknown := sorted(set(options) - {"worker_id"}):
        message = f"unknown options {', '.join(unknown)}: settings are RUNFOLD_… variables"
        raise ConfigurationError(message, code="settings.options")
