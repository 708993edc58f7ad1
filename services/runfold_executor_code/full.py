"""The full Python runtime: CPython in bubblewrap, one process a program.

Off unless the operator turns it on. Where the machine cannot hold it, programs are refused with the
reason: a test is run in it first, which tries to get out.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from runfold.contracts.json_writer import write_json
from runfold.errors import ConfigurationError
from runfold.isolated.pool import Threads
from runfold.isolated.processes import (
    Died,
    NotStarted,
    SaidTooMuch,
    TookTooLong,
    Workers,
    open_workers,
)
from runfold.settings import MIB, CodeSettings
from runfold_executor_code.bubblewrap import SCRATCH, command
from runfold_executor_code.plain import MAX_DEPTH
from runfold_executor_code.said import most_bytes, result_of, too_much_said
from runfold_executor_code.sandbox import (
    MAX_PRINTED,
    Limits,
    Program,
    ProgramFailed,
    Result,
    Runner,
    timed_out,
)

log = structlog.get_logger("code")
_threads = Threads(4, "full-python")
_HERE, _PYTHON = Path(__file__).resolve(), Path(sys.executable).resolve()
_OWN_VARIABLES = ("LANG", "LC_CTYPE", "HOME", "PWD", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_CPU_GRACE = 2
"""Seconds of computing that the kernel allows beyond the time that a program may take."""

OFF = (
    "the runtime `full` is off: the operator turns it on with RUNFOLD_CODE__FULL=true; without "
    "`runtime` the program runs in the sandbox"
)


@asynccontextmanager
async def open_full(settings: CodeSettings) -> AsyncIterator[Runner]:
    """What runs full Python, or says why nothing does."""
    if not settings.full:
        yield Refusing(OFF)
        return
    options = json.dumps(
        {
            "memory": settings.full_memory_bytes,
            "seconds": math.ceil(settings.timeout) + _CPU_GRACE,
            "files": SCRATCH,
            "printed": MAX_PRINTED,
        }
    )
    try:
        started = await _threads.run(command, options, tuple(settings.full_packages))
    except ConfigurationError as error:
        yield _unavailable(error.message)
        return
    async with open_workers(started, spare=1) as workers:
        runner = FullRunner(workers)
        problem = await _problem(runner, settings)
        yield _unavailable(problem) if problem else runner


def _unavailable(reason: str) -> Runner:
    log.error("the runtime `full` is not available", reason=reason)
    return Refusing(f"the runtime `full` is turned on, but not available here: {reason}")


class Refusing:
    """Stands where a runtime is not available."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def run(self, program: Program, limits: Limits) -> Result:  # noqa: ARG002 -- a `Runner`
        """Say why it does not run. Raises `ProgramFailed`."""
        raise ProgramFailed("unavailable", self._reason)


class FullRunner:
    """Runs programs in processes of their own. Made by `open_full`."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def run(self, program: Program, limits: Limits) -> Result:
        """The program's value, under limits. Raises `ProgramFailed`."""
        job = await _threads.run(_job, program, limits)
        most = most_bytes(limits)
        try:
            answer = await self._workers.run(job, seconds=limits.seconds, most=most)
        except TookTooLong:
            raise timed_out(limits) from None
        except SaidTooMuch:
            raise too_much_said(limits) from None
        except NotStarted as error:
            raise ProgramFailed("crashed", f"the program's process {error}") from error
        except Died as error:
            # One process a program: what ended it is the program.
            raise ProgramFailed("error", f"the program's process {error}") from error
        result = await _threads.run(result_of, answer, limits)
        return Result(result.value, result.printed, program.is_main)


def _job(program: Program, limits: Limits) -> bytes:
    return write_json(
        {
            "code": program.source,
            "ending": program.ending,
            **program.names,
            "memory": limits.memory_bytes,
            "limit": limits.output_bytes,
            "depth": MAX_DEPTH,
        }
    )


# --- whether it holds ----------------------------------------------------------------------------

_ATTEMPTS = """
import ctypes, mmap, os, socket

def attempt(act):
    try:
        return f"done: {act()!r:.60}"
    except Exception as error:
        return ""

def written(path):
    with open(path, "w") as file:
        file.write("x")
    return path

attempts = {
    "reading /etc/passwd": lambda: open("/etc/passwd").read(),
    "reading a file of the host": lambda: open(params["file"]).read(),
    "listing a folder of the host": lambda: os.listdir(os.path.dirname(params["file"])),
    "reading another process": lambda: open("/proc/1/environ").read(),
    "writing to the interpreter": lambda: written(os.path.dirname(os.__file__) + "/x"),
    "writing to the root": lambda: written("/x"),
    "writing to shared memory": lambda: written("/dev/shm/x"),
    "memory without a bound": lambda: mmap.mmap(-1, 4096),
    "a socket": lambda: socket.socket(),
    "a unix socket": lambda: socket.socket(socket.AF_UNIX),
    "a process": lambda: os.fork() or os._exit(0),
    "another program": lambda: os.execv(params["program"], [params["program"], "-c", "1"]),
    "a mount": lambda: ctypes.CDLL(None).mount(b"x", b"/tmp", b"tmpfs", 0, None) and 1 // 0,
    "tracing": lambda: ctypes.CDLL(None).ptrace(0, 0, 0, 0) and 1 // 0,
    "an environment": lambda: 1 // len([name for name in os.environ if name in params["names"]]),
    "root": lambda: 1 // (os.getuid() == 0),
}
result = {name: said for name, act in attempts.items() if (said := attempt(act))}
"""


async def _problem(runner: FullRunner, settings: CodeSettings) -> str:
    """Why the runtime cannot be used; empty when it holds."""
    params = {
        "file": str(_HERE),
        "program": str(_PYTHON),
        "names": [name for name in os.environ if name not in _OWN_VARIABLES],
    }
    program = Program(_ATTEMPTS, {"params": params, "context": {}}, ending="result")
    try:
        result = await runner.run(program, Limits(30.0, settings.full_memory_bytes, MIB))
    except ProgramFailed as error:
        return f"{error.message}; bubblewrap needs user namespaces, which containers often refuse"
    if result.value != {}:
        allowed = ", ".join(result.value) if isinstance(result.value, dict) else "another answer"
        return f"it does not hold: a program in it was allowed {allowed}"
    return ""
