"""Which NATS a command works with: a named one, the one `runfold dev` runs, or one of its own."""

from __future__ import annotations

import fcntl
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
from runfold.connections.sealing import KEY_FILE
from runfold.errors import ConfigurationError
from runfold.executor.registry import load_node_modules
from runfold.service.shell import run_services
from runfold.settings import Settings, read_settings

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
    settings: Settings,
    services: tuple[str, ...],
    *,
    model: str = "",
    asked: tuple[str, ...] = (),
) -> AsyncIterator[Stack]:
    """A bus with the given services behind it.

    With a NATS URL in the settings, or `runfold dev` running on the data directory, the services
    are that server's and none is started here; otherwise NATS and they run in this process, as they
    do when a model is wanted that the running `dev` does not have. A
    command without services only looks: on a server that is not its own it creates nothing.

    Args:
        settings: The settings.
        services: Services to run when NATS is ours.
        model: `demo` or `local`: a model server to run beside them, for runs of this process alone.
        asked: Services that are only asked something: run likewise, and not a reason to create
            anything on a server that is not ours.

    Raises:
        ConfigurationError: When a model is to run beside services that are not ours.
    """
    refuse_model_elsewhere(settings, model)
    async with AsyncExitStack() as stack:
        running = settings.nats_url or running_server(settings.data_dir)
        if model and running_model(settings.data_dir) == model:
            say(f"{model} model: that of the running `runfold dev`")
        elif model:
            running = ""
        if running:
            if not settings.nats_url:
                settings = with_own_key(settings, settings.data_dir)
            settings = settings.model_copy(update={"nats_url": running})
            role: Role = "member" if services else "reader"
            bus = await connect(settings, role=role, within=JOIN_WITHIN)
            stack.push_async_callback(bus.close)
            yield Stack(bus, settings, None, keeps_data=True)
            return
        settings = await start_model(stack, settings, model)
        own = await _own(stack, settings, alone=bool(model))
        await stack.enter_async_context(run_services(own.bus, own.settings, (*services, *asked)))
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
    settings = settings.model_copy(update={"data_dir": data_dir})
    settings = on_own_server(settings, server.url)
    bus = await connect(settings, role="owner")
    stack.push_async_callback(bus.close)
    return Stack(bus, settings, server, keeps_data=False)


def on_own_server(settings: Settings, url: str) -> Settings:
    """Settings for an embedded server, which is one and holds one copy of all."""
    settings = with_own_key(settings, settings.data_dir)
    return settings.model_copy(update={"nats_url": url, "replicas": 1})


def with_own_key(settings: Settings, data_dir: Path) -> Settings:
    """Settings with the key of connections that an embedded server has in its folder.

    It is made when the first connection is stored, unless the settings have another.
    """
    if settings.connections_key.get_secret_value() or settings.connections_key_file is not None:
        return settings
    return settings.model_copy(update={"connections_key_file": data_dir / KEY_FILE})


async def start_model(stack: AsyncExitStack, settings: Settings, model: str) -> Settings:
    """Run the demo or the local model beside us; returns settings that point to it."""
    if model == "demo":
        from runfold.model_servers.demo.server import DemoModel

        url = (await stack.enter_async_context(DemoModel())).base_url
        say("demo model: every model's text is canned and labelled [demo model]")
        settings = _with_demo_tools(settings)
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


def _with_demo_tools(settings: Settings) -> Settings:
    """The settings with the demo's MCP server declared, where it can run and the name is free."""
    from runfold.graph.extras import missing
    from runfold.model_servers.demo import mcp_server

    if missing("mcp") or mcp_server.NAME in settings.mcp.servers:
        return settings
    servers = {**settings.mcp.servers, mcp_server.NAME: mcp_server.declared()}
    mcp = settings.mcp.model_copy(update={"servers": servers})
    return settings.model_copy(update={"mcp": mcp})


def running_server(data_dir: Path) -> str:
    """The URL of the NATS that `runfold dev` runs on a data directory, or empty."""
    noted = _noted(data_dir)
    return noted.url if noted else ""


def running_model(data_dir: Path) -> str:
    """`demo` or `local` when `runfold dev` runs on a data directory with that model, or empty."""
    noted = _noted(data_dir)
    return noted.model if noted else ""


class _Note(msgspec.Struct):
    """What other commands are told of a running `dev`."""

    url: str
    pid: int
    model: str = ""


def _noted(data_dir: Path) -> _Note | None:
    try:
        noted = msgspec.json.decode((data_dir / SERVER_FILE).read_bytes(), type=_Note)
    except (OSError, msgspec.DecodeError):
        return None
    return noted if is_alive(noted.pid) else None


@contextmanager
def noted_server(data_dir: Path, url: str, model: str = "") -> Iterator[None]:
    """Tell other commands on this machine which NATS runs on a data directory."""
    note = data_dir / SERVER_FILE
    note.write_bytes(msgspec.json.encode(_Note(url, os.getpid(), model)))
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
    say(
        f"{data_dir} is in use by another runfold: this run goes apart from it, where other "
        "commands do not reach it, and its log is not kept"
    )
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
    settings = read_settings()
    load_node_modules(settings)
    over = {"nats_url": server or settings.nats_url, "data_dir": data_dir or settings.data_dir}
    return settings.model_copy(update=over)
