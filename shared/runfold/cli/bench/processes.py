"""The processes a measurement needs, started and waited for by what they say."""

from __future__ import annotations

import asyncio
import os
import sys
from types import TracebackType
from typing import Self

from runfold.errors import ConfigurationError

READY_WITHIN = 30.0
"""Seconds a process may take to say it is ready."""


class Process:
    """A Python process of ours; ended when the block is left.

    Args:
        arguments: After the interpreter: `-m module …`.
        ready: What its output says once it is ready.
        environment: Added to ours.
    """

    def __init__(self, *arguments: str, ready: str, **environment: str) -> None:
        self._arguments = arguments
        self._ready = ready
        self._environment = {**os.environ, **environment}
        self._said: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        ready: asyncio.Event = asyncio.Event()
        self._reading = asyncio.create_task(self._read(ready))
        try:
            await asyncio.wait_for(ready.wait(), READY_WITHIN)
        except TimeoutError:
            await self.__aexit__(None, None, None)
            said = self._said[-1] if self._said else "nothing"
            message = f"{' '.join(self._arguments)} is not ready; it said: {said}"
            raise ConfigurationError(message, code="bench.not_ready") from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid if self._process else 0

    async def _read(self, ready: asyncio.Event) -> None:
        """Read all it says, so that it never waits for us; keep the last lines."""
        if self._process is None or self._process.stdout is None:
            return
        async for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said = [*self._said[-20:], text]
            if self._ready in text:
                ready.set()


def service(name: str, url: str, **environment: str) -> Process:
    """A runfold service as its own process."""
    return Process(
        "-m",
        "runfold",
        "serve",
        name,
        ready="service started",
        RUNFOLD_NATS_URL=url,
        RUNFOLD_LOG_FORMAT="json",
        **environment,
    )
