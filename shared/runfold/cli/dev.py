"""`runfold dev`: NATS and every service in one process, for one machine."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

from runfold.background import end, until
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.outcome import INTERRUPTED, OK, TERMINATED, UNREACHABLE, say
from runfold.cli.stack import (
    lock_data_dir,
    noted_server,
    on_own_server,
    running_server,
    settings_for,
    start_model,
)
from runfold.errors import ConfigurationError
from runfold.service.catalog import NAMES
from runfold.service.logs import configure_logs
from runfold.service.shell import run_services


async def dev(data_dir: Path | None, port: int, gateway_port: int | None, model: str) -> int:
    """Run until interrupted, or until NATS dies; `gateway_port` None: the setting's.

    Raises:
        ConfigurationError: Port in use, data directory taken or not writable.
    """
    begun = time.perf_counter()
    settings = settings_for("", data_dir)
    if gateway_port is not None:
        settings = settings.model_copy(update={"gateway_port": gateway_port})
    configure_logs(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    code = OK

    def on_signal(ending: int) -> None:
        nonlocal code
        code = ending
        stop.set()

    loop.add_signal_handler(signal.SIGINT, on_signal, INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, on_signal, TERMINATED)
    async with AsyncExitStack() as stack:
        lock = lock_data_dir(settings.data_dir)
        if lock is None:
            where = running_server(settings.data_dir) or "another process"
            message = (
                f"{settings.data_dir} is in use by {where}: stop that runfold, "
                "or choose another directory with --data-dir"
            )
            raise ConfigurationError(message, code="data_dir.in_use")
        stack.enter_context(lock)
        settings = await start_model(stack, settings, model)
        server = await stack.enter_async_context(EmbeddedNats(settings.data_dir, port))
        settings = on_own_server(settings, server.url)
        stack.enter_context(noted_server(settings.data_dir, server.url, model))
        bus = await connect(settings, role="owner")
        stack.push_async_callback(bus.close)
        services = await stack.enter_async_context(run_services(bus, settings, NAMES))
        took = time.perf_counter() - begun
        host = f"http://{settings.gateway_host}:{settings.gateway_port}"
        gateway = next((s.url for s in services if hasattr(s, "url")), host)
        print(f"NATS      {server.url}")
        print(f"gateway   {gateway}/api  (OpenAPI: {gateway}/schema)")
        print(f"studio    {gateway}/studio")
        print(f"data      {settings.data_dir}")
        print(f"ready in {took:.2f} s; Ctrl-C stops", flush=True)
        died = asyncio.create_task(server.died())
        working = asyncio.create_task(services.wait())
        try:
            await until(stop, died, working, bus.failed)
            if died.done():
                say(f"error: {died.result()}")
                return UNREACHABLE
        finally:
            await end(died, working)
    return code
