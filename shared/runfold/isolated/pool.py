"""Processes that do one job after another and may die: the job is lost, nothing else.

A job is bytes in and bytes out. The pool belongs to the process and to no event loop: each job
blocks a thread of the pool's own, never the loop that asks.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from typing_extensions import override

from runfold.errors import RunfoldError

P = ParamSpec("P")
T = TypeVar("T")

JOB, NOTE, RESULT = b"J", b"N", b"R"
"""What a frame is: a job, a note on the way, a result."""
HEADER = 5
"""Bytes before a frame's body: its kind, and how long it is."""
_READY_WITHIN = 60.0
"""Seconds a process may take to come up."""
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")
"""Variables that the processes are given; secrets are not among them."""


class Died(Exception):
    """The process ended, or was ended for taking too long; `note` is the last it said."""

    def __init__(self, reason: str, note: bytes) -> None:
        super().__init__(reason)
        self.note = note


class Threads(Executor):
    """A few threads for work that must not hold an event loop up; they end with the process.

    Args:
        size: Threads at most.
        name: What they are called.
    """

    def __init__(self, size: int, name: str) -> None:
        self._left = size
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """What the work returns; it goes on when the one who waits is cancelled.

        It sees the context variables of the one who waits.
        """
        inside = partial(contextvars.copy_context().run, work, *args)
        return await asyncio.get_running_loop().run_in_executor(self, inside)

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._left:
            self._left -= 1
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        job: Future[T] = Future()
        self._jobs.put((job, partial(fn, *args, **kwargs)))
        return job

    def _work(self) -> None:
        while True:
            job, work = self._jobs.get()
            if not job.set_running_or_notify_cancel():
                continue
            try:
                job.set_result(work())
            except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
                job.set_exception(error)


class Pool:
    """Runs jobs.

    Args:
        size: Processes at a time.
        seconds: What a job may take before its process is ended.
        memory: Bytes of address space a process may have.
        module: What the processes run: a module that ends in `jobs.serve`.
        most: Jobs after which a process is replaced, so that nothing builds up in it; 0: never.
    """

    def __init__(
        self,
        *,
        size: int,
        seconds: float,
        memory: int,
        module: str = "runfold.isolated.worker",
        most: int = 0,
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._module = module
        self._most = most
        self._threads = Threads(size, "isolated")
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._lock = threading.Lock()
        atexit.register(self.close)

    async def run(self, verb: str, body: bytes) -> bytes:
        """The result of a job. Raises `Died`."""
        return await self._threads.run(self._serve, verb, body)

    def close(self) -> None:
        """End all processes; jobs that run die with them."""
        with self._lock:
            left = list(self._all)
            self._all.clear()
            self._idle.clear()
        for process in left:
            process.kill()

    def _serve(self, verb: str, body: bytes) -> bytes:
        process = self._take()
        try:
            result = process.ask(verb.encode() + b"\n" + body, self._seconds)
        except BaseException:
            self._drop(process)
            raise
        process.done += 1
        if process.done == self._most:
            self._drop(process)
            return result
        with self._lock:
            if process in self._all:
                self._idle.append(process)
        return result

    def _take(self) -> _Process:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        process = _Process(self._module, self._memory)
        with self._lock:
            self._all.add(process)
        try:
            process.ask(b"ready\n", _READY_WITHIN)
        except Died as error:
            self._drop(process)
            message = f"a process for parsing does not come up: {error}"
            raise RunfoldError(message, code="isolated.not_started", retryable=True) from error
        return process

    def _drop(self, process: _Process) -> None:
        with self._lock:
            self._all.discard(process)
        process.kill()


class _Process:
    """One process and its pipes."""

    def __init__(self, module: str, memory: int) -> None:
        self.done = 0
        """Jobs so far."""
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        command = [sys.executable, "-m", module, str(memory)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                bufsize=0,
                # A Ctrl-C is for the service, which ends us.
                start_new_session=True,
            )
        except OSError as error:
            message = f"a process for parsing cannot be started: {error}"
            raise RunfoldError(message, code="isolated.not_started", retryable=True) from error

    def ask(self, body: bytes, seconds: float) -> bytes:
        """Hand a job in and wait for its result. Raises `Died`."""
        end = time.monotonic() + seconds
        note = b""
        try:
            self._write(frame(JOB, body), end)
            while True:
                kind, answer = self._frame(end)
                if kind == RESULT:
                    return answer
                note = answer
        except (_Ended, OSError, ValueError) as error:  # a pipe that was closed is a ValueError
            raise Died(str(error) or "it ended", note) from None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _write(self, data: bytes, end: float) -> None:
        pipe = _open(self._process.stdin)
        os.set_blocking(pipe, False)
        view = memoryview(data)
        while view:
            self._until(end, lambda: ([], [pipe]))
            try:
                view = view[os.write(pipe, view) :]
            except BlockingIOError:
                continue

    def _frame(self, end: float) -> tuple[bytes, bytes]:
        head = self._read(HEADER, end)
        return head[:1], self._read(int.from_bytes(head[1:], "big"), end)

    def _read(self, size: int, end: float) -> bytes:
        pipe = _open(self._process.stdout)
        found = bytearray()
        while len(found) < size:
            self._until(end, lambda: ([pipe], []))
            piece = os.read(pipe, size - len(found))
            if not piece:
                raise _Ended("it ended")
            found += piece
        return bytes(found)

    @staticmethod
    def _until(end: float, pipes: Callable[[], tuple[list[int], list[int]]]) -> None:
        reading, writing = pipes()
        left = end - time.monotonic()
        if left <= 0 or not any(select.select(reading, writing, [], left)):
            raise _Ended("it took too long")


class _Ended(Exception):
    pass


def _open(pipe: object) -> int:
    number = getattr(pipe, "fileno", None)
    if number is None:
        raise _Ended("it ended")
    return int(number())


def frame(kind: bytes, body: bytes) -> bytes:
    """Bytes on a pipe: what they are, how many, and they."""
    return kind + len(body).to_bytes(HEADER - 1, "big") + body
