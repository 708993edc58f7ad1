"""The port of what runs programs: a program and its limits in, a value or a failure out.

What runs them is in a module of its own each: `monty` for Python, `javascript`, and `full` for all
of Python. `opening` puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from runfold.isolated.turns import Asker, FairTurns

MAX_PRINTED = 64 * 1024
"""Characters of what a program prints that are kept."""
GRACE = 2.0
"""Seconds past its time limit after which a worker that did not stop by itself is killed."""
SPARE_CHECKOUTS = 200
"""Programs after which a worker is replaced, so that nothing can build up in it."""
MAX_MESSAGE = 2000
"""Characters shown of what a program raised, which may be as long as it likes."""
MAX_LINE = 200
"""Characters shown of a line of a program."""

Runtime = Literal["python", "javascript", "full"]


class Limits(msgspec.Struct, frozen=True):
    """What one program may use."""

    seconds: float
    memory_bytes: int
    output_bytes: int = 64 * 1024 * 1024
    """Bytes of JSON that a value may have, where the runtime writes it."""


class Program(msgspec.Struct, frozen=True):
    """A program's text and the names it is given.

    In Python its value is that of its `ending`, or of its last expression; in JavaScript what
    `main` returns, or `result`.
    """

    source: str
    names: dict[str, Any] = {}
    ending: str = ""
    """An expression."""
    preamble: str = ""
    """Run first, apart, so that line numbers stay those of `source`."""
    runtime: Runtime = "python"
    is_main: bool = False
    """Whether its value is what `main` returns; in JavaScript the runtime says so."""
    prefers_main: bool = False
    """Whether, in JavaScript, `main` is called although the program sets `result`."""
    libraries: tuple[str, ...] = ()
    """JavaScript that is loaded before it, by the names of files in `items/javascript`. Numbers are
    then those of JavaScript, also beyond 2^53."""


class Result(msgspec.Struct, frozen=True):
    """A program's value, and what it printed."""

    value: Any
    printed: str = ""
    is_main: bool = False
    """Whether `main` returned it."""


class ProgramFailed(Exception):
    """A program that ended without a value."""

    def __init__(
        self,
        reason: Literal["timeout", "memory", "error", "output", "crashed", "unavailable"],
        message: str,
        *,
        exception: str = "",
        line: int | None = None,
        source_line: str = "",
        printed: str = "",
    ) -> None:
        """Take what is known of the failure; `exception` is the class name raised inside."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.exception = exception
        self.line = line
        self.source_line = source_line
        self.printed = printed


def timed_out(limits: Limits, printed: str = "") -> ProgramFailed:
    """A program that computed for too long."""
    message = f"the code computed for more than {limits.seconds:g} s"
    return ProgramFailed("timeout", message, printed=printed)


def used_too_much(limits: Limits, printed: str = "") -> ProgramFailed:
    """A program that used too much memory."""
    mebibytes = limits.memory_bytes / 1024 / 1024
    message = f"the code used more than {mebibytes:g} MiB of memory"
    return ProgramFailed("memory", message, printed=printed)


class Runner(Protocol):
    """Runs programs of one runtime, at once."""

    async def run(self, program: Program, limits: Limits) -> Result:
        """The program's value. Raises `ProgramFailed`."""


class Sandbox:
    """Runs programs, which take turns. Made by `opening`."""

    def __init__(self, runners: Mapping[Runtime, Runner], turns: FairTurns) -> None:
        self._runners = runners
        self._turns = turns

    async def run(self, program: Program, limits: Limits, asker: Asker = ()) -> Result:
        """The program's value, under limits; waits for its turn while workers are busy.

        Raises:
            ProgramFailed: When the program ends without a value.
        """
        async with self._turns.turn(asker):
            return await self._runners[program.runtime].run(program, limits)
