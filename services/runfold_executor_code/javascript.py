"""JavaScript in the sandbox, over quickjs-ng in processes of its own.

The engine is native code that reads what anybody wrote, so it is never loaded into the service. How
a program is run is in `javascript_worker`, what it finds beside the language in `prelude.js`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.contracts.json_writer import write_json
from runfold.errors import Undecodable
from runfold.isolated.pool import Threads
from runfold.settings import MIB, CodeSettings
from runfold_executor_code.plain import MAX_DEPTH, refused, too_large
from runfold_executor_code.processes import Died, SaidTooMuch, TookTooLong, Workers, open_workers
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

_WORKER = Path(__file__).with_name("javascript_worker.py")
_ADDRESS_SPACE = 4
"""What a process may take, in multiples of a program's memory: its value is copied a few times."""
_BESIDE = 256 * MIB
"""Bytes of address space beside that."""
_SAFE = 2**53 - 1
"""The largest integer that a number of JavaScript is sure to be."""
_LONG = re.compile(rb"\d{16}")
_threads = Threads(4, "javascript")


class _Said(msgspec.Struct):
    """How a program ended, as the worker says."""

    end: str
    source_of_value: str = msgspec.field(name="from", default="")
    path: str = ""
    reason: str = ""
    name: str = ""
    message: str = ""
    line: int | None = None
    source: str = ""
    printed: str = ""


@asynccontextmanager
async def open_javascript(settings: CodeSettings) -> AsyncIterator[JavascriptRunner]:
    """What runs JavaScript; its processes start when they are needed and end when it is left."""
    memory = _ADDRESS_SPACE * settings.memory_bytes + _BESIDE
    command = (sys.executable, "-P", str(_WORKER), str(memory))
    async with open_workers(command, spare=SPARE_CHECKOUTS) as workers:
        yield JavascriptRunner(workers)


class JavascriptRunner:
    """Runs programs in worker processes. Made by `open_javascript`."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def run(self, program: Program, limits: Limits) -> Result:
        """The program's value, under limits. Raises `ProgramFailed`."""
        job = await _threads.run(_job, program, limits)
        most = limits.output_bytes * 4 + MAX_PRINTED * 12 + MIB
        try:
            answer = await self._workers.run(job, seconds=limits.seconds + GRACE, most=most)
        except TookTooLong:
            raise timed_out(limits) from None
        except SaidTooMuch:
            raise ProgramFailed("output", too_large(limits.output_bytes)) from None
        except Died as error:
            message = f"the sandbox's worker process: {error}"
            raise ProgramFailed("crashed", message) from error
        return await _threads.run(_result, answer, limits)


def _job(program: Program, limits: Limits) -> bytes:
    """What the worker reads: how to run it, then what it is given, a line each."""
    params = write_json(program.names.get("params", {}))
    context = write_json(program.names.get("context", {}))
    mark = ""
    if _LONG.search(params) or _LONG.search(context):
        # Integers that JavaScript would round come as BigInt.
        mark = f"bigint {uuid4().hex}"
        params = write_json(_marked(program.names.get("params", {}), mark))
        context = write_json(_marked(program.names.get("context", {}), mark))
    head = {
        "code": program.source,
        "seconds": limits.seconds,
        "memory": limits.memory_bytes,
        "limit": limits.output_bytes,
        "depth": MAX_DEPTH,
        "mark": mark,
    }
    return b"\n".join((write_json(head), params, context))


def _marked(value: Any, mark: str) -> Any:
    match value:
        case dict():
            return {key: _marked(inner, mark) for key, inner in value.items()}
        case list():
            return [_marked(inner, mark) for inner in value]
        case int() if abs(value) > _SAFE:
            return {mark: str(value)}
        case _:
            return value


def _result(answer: bytes, limits: Limits) -> Result:
    head, _, value = answer.partition(b"\n")
    said = read_json(head, _Said)
    if said.end != "value":
        raise _failed(said, limits)
    try:
        read = read_json(value)
    except Undecodable as error:
        message = f"the code's output cannot be read: {error.message}"
        raise ProgramFailed("output", message, printed=said.printed) from error
    return Result(read, said.printed, is_main=said.source_of_value == "main")


_NOTHING = {
    "none": "the code gives no output: set `result`, or define `main(args)`",
    "empty": "the code came to its end without setting `result`",
    "nothing": "main(args) returned nothing: it must return an object",
}


def _failed(said: _Said, limits: Limits) -> ProgramFailed:
    match said.end:
        case "timeout":
            return timed_out(limits, said.printed)
        case "memory":
            return used_too_much(limits, said.printed)
        case "refused":
            return ProgramFailed("output", refused(said.path, said.reason), printed=said.printed)
        case "full":
            return ProgramFailed("output", too_large(limits.output_bytes), printed=said.printed)
        case "none" | "empty" | "nothing":
            return ProgramFailed("output", _NOTHING[said.end], printed=said.printed)
        case "pending":
            message = "the program waits for a promise that nothing will settle"
            return ProgramFailed("error", message, printed=said.printed)
        case _:
            message = f"{said.name}: {said.message}" if said.name else said.message
            return ProgramFailed(
                "error",
                message[:MAX_MESSAGE],
                exception=said.name,
                line=said.line,
                source_line=said.source[:MAX_LINE],
                printed=said.printed,
            )
