"""Which NATS a command works with: a named one, the one `runfold dev` runs, or one of its own."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats, is_alive
from runfold.cli.outcome import say
from runfold.errors import ConfigurationError
from runfold.executor.registry import load_node_modules
from runfold.service.shell import run_services
from runfold.settings import Settings

SERVER_FILE = "server.json"


class Stack(msgspec.Struct):
    """What a command has to work with."""

    bus: JetStreamBus
    settings: Settings
    server: EmbeddedNats | None
    """The NATS this process runs itself, if it does."""
    keeps_data: bool


@asynccontextmanager
async def open_stack(
    settings: Settings, services: tuple[str, ...], *, model: str = ""
) -> AsyncIterator[Stack]:
    """A bus with the given services behind it.

    With a NATS URL in the settings, or `runfold dev` running on the data directory, the services
    are somebody else's; otherwise NATS and they run in this process.

    Args:
        settings: The settings.
        services: Services to run when NATS is ours.
        model: `demo` or `local`: a model server to run beside them.
    """
    async with AsyncExitStack() as stack:
        running = "" if model else settings.nats_url or running_server(settings.data_dir)
        if running:
            settings = settings.model_copy(update={"nats_url": running})
            bus = await connect(settings)
            stack.push_async_callback(bus.close)
            yield Stack(bus, settings, None, keeps_data=True)
            return
        settings = await start_model(stack, settings, model)
        server = None
        keeps_data = True
        if not settings.nats_url:
            data_dir, keeps_data = stack.enter_context(own_data_dir(settings.data_dir))
            server = EmbeddedNats(data_dir)
            await stack.enter_async_context(server)
            settings = settings.model_copy(update={"nats_url": server.url, "data_dir": data_dir})
        bus = await connect(settings)
        stack.push_async_callback(bus.close)
        await stack.enter_async_context(run_services(bus, settings, services))
        yield Stack(bus, settings, server, keeps_data)


async def start_model(stack: AsyncExitStack, settings: Settings, model: str) -> Settings:
    """Run the demo or the local model beside us; returns settings that point to it."""
    if model == "demo":
        from runfold.model_servers.demo.server import DemoModel

        url = (await stack.enter_async_context(DemoModel())).base_url
        say("demo model: every model's text is canned and labelled [demo model]")
    elif model == "local":
        from runfold.model_servers.local.model import LocalModel

        say("local model: SmolLM2-135M-Instruct on this CPU")
        url = (await stack.enter_async_context(LocalModel())).base_url
    else:
        return settings
    from pydantic import SecretStr

    llm = settings.llm.model_copy(update={"providers": {}})
    return settings.model_copy(
        update={"openai_base_url": url, "openai_api_key": SecretStr(model), "llm": llm}
    )


def running_server(data_dir: Path) -> str:
    """The URL of the NATS that `runfold dev` runs on a data directory, or empty."""
    try:
        noted = json.loads((data_dir / SERVER_FILE).read_text())
    except (OSError, json.JSONDecodeError):
        return ""
    return str(noted["url"]) if is_alive(int(noted["pid"])) else ""


@contextmanager
def noted_server(data_dir: Path, url: str) -> Iterator[None]:
    """Tell other commands on this machine which NATS runs on a data directory."""
    note = data_dir / SERVER_FILE
    note.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


@contextmanager
def own_data_dir(data_dir: Path) -> Iterator[tuple[Path, bool]]:
    """A directory only this process uses: the given one, or a temporary one while it is taken.

    Yields the directory, and whether what is in it stays.
    """
    lock = lock_data_dir(data_dir)
    if lock is not None:
        with lock:
            yield data_dir, True
        return
    say(f"{data_dir} is in use by another runfold: this run's log is not kept")
    with tempfile.TemporaryDirectory(prefix="runfold-") as directory:
        yield Path(directory), False


def lock_data_dir(data_dir: Path) -> IO[str] | None:
    """The held lock of a data directory, or None when another process has it.

    Raises:
        ConfigurationError: When the directory cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("w")
    except OSError as error:
        message = (
            f"data directory {data_dir} is not writable ({error.strerror}): "
            "choose another with --data-dir or RUNFOLD_DATA_DIR"
        )
        raise ConfigurationError(message, code="data_dir.not_writable") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def settings_for(server: str, data_dir: Path | None) -> Settings:
    """The process's settings with a command's options over them."""
    settings = Settings()
    load_node_modules(settings)
    over = {"nats_url": server or settings.nats_url, "data_dir": data_dir or settings.data_dir}
    return settings.model_copy(update=over)
