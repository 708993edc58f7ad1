"""Composition: one service as a process, or several in one event loop.

Nothing here knows what a service does. A process ends by a signal, drained; or because its service
or its connection cannot go on, with an error that says why.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

import structlog

from runfold.background import all_ended, end, unless, until
from runfold.bus.ports.bus import Bus
from runfold.executor.node import Wrap
from runfold.executor.registry import load_node_modules
from runfold.service.catalog import build
from runfold.service.collection import collect_rarely
from runfold.service.exits import Interrupted
from runfold.service.health import HealthServer
from runfold.service.ports import AnswersQueries, Application, Service
from runfold.service.tasks import print_tasks
from runfold.settings import Settings

log = structlog.get_logger("service")


class Signals:
    """SIGTERM and SIGINT as events: the first asks to drain, the second to go at once.

    SIGUSR2 has the process say what it is doing.
    """

    def __init__(self) -> None:
        self.first = asyncio.Event()
        self.second = asyncio.Event()

    def __enter__(self) -> Self:
        """Listen to both."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGUSR2, print_tasks)
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
            loop.remove_signal_handler(number)

    def _on_signal(self) -> None:
        (self.second if self.first.is_set() else self.first).set()


async def serve(app: Application, settings: Settings) -> None:
    """Run one service until a signal, then drain it.

    Raises:
        RunfoldError: What kept it from starting or going on.
        Interrupted: When a second signal cut the draining short.
    """
    with Signals() as signals:
        serving = asyncio.create_task(_serve(app, settings, signals.first))
        await until(signals.second, serving)
        if not serving.done():
            await end(serving)
            message = f"{app.name} went at once: what was under way is given to others"
            raise Interrupted(message)
        serving.result()


async def _serve(app: Application, settings: Settings, signalled: asyncio.Event) -> None:
    structlog.contextvars.bind_contextvars(service=app.name)
    health = HealthServer(app.name, app.not_ready, settings.health_host, settings.health_port)
    await health.start()
    app.health = health.url
    try:
        await unless(signalled, app.start())
        if not signalled.is_set():
            health.started = True
            collect_rarely()
            log.info("service started", health=health.url)
            await unless(signalled, app.wait())
            log.info("service drains")
    except Exception:
        await _stop_after_failure(app)
        raise
    else:
        await app.stop()
    finally:
        await health.stop()
    log.info("service stopped")


async def _stop_after_failure(app: Application) -> None:
    try:
        await app.stop()
    except Exception:
        # The caller gets the error that ended the service, not this one.
        log.warning("service did not stop cleanly", exc_info=True)


class Services:
    """Services that run beside one another on one bus."""

    def __init__(self, running: tuple[Service, ...]) -> None:
        self._running = running

    def __iter__(self) -> Iterator[Service]:
        """The services in the order they were started."""
        return iter(self._running)

    def __getitem__(self, name: str) -> Service:
        """A running service by name."""
        return next(service for service in self._running if service.name == name)

    async def wait(self) -> None:
        """Return when all were drained; raise what the first one to fail failed with."""
        waiting = [asyncio.create_task(service.wait()) for service in self._running]
        try:
            await all_ended(*waiting)
        finally:
            await end(*waiting)

    def not_ready(self) -> str | None:
        """None when all are ready, else the first reason, with the service's name."""
        for service in self._running:
            if (reason := service.not_ready()) is not None:
                return f"{service.name}: {reason}"
        return None


@asynccontextmanager
async def run_services(
    bus: Bus, settings: Settings, names: Iterable[str], wrap: Wrap | None = None
) -> AsyncIterator[Services]:
    """Start services on a bus, in the order of their names; drain them in the opposite order.

    Args:
        bus: The bus.
        settings: The settings.
        names: Of the services.
        wrap: What is made of each executor of a kind before it is used.
    """
    load_node_modules(settings)
    async with AsyncExitStack() as stack:
        running: list[Service] = []
        for name in names:
            service = build(name, bus, settings, wrap)
            running.append(service)
            stack.push_async_callback(service.drain)
            await service.start()
            if isinstance(service, AnswersQueries):
                for verb, answer in service.queries.items():
                    stop = await bus.answer_queries(verb, answer, group=service.name)
                    stack.push_async_callback(stop)
        yield Services(tuple(running))
