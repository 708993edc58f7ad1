"""A server that is a program: started with a clean environment, in a process group of its own.

Every wait and every buffer here is bounded: a program that writes no line ends, only junk, or
without being asked is a failure and not a growing buffer. Imports the SDK: import it lazily.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from runfold.background import end
from runfold.errors import NodeFailed
from runfold.executor.redaction import Redaction
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.logged_lines import LoggedLines
from runfold_executor_http.mcp_client.servers import Target

INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
"""What a program has of the executor's environment; its secrets and settings it has not."""
LAST_WISH = 2.0
"""Seconds to end by itself once its input is closed."""
TERMINATED = 1.0
"""Seconds to end after SIGTERM."""
MOST_JUNK = 100
"""Lines that are no JSON-RPC, before it counts as something that does not speak MCP."""

log = structlog.get_logger("mcp")

Lose = Callable[[NodeFailed], None]


@asynccontextmanager
async def program(target: Target, lose: Lose, redaction: Redaction) -> AsyncIterator[Any]:
    """Start the program; at the end, end it and all that it started.

    Args:
        target: The server.
        lose: Called when nothing will come any more, with the reason.
        redaction: Keeps secrets out of what is logged of it.

    Raises:
        NodeFailed: `mcp.not_started`, when it cannot be started.
    """
    process = await _started(target)
    into, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
    reader = _Reader(target, process, into, lose, redaction)
    reading = asyncio.create_task(reader.read(), name="mcp read")
    writing = asyncio.create_task(_write(target, process, outgoing, lose), name="mcp write")
    logging = asyncio.create_task(
        _log_errors(LoggedLines(target.name, redaction), process), name="mcp errors"
    )
    was_left = False
    try:
        yield received, sent
        was_left = True
    finally:
        for stream in (received, sent, into, outgoing):
            stream.close()
        # One that did not do as it should is not asked for long.
        await _ended(process, LAST_WISH if was_left and not reader.is_over else 0.0)
        await _emptied(process, reading, logging)
        await end(writing)
        for task in (reading, writing, logging):
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("connection failed", server=target.name, exc_info=error)


async def _started(target: Target) -> asyncio.subprocess.Process:
    declared = target.declared
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    try:
        return await asyncio.create_subprocess_exec(
            declared.command,
            *declared.args,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment | dict(target.env),
            cwd=declared.cwd or None,
            start_new_session=True,
            limit=target.most,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise failures.not_started(target.name, declared.command, reason) from error


class _Reader:
    """Reads a program's lines as messages, as long as they are some."""

    def __init__(
        self,
        target: Target,
        process: asyncio.subprocess.Process,
        into: MemoryObjectSendStream[SessionMessage | Exception],
        lose: Lose,
        redaction: Redaction,
    ) -> None:
        self._redaction = redaction
        self._target = target
        self._process = process
        self._into = into
        self._lose = lose
        self._unasked = 0
        """Bytes since its last answer."""
        self._junk: list[str] = []
        self.is_over = False
        """Whether nothing that it writes counts any more."""

    async def read(self) -> None:
        """Hand on what it writes until it ends or breaks a rule, and say which.

        What it writes then is thrown away, to its end: its process is not over before that is read.
        """
        cause = failures.unavailable(self._target.name, "its output is no longer read")
        try:
            cause = await self._until_end()
        finally:
            self.is_over = True
            self._lose(cause)
            self._into.close()
        while self._process.stdout is not None and await self._process.stdout.read(1 << 16):
            pass

    async def _until_end(self) -> NodeFailed:
        server, most = self._target.name, self._target.most
        assert self._process.stdout is not None  # noqa: S101 -- started with pipes
        while True:
            try:
                line = await self._process.stdout.readline()
            except ValueError:
                return failures.too_large(server, most, "it wrote a line")
            if not line:
                return await self._end()
            self._unasked += len(line)
            message = self._message(line)
            if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
                self._unasked = 0
            if self._unasked > most:
                return failures.too_large(server, most, "without answering it wrote")
            if len(self._junk) > MOST_JUNK:
                return failures.protocol(server, f"it wrote {self._junk[0]!r}")
            if message is not None:
                try:
                    await self._into.send(SessionMessage(message))
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return failures.unavailable(server, "its session was closed")

    def _message(self, line: bytes) -> types.JSONRPCMessage | None:
        try:
            return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValidationError:
            if text := line.strip():
                shown = self._redaction.text(text.decode(errors="replace"))
                shown = shown[: failures.SHOWN]
                self._junk.append(shown[:100])
                if len(self._junk) == 1:
                    log.warning("no JSON-RPC", server=self._target.name, line=shown)
            return None

    async def _end(self) -> NodeFailed:
        code: int | None = None
        with suppress(TimeoutError):  # it may close its output and stay
            async with asyncio.timeout(0.5):
                code = await self._process.wait()
        how = "it closed its output" if code is None else f"its program ended with code {code}"
        if self._junk:
            return failures.protocol(self._target.name, f"it wrote {self._junk[0]!r}, and {how}")
        return failures.unavailable(self._target.name, how, exit_code=code)


async def _write(
    target: Target,
    process: asyncio.subprocess.Process,
    outgoing: MemoryObjectReceiveStream[SessionMessage],
    lose: Lose,
) -> None:
    """Send what is to be sent, as long as the program takes it in."""
    assert process.stdin is not None  # noqa: S101 -- started with pipes
    patience = target.declared.timeout
    try:
        async for one in outgoing:
            text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(f"{text}\n".encode())
            async with asyncio.timeout(patience):
                await process.stdin.drain()
    except (ConnectionError, anyio.ClosedResourceError):
        return  # when it no longer reads, its output ends too, which `_Reader` tells
    except TimeoutError:
        lose(failures.unavailable(target.name, f"it has read nothing for {patience:g} s"))
    except ValueError:  # of pydantic: a text that UTF-8 cannot have
        lose(failures.unavailable(target.name, "what it is sent cannot be written"))


async def _log_errors(lines: LoggedLines, process: asyncio.subprocess.Process) -> None:
    """Put what it writes on its standard error into the log, a bounded part of it."""
    assert process.stderr is not None  # noqa: S101 -- started with pipes
    while piece := await process.stderr.read(64 * 1024):
        lines.feed(piece)
    lines.end()


async def _ended(process: asyncio.subprocess.Process, patience: float) -> None:
    """End a program and its group: politely, then not.

    Args:
        process: The program.
        patience: Seconds that it has to end by itself.
    """
    if process.stdin is not None:
        process.stdin.close()
    waits = (patience, signal.SIGTERM), (TERMINATED if patience else 0.0, signal.SIGKILL)
    for after, signal_ in waits:
        try:
            async with asyncio.timeout(after):
                await process.wait()
            break
        except TimeoutError:
            _signal(process.pid, signal_)
    # All that it started and left behind is in its group.
    _signal(process.pid, signal.SIGKILL)


async def _emptied(process: asyncio.subprocess.Process, *reading: asyncio.Task[None]) -> None:
    """Read to the end of its pipes, which then close; a stranger may hold them open."""
    await asyncio.wait(reading, timeout=1.0)
    await end(*reading)
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await process.wait()
    transport = getattr(process, "_transport", None)  # nothing public closes the pipes
    if transport is not None:
        transport.close()


def _signal(group: int, signal_: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_)
