"""Python in the sandbox, over pydantic-monty.

Programs run in worker processes of a pool, so that a busy loop never holds up the event loop and
a crash costs one attempt. They see no files, no network, no environment, and no module but those
of the sandbox's own small library. Nothing outside this module knows monty.
"""

from __future__ import annotations

import atexit
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Literal

import pydantic_monty as monty

from runfold.values.python_modules import advice
from runfold_executor_code.sandbox import (
    GRACE,
    MAX_LINE,
    MAX_MESSAGE,
    MAX_PRINTED,
    SPARE_CHECKOUTS,
    Limits,
    Program,
    ProgramFailed,
    Result,
    timed_out,
    used_too_much,
)

_MAX_DEPTH = 300
_MAX_HOST_CALLS = 100
_LAST_WORDS = 0.05
"""Seconds in which the pool's threads end what they do with the interpreter, about 1 ms."""


@asynccontextmanager
async def open_monty(processes: int) -> AsyncIterator[MontyRunner]:
    """What runs Python, with so many workers at most, which end when it is left."""
    _wait_at_exit()
    async with monty.AsyncMonty(
        min_processes=1,
        max_processes=processes,
        max_checkouts_per_worker=SPARE_CHECKOUTS,
        feed_duration_limit_grace=GRACE,
    ) as pool:
        yield MontyRunner(pool)


@cache
def _wait_at_exit() -> None:
    """Have the process leave the pool's threads a moment before the interpreter goes.

    A thread that hands the last result over while the interpreter ends aborts the process, after
    all was done well: 18 of 60 processes that closed a pool and ended did so.
    """
    atexit.register(time.sleep, _LAST_WORDS)


class MontyRunner:
    """A pool of monty workers. Made by `open_monty`."""

    def __init__(self, pool: monty.AsyncMonty) -> None:
        self._pool = pool

    async def run(self, program: Program, limits: Limits) -> Result:
        """The program's value, under limits. Raises `ProgramFailed`."""
        printed = _Printed()
        async with self._session(limits) as session:
            feed = 1 if program.preamble else 0
            try:
                if program.preamble:
                    await session.feed_run(program.preamble)
                value = await session.feed_run(
                    f"{program.source}\n{program.ending}",
                    inputs=program.names,
                    print_callback=printed,
                )
            except monty.MontyError as error:
                raise _translated(error, limits, printed.text(), feed) from error
        return Result(value, printed.text(), program.is_main)

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
_FEED = "<python-input-{}>"
"""What each text that a session is fed is called in its frames, from 0."""
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_UNKNOWN_SYNTAX = "The monty syntax parser does not yet support "


def _translated(
    error: monty.MontyError, limits: Limits, printed: str = "", feed: int = 0
) -> ProgramFailed:
    if isinstance(error, monty.MontyCrashedError):
        if getattr(error, "timed_out", False):
            return timed_out(limits, printed)
        return ProgramFailed("crashed", f"the sandbox's worker process ended: {error}")
    if not isinstance(error, monty.MontyRuntimeError | monty.MontySyntaxError):
        return ProgramFailed("error", str(error), exception=type(error).__name__, printed=printed)
    name, _, text = error.display("type-msg").partition(": ")
    if name == "TimeoutError" and text.startswith(_TIME_OVER):
        return timed_out(limits, printed)
    if name == "MemoryError" and any(said in text for said in _MEMORY_OVER):
        return used_too_much(limits, printed)
    frames = error.traceback()
    # The innermost of the program's own: below it may be those of what is run before it.
    frame = next((one for one in reversed(frames) if one.filename == _FEED.format(feed)), None)
    if name == "ModuleNotFoundError" and (missing := _NO_MODULE.match(text)):
        text = f"{missing[0]}: {advice(missing[1])}"
    if text.startswith(_UNKNOWN_SYNTAX):
        text = f"{text.removeprefix(_UNKNOWN_SYNTAX)} are not available in the sandbox"
        name = "SyntaxError"
    return ProgramFailed(
        "error",
        f"{name}: {text}"[:MAX_MESSAGE] if text else name,
        exception=name,
        line=frame.line if frame else None,
        source_line=(frame.source_line or "").strip()[:MAX_LINE] if frame else "",
        printed=printed,
    )
