"""Processes that do one job after another and are killed with a job that is given up.

A job is bytes in and bytes out. A process that takes too long, dies, or whose job is given up is
killed: nothing of a job is left for the next. The pool beside this (`runfold.isolated.pool`) is for
jobs that are never given up, and holds a thread for each.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from runfold.isolated.pool import Threads

_HEADER = 4
_READY_WITHIN = 60.0
"""Seconds that a process may take to come up."""
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")
"""Variables that the processes are given; secrets are not among them."""


_waiting = Threads(2, "processes")


class Died(Exception):
    """The process ended without a result; the message says how."""


class NotStarted(Died):
    """The process did not come up."""


class TookTooLong(Exception):
    """The process was killed, since its time was over."""


class SaidTooMuch(Exception):
    """The process was killed, since its result is longer than it may be."""


class Workers:
    """Processes that are started when they are needed and kept for what comes next.

    Args:
        command: What starts one; it reads jobs from its standard input and writes results to its
            standard output, each behind its length in four bytes. An empty one says that it is
            ready.
        spare: Jobs after which a process is replaced.
    """

    def __init__(self, command: Sequence[str], *, spare: int) -> None:
        self._command = command
        self._spare = spare
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def run(self, job: bytes, *, seconds: float, most: int) -> bytes:
        """The result of a job.

        Args:
            job: What the process reads.
            seconds: After which the process is killed.
            most: Bytes that the result may have.

        Raises:
            Died: When the process ends first.
            TookTooLong: When it was killed after its time.
            SaidTooMuch: When it was killed for what it wrote.
        """
        worker = self._rested() or await self._started()
        kept = False
        try:
            async with asyncio.timeout(seconds):
                result = await worker.ask(job, most)
            kept = worker.jobs < self._spare
        except TimeoutError:
            raise TookTooLong from None
        except (OSError, EOFError) as error:
            raise Died(await worker.ending()) from error
        finally:
            if kept:
                self._idle.append(worker)
            else:
                self._drop(worker)
        return result

    def processes(self) -> list[int]:
        """The ids of all processes, those that do a job and those that wait."""
        return [worker.process_id for worker in self._all]

    def close(self) -> None:
        """Kill all processes."""
        self._idle.clear()
        for worker in tuple(self._all):
            self._drop(worker)

    def _rested(self) -> _Worker | None:
        """One that is at hand; those that ended while they waited are not."""
        while self._idle:
            worker = self._idle.pop()
            if worker.is_running():
                return worker
            self._drop(worker)
        return None

    async def _started(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = _start(self._command, theirs)
            except OSError as error:
                ours.close()
                message = f"cannot be started: {error}"
                raise NotStarted(message) from error
        try:
            streams = await asyncio.open_unix_connection(sock=ours)
        except BaseException:
            ours.close()
            process.kill()
            _waiting.submit(process.wait)
            raise
        worker = _Worker(process, *streams)
        self._all.add(worker)
        try:
            async with asyncio.timeout(_READY_WITHIN):
                await worker.ready()
        except BaseException as error:
            ended = isinstance(error, EOFError | ConnectionError)
            ending = await worker.ending() if ended else "it takes too long"
            self._drop(worker)
            if isinstance(error, OSError | EOFError):  # a TimeoutError is an OSError
                message = f"did not come up: {ending}"
                raise NotStarted(message) from error
            raise
        return worker

    def _drop(self, worker: _Worker) -> None:
        self._all.discard(worker)
        worker.kill()


def _start(command: Sequence[str], pipe: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own command
        command,
        stdin=pipe.fileno(),
        stdout=pipe.fileno(),
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        cwd="/",
        # A Ctrl-C is for the service, which ends us.
        start_new_session=True,
    )


class _Worker:
    """One process and the connection to it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.jobs = 0

    @property
    def process_id(self) -> int:
        """As the system numbers it."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it says, with an empty result, that it reads jobs."""
        await self._reader.readexactly(_HEADER)

    async def ask(self, job: bytes, most: int) -> bytes:
        """Hand a job in and wait for its result."""
        self._writer.write(len(job).to_bytes(_HEADER, "big"))
        self._writer.write(job)
        await self._writer.drain()
        size = int.from_bytes(await self._reader.readexactly(_HEADER), "big")
        if size > most:
            raise SaidTooMuch
        result = await self._reader.readexactly(size)
        self.jobs += 1
        return result

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    async def ending(self) -> str:
        """How the process ended, in words."""
        try:
            code = await _waiting.run(self._process.wait, 1.0)
        except subprocess.TimeoutExpired:
            return "closed its connection"
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    def kill(self) -> None:
        """End it at once, with all that it started."""
        self._writer.transport.abort()
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            # A process that had much memory takes its time.
            _waiting.submit(self._process.wait)


@asynccontextmanager
async def open_workers(command: Sequence[str], *, spare: int) -> AsyncIterator[Workers]:
    """Workers, which end when it is left."""
    workers = Workers(command, spare=spare)
    try:
        yield workers
    finally:
        workers.close()
