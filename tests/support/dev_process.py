"""`runfold dev` as a user starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Self


def environment_of(directory: Path) -> dict[str, str]:
    """The environment of a user who has data of his own and no key of a model."""
    kept = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
    return {**kept, "RUNFOLD_DATA_DIR": str(directory / "data"), "NO_COLOR": "1"}


class Dev:
    """`runfold dev` in a process of its own."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._environment = environment
        self._arguments = arguments
        self.lines: list[str] = []

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runfold", "dev", "--port", "0", "--gateway-port", "0"),
            *self._arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        while "ready in" not in (line := (await self.process.stdout.readline()).decode()):
            assert line, (await self.process.stderr.read()).decode()
            self.lines.append(line)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        _, self.err = await self.process.communicate()

    def url(self, what: str) -> str:
        line = next(line for line in self.lines if line.startswith(what))
        return line.split()[1].removesuffix("/api")
