"""The sandbox port, and its adapter over pydantic-monty.

Programs run in worker processes of a pool, so that a busy loop never holds up the event loop and
a crash costs one attempt. They see no files, no network, no environment, and no module but those
of the sandbox's own small library. Nothing outside this module knows monty.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, Protocol

import msgspec
import pydantic_monty as monty

from runfold.isolated.turns import Asker, FairTurns
from runfold.settings import Settings

_ALL, _OF_A_WORKFLOW = 3, 2
"""Programs at a time, in multiples of what one run may have: some are always left for others."""
MAX_PRINTED = 64 * 1024
"""Characters of `print` output that are kept."""
_MAX_DEPTH = 300
_MAX_HOST_CALLS = 100
_FEED_GRACE = 2.0
"""Seconds past its time limit after which a worker that did not stop by itself is killed."""
_SPARE_CHECKOUTS = 200
"""Programs after which a worker is replaced, so that nothing can build up in it."""


class Limits(msgspec.Struct, frozen=True):
    """What one program may use."""

    seconds: float
    memory_bytes: int


class Program(msgspec.Struct, frozen=True):
    """Python text and the names it is given. Its value is that of its last expression."""

    source: str
    names: dict[str, Any] = {}
    preamble: str = ""
    """Run first, apart, so that line numbers stay those of `source`."""


class Result(msgspec.Struct, frozen=True):
    """A program's value, and what it printed."""

    value: Any
    printed: str = ""


class ProgramFailed(Exception):
    """A program that ended without a value."""

    def __init__(
        self,
        reason: Literal["timeout", "memory", "error", "crashed"],
        message: str,
        *,
        exception: str = "",
        line: int | None = None,
        source_line: str = "",
    ) -> None:
        """Take what is known of the failure; `exception` is the class name raised inside."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.exception = exception
        self.line = line
        self.source_line = source_line


class Sandbox(Protocol):
    """Runs programs."""

    async def run(self, program: Program, limits: Limits, asker: Asker = ()) -> Result:
        """The program's value; askers take turns. Raises `ProgramFailed`."""


@asynccontextmanager
async def open_programs(settings: Settings) -> AsyncIterator[Sandbox]:
    """The sandbox of programs with its workers, which end when it is left."""
    async with _sandbox(settings) as sandbox:
        yield sandbox


@asynccontextmanager
async def open_conditions(settings: Settings) -> AsyncIterator[Sandbox]:
    """The sandbox of conditions, which do not wait behind programs that compute for long."""
    async with _sandbox(settings) as sandbox:
        yield sandbox


@asynccontextmanager
async def _sandbox(settings: Settings) -> AsyncIterator[Sandbox]:
    workers = settings.code.workers
    async with monty.AsyncMonty(
        min_processes=1,
        max_processes=_ALL * workers,
        max_checkouts_per_worker=_SPARE_CHECKOUTS,
        feed_duration_limit_grace=_FEED_GRACE,
    ) as pool:
        turns = FairTurns(_ALL * workers, (_OF_A_WORKFLOW * workers, workers))
        yield MontySandbox(pool, turns)


class MontySandbox:
    """A pool of monty workers. Made by `open_programs` and `open_conditions`."""

    def __init__(self, pool: monty.AsyncMonty, turns: FairTurns) -> None:
        self._pool = pool
        self._turns = turns

    async def run(self, program: Program, limits: Limits, asker: Asker = ()) -> Result:
        """The program's value, under limits; waits for its turn while workers are busy."""
        async with self._turns.turn(asker):
            return await self._run(program, limits)

    async def _run(self, program: Program, limits: Limits) -> Result:
        printed = _Printed()
        async with self._session(limits) as session:
            if program.preamble:
                await session.feed_run(program.preamble)
            try:
                value = await session.feed_run(
                    program.source, inputs=program.names, print_callback=printed
                )
            except monty.MontyError as error:
                raise _translated(error, limits) from error
        return Result(value, printed.text())

    @asynccontextmanager
    async def _session(self, limits: Limits) -> AsyncIterator[monty.AsyncMontySession]:
        bounds: monty.ResourceLimits = {
            "max_feed_duration_secs": limits.seconds,
            "max_memory": limits.memory_bytes,
            "max_recursion_depth": _MAX_DEPTH,
            "max_suspensions": _MAX_HOST_CALLS,
            "max_total_sleep_secs": limits.seconds,
        }
        try:
            async with self._pool.checkout(limits=bounds, script_name="code.py") as session:
                yield session
        except monty.MontyCrashedError as error:
            raise _translated(error, limits) from error


class _Printed:
    """Keeps the beginning of what a program prints."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._left = MAX_PRINTED

    def __call__(self, _stream: Literal["stdout", "stderr"], text: str) -> None:
        if self._left > 0:
            self._pieces.append(text[: self._left])
            self._left -= len(text)

    def text(self) -> str:
        return "".join(self._pieces)


# --- errors -------------------------------------------------------------------------------------

_TIME_OVER = ("feed time limit exceeded", "turn time limit exceeded", "sleep limit exceeded")
_MEMORY_OVER = ("memory limit exceeded", "exceeded its memory limit")
_SHOWN = 2000
"""Characters shown of what a program raised, which may be as long as it likes."""
_SHOWN_LINE = 200
_UNKNOWN_SYNTAX = "The monty syntax parser does not yet support "


def _translated(error: monty.MontyError, limits: Limits) -> ProgramFailed:
    if isinstance(error, monty.MontyCrashedError):
        if getattr(error, "timed_out", False):
            return _timed_out(limits)
        return ProgramFailed("crashed", f"the sandbox's worker process ended: {error}")
    if not isinstance(error, monty.MontyRuntimeError | monty.MontySyntaxError):
        return ProgramFailed("error", str(error), exception=type(error).__name__)
    name, _, text = error.display("type-msg").partition(": ")
    if name == "TimeoutError" and text.startswith(_TIME_OVER):
        return _timed_out(limits)
    if name == "MemoryError" and any(said in text for said in _MEMORY_OVER):
        mebibytes = limits.memory_bytes / 1024 / 1024
        return ProgramFailed("memory", f"the code used more than {mebibytes:g} MiB of memory")
    frame = next(iter(reversed(error.traceback())), None)
    if text.startswith(_UNKNOWN_SYNTAX):
        text = f"{text.removeprefix(_UNKNOWN_SYNTAX)} are not available in the sandbox"
        name = "SyntaxError"
    return ProgramFailed(
        "error",
        f"{name}: {text}"[:_SHOWN] if text else name,
        exception=name,
        line=frame.line if frame else None,
        source_line=(frame.source_line or "").strip()[:_SHOWN_LINE] if frame else "",
    )


def _timed_out(limits: Limits) -> ProgramFailed:
    return ProgramFailed("timeout", f"the code computed for more than {limits.seconds:g} s")
