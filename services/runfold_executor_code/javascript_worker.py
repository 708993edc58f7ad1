"""A process that runs JavaScript programs, one after another, each in a context of its own.

    python -P javascript_worker.py ADDRESS_SPACE

Reads jobs from its standard input until that ends, which it does with the process that asked. It
imports nothing of runfold, so that it starts quickly and knows nothing. The engine's limits end a
program; one that gets past them is ended from outside, with this process.
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import quickjs  # type: ignore[import-untyped]

HEADER = 4
"""Bytes before a body, that say how long it is."""
_PRELUDE = Path(__file__).with_name("prelude.js").read_text(encoding="utf-8")
_LIBRARIES = Path(__file__).parent / "items" / "javascript"
_ABOVE = 1000
"""Lines above a program's first, so that no line of the prelude is taken for one of it."""
_STACK = 1024 * 1024
"""Bytes of stack: the process has 8 MiB of it, of which Python and the engine take some."""
_TO_TELL = 8 * 1024 * 1024
"""Bytes that a program's failure may take to be told, beside what the program took."""
_SECONDS_TO_TELL = 1.0
_SECONDS_LEFT = 5.0
"""Seconds of computing past a program's time after which the system ends the process. Who asked has
done so before, unless that process is gone."""
_NEAR = 0.6
"""Part of its memory that a program took for sure when there was none left for an error."""
_AT_ONCE = 64
"""Pending jobs that are done before it is looked whether the program has ended."""
_TYPED_MAIN = re.compile(
    r"(\bmain\s*\(\s*(?:\{\s*params\s*\}|[\w$]+)\s*)(:\s*Args\s*)?\)(\s*:\s*Promise\s*<\s*Output\s*>)?"
)
"""The head of `main` as Coze's template has it, in TypeScript."""
_LINE = re.compile(r"<input>:(\d+)")
_SAID = ("from", "path", "reason", "name", "message", "stack")
_OVER = "InternalError: interrupted"
_NO_MEMORY = "out of memory"


def main(address_space: int) -> int:
    """Run programs until there are no more."""
    if sys.platform == "linux":
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + address_space,) * 2)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    idle = _peak() or 0
    _write(outgoing, bytes(HEADER))  # ready
    while (asked := _read(incoming)) is not None:
        head, params, context = asked.split(b"\n")
        _forget_peak()
        job = json.loads(head)
        _bound_computing(job["seconds"])
        said, value = _Run(job, idle).of(params.decode(), context.decode())
        body = json.dumps(said).encode() + b"\n" + value.encode()
        _write(outgoing, len(body).to_bytes(HEADER, "big") + body)
    return 0


def _bound_computing(seconds: float) -> None:
    """Have the system end this process when a program gets past the engine's limits, alone."""
    most = math.ceil(time.process_time() + seconds + _SECONDS_LEFT)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(HEADER)
    return pipe.read(int.from_bytes(head, "big")) if len(head) == HEADER else None


def _write(pipe: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) or 0 :]


class _TimeOver(Exception):
    pass


class _Run:
    """One program in a context of its own."""

    def __init__(self, job: dict[str, Any], idle: int) -> None:
        self._job = job
        self._idle = idle  # bytes that the process had before its first program
        self._code = job["code"]
        self._context = quickjs.Context()
        self._context.set_max_stack_size(_STACK)
        self._host = self._context.eval(_PRELUDE)
        for name in job["libraries"]:
            self._host("library", self._context.eval(_library(name)))
        # Limits come after what is ours: a program's may be as tight as it likes.
        self._context.set_memory_limit(job["memory"])
        self._until = time.process_time() + job["seconds"]
        self._allow(job["seconds"])

    def of(self, params: str, context: str) -> tuple[dict[str, Any], str]:
        """How the program ended, and its value as JSON text."""
        try:
            failure = self._run(params, context)
        except _TimeOver:
            failure = {"end": "timeout"}
        except quickjs.JSException as error:
            failure = _outside(str(error))
        except MemoryError:
            failure = {"end": "memory"}
        return self._told(failure)

    def _run(self, params: str, context: str) -> dict[str, Any] | None:
        if "\0" in self._code:
            return {"end": "thrown", "name": "SyntaxError", "message": "a null character"}
        self._host("values", context, params, self._job["mark"], _ABOVE)
        above = "\n" * _ABOVE
        source = _TYPED_MAIN.sub(_plain_head, self._code)
        try:
            program = self._context.eval(
                f"{above}(async (__ending) => {{{source}\n;return __ending("
                "typeof main === 'function' ? main : undefined,"
                "typeof result === 'undefined' ? undefined : result)})"
            )
        except quickjs.StackOverflow:
            return {"end": "thrown", "name": "RangeError", "message": "nested too deep"}
        prefers_main = self._job["prefers_main"]
        self._host("run", program, self._job["limit"], self._job["depth"], prefers_main)
        while True:
            while self._has_jobs():
                if self._host("has ended"):
                    return None
            if self._host("has ended") or not self._host("timer"):
                return None

    def _has_jobs(self) -> bool:
        """Do some of the pending jobs. Whether there may be more."""
        for _ in range(_AT_ONCE):
            left = self._until - time.process_time()
            if left <= 0:
                raise _TimeOver
            self._allow(left)
            if not self._context.execute_pending_job():
                return False
        return True

    def _allow(self, seconds: float) -> None:
        self._context.set_time_limit(seconds)

    def _told(self, failure: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
        self._context.set_memory_limit(self._job["memory"] + _TO_TELL)
        self._allow(_SECONDS_TO_TELL)
        value = printed = ""
        try:
            printed = self._host("printed")
            if failure is None:
                end = self._host("end")
                failure = {"end": end, **{name: self._host("said", name) for name in _SAID}}
                if end == "null":
                    failure["end"] = "memory" if self._had_much() else "thrown"
                value = self._host("said", "text") if end == "value" else ""
        except (quickjs.JSException, MemoryError) as error:
            failure = failure or _outside(str(error))
        lines = self._code.split("\n")
        line = next((at for at in _lines(failure) if at > 0), None)
        if line is not None:
            # What is not closed is missed below the last line.
            failure["line"] = line = min(line, len(lines))
            failure["source"] = lines[line - 1].strip()[:200]
        failure.pop("stack", None)
        return {**failure, "printed": printed}, value

    def _had_much(self) -> bool:
        """Whether the program came near its limit of memory."""
        peak = _peak()
        return peak is None or peak - self._idle > self._job["memory"] * _NEAR


@cache
def _library(name: str) -> str:
    return (_LIBRARIES / f"{name}.js").read_text(encoding="utf-8")


def _forget_peak() -> None:
    """Begin anew to measure the peak, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int | None:
    """The most memory that the process had since; None where that is not known."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else None


def _plain_head(found: re.Match[str]) -> str:
    """`main`'s head without its types, as long as it was."""
    head, argument, result = found.groups(default="")
    return f"{head}{' ' * len(argument)}){' ' * len(result)}"


def _lines(failure: dict[str, Any]) -> list[int]:
    """Lines of the program in a failure's stack, the innermost first."""
    return [int(line) - _ABOVE for line in _LINE.findall(failure.get("stack") or "")]


def _outside(said: str) -> dict[str, Any]:
    """What the engine said where no program could have caught it."""
    if said.startswith(_OVER):
        return {"end": "timeout"}
    text, _, stack = said.partition("\n")
    if _NO_MEMORY in text or text == "null":
        return {"end": "memory"}
    name, colon, message = text.partition(": ")
    if not colon:
        name, message = "", text
    return {"end": "thrown", "name": name, "message": message[:4000], "stack": stack[:20_000]}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
