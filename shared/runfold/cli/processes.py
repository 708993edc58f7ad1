"""Services as processes of ours, for measuring and torture: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from runfold.errors import ConfigurationError

READY_WITHIN = 90.0
"""Seconds a process may take to say it is ready."""


class Process:
    """A Python process of ours; ended when the block is left.

    Args:
        arguments: After the interpreter: `-m module …`.
        ready: What its output says once it is ready.
        log: A file that all it says is added to.
        environment: Added to ours.
    """

    def __init__(
        self, *arguments: str, ready: str, log: Path | None = None, **environment: str
    ) -> None:
        self._arguments = arguments
        self._log = log
        self._ready = ready
        self._environment = {**os.environ, **environment}
        self._said: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def start(self) -> None:
        """Start it, and wait until it is ready; it must not be running.

        Raises:
            ConfigurationError: When it does not become ready; the message has its last words.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(ready))
        try:
            is_ready = await asyncio.wait_for(ready, READY_WITHIN)
        except TimeoutError:
            is_ready = False
        if not is_ready:
            await self.kill()
            said = self._said[-1] if self._said else "nothing"
            message = f"{' '.join(self._arguments)} is not ready; it said: {said}"
            raise ConfigurationError(message, code="process.not_ready")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()

    async def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.running:
            self.send(signal.SIGKILL)
            self.send(signal.SIGCONT)
        await self.ended()

    async def stop(self) -> None:
        """Ask it to drain, and wait until it has."""
        if self.running:
            self.send(signal.SIGTERM)
        await self.ended()

    async def ended(self) -> int:
        """Wait until it has ended; its exit status, negative for a signal's number."""
        if self._process is None:
            return 0
        status = await self._process.wait()
        if self._reading is not None:
            await self._reading
        return status

    def send(self, signal_number: int) -> None:
        """Send it a signal."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal_number)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def said(self) -> list[str]:
        """The last lines of its output."""
        return self._said

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    async def _read(self, ready: asyncio.Future[bool]) -> None:
        """Read all it says, so that it never waits for us; keep the last lines."""
        if self._process is not None and self._process.stdout is not None:
            async for line in self._process.stdout:
                text = line.decode(errors="replace").rstrip()
                self._said = [*self._said[-20:], text]
                if self._log is not None:
                    with self._log.open("a") as log:
                        log.write(text + "\n")
                if self._ready in text and not ready.done():
                    ready.set_result(True)
        if not ready.done():
            ready.set_result(False)


def service(
    name: str, url: str, *options: str, log: Path | None = None, **environment: str
) -> Process:
    """A runfold service as its own process.

    Args:
        name: As `runfold serve` has it.
        url: The NATS server.
        options: Further options of `runfold serve`.
        log: A file that all it says is added to.
        environment: Added to ours.
    """
    return Process(
        *("-m", "runfold", "serve", name, *options),
        ready="service started",
        log=log,
        **{
            "RUNFOLD_NATS_URL": url,
            "RUNFOLD_LOG_FORMAT": "json",
            "RUNFOLD_REPLICAS": "1",  # of a server of ours; this shell's is for another
            **environment,
        },
    )
