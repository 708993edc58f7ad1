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

from runfold.contracts.json_writer import write_json
from runfold.isolated.pool import Threads
from runfold.isolated.processes import Died, SaidTooMuch, TookTooLong, Workers, open_workers
from runfold.settings import MIB, CodeSettings
from runfold_executor_code.plain import MAX_DEPTH
from runfold_executor_code.said import most_bytes, result_of, too_much_said
from runfold_executor_code.sandbox import (
    GRACE,
    SPARE_CHECKOUTS,
    Limits,
    Program,
    ProgramFailed,
    Result,
    timed_out,
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
        most = most_bytes(limits)
        try:
            answer = await self._workers.run(job, seconds=limits.seconds + GRACE, most=most)
        except TookTooLong:
            raise timed_out(limits) from None
        except SaidTooMuch:
            raise too_much_said(limits) from None
        except Died as error:
            message = f"the sandbox's worker process {error}"
            raise ProgramFailed("crashed", message) from error
        return await _threads.run(result_of, answer, limits)


def _job(program: Program, limits: Limits) -> bytes:
    """What the worker reads: how to run it, then what it is given, a line each."""
    params = write_json(program.names.get("params", {}))
    context = write_json(program.names.get("context", {}))
    mark = ""
    if not program.libraries and (_LONG.search(params) or _LONG.search(context)):
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
        "prefers_main": program.prefers_main,
        "libraries": program.libraries,
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
