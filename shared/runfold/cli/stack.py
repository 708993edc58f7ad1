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

from runfold.bus.jetstream.bus import JetStreamBus, Role
from runfold.bus.jetstream.client.link import shown_servers
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats, is_alive
from runfold.bus.jetstream.unfinished import unfinished
from runfold.cli.outcome import say
from runfold.errors import ConfigurationError
from runfold.executor.registry import load_node_modules
from runfold.service.shell import run_services
from runfold.settings import Settings

SERVER_FILE = "server.json"
JOIN_WITHIN = 15.0
"""Seconds that the JetStream of a server that is not ours is given to become ready."""


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
    are that server's and none is started here; otherwise NATS and they run in this process. A
    command without services only looks: on a server that is not its own it creates nothing.

    Args:
        settings: The settings.
        services: Services to run when NATS is ours.
        model: `demo` or `local`: a model server to run beside them, for runs of this process alone.

    Raises:
        ConfigurationError: When a model is to run beside services that are not ours.
    """
    refuse_model_elsewhere(settings, model)
    async with AsyncExitStack() as stack:
        running = "" if model else settings.nats_url or running_server(settings.data_dir)
        if running:
            settings = settings.model_copy(update={"nats_url": running})
            role: Role = "member" if services else "reader"
            bus = await connect(settings, role=role, within=JOIN_WITHIN)
            stack.push_async_callback(bus.close)
            yield Stack(bus, settings, None, keeps_data=True)
            return
        settings = await start_model(stack, settings, model)
        own = await _own(stack, settings, alone=bool(model))
        await stack.enter_async_context(run_services(own.bus, own.settings, services))
        yield own


def refuse_model_elsewhere(settings: Settings, model: str) -> None:
    """A demo or local model serves the runs of its own process, never those of a shared server.

    Raises:
        ConfigurationError: When both a model and a server were named.
    """
    if not model or not settings.nats_url:
        return
    where = shown_servers(settings.nats_url)
    message = (
        f"--{model}-model cannot be used with NATS at {where}: executors of this command would "
        "take tasks of other people's runs there. Leave the option out, and the "
        "run uses the models of that server's executors; or leave --server out and unset "
        "RUNFOLD_NATS_URL, and it runs here"
    )
    raise ConfigurationError(message, code="options.model_elsewhere")


async def _own(stack: AsyncExitStack, settings: Settings, *, alone: bool) -> Stack:
    """A server of our own on the data directory, or on a temporary one while that is taken.

    Args:
        stack: Ends the server.
        settings: The settings.
        alone: Whether no run but ours may go on here: what was left by others stays untouched.
    """
    data_dir, keeps_data = stack.enter_context(own_data_dir(settings.data_dir))
    beginning = await stack.enter_async_context(AsyncExitStack())
    own = await _served(beginning, settings, data_dir)
    left = await unfinished(own.bus) if alone and keeps_data else ""
    if not left:
        return msgspec.structs.replace(own, keeps_data=keeps_data)
    await beginning.aclose()
    say(
        f"{data_dir} has {left} of other commands, which this model must not serve: this run's log "
        "is not kept. Finish them with `runfold dev`, or choose another directory with --data-dir"
    )
    directory = tempfile.TemporaryDirectory(prefix="runfold-")
    return await _served(stack, settings, Path(stack.enter_context(directory)))


async def _served(stack: AsyncExitStack, settings: Settings, data_dir: Path) -> Stack:
    server = EmbeddedNats(data_dir)
    await stack.enter_async_context(server)
    settings = on_own_server(settings, server.url).model_copy(update={"data_dir": data_dir})
    bus = await connect(settings, role="owner")
    stack.push_async_callback(bus.close)
    return Stack(bus, settings, server, keeps_data=False)


def on_own_server(settings: Settings, url: str) -> Settings:
    """Settings for an embedded server, which is one and holds one copy of all."""
    return settings.model_copy(update={"nats_url": url, "replicas": 1})


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
