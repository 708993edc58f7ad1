"""Guides as their readers use them: what they print is saved, and typed, in order."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Guide:
    """A page, in a reader's folder.

    Args:
        name: The page, without its ending.
        folder: Where the reader is; the examples are there.
        environment: The reader's shell.
        gateway: What stands for `http://localhost:8321`.
    """

    def __init__(
        self, name: str, folder: Path, environment: dict[str, str], gateway: str = ""
    ) -> None:
        self.folder = folder
        self.gateway = gateway
        self._text = (ROOT / "docs" / "guides" / f"{name}.md").read_text()
        path = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
        self._environment = {**environment, "PATH": path}
        (folder / "examples").symlink_to(ROOT / "examples")

    @property
    def commands(self) -> list[str]:
        """The lines of the page's shell blocks."""
        blocks = re.findall(r"```bash\n(.*?)```", self._text, re.DOTALL)
        return [line for block in blocks for line in block.splitlines()]

    def files(self) -> Iterator[tuple[str, str]]:
        """Name and text of each program that the page says to save."""
        for block in re.findall(r"```(?:python|typescript)\n(.*?)```", self._text, re.DOTALL):
            named = re.match(r"(?:#|//) ([\w.]+)\n", block)
            assert named is not None, block
            yield named[1], block

    def save(self) -> None:
        """Save the programs where the reader is."""
        for name, text in self.files():
            (self.folder / name).write_text(text)

    async def begin(self, line: str) -> asyncio.subprocess.Process:
        """Type a command."""
        line = line.replace("http://localhost:8321", self.gateway)
        return await asyncio.create_subprocess_exec(
            *("bash", "-c", f"exec {line}"),
            cwd=self.folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def type(self, line: str) -> tuple[str, str]:
        """Type a command and wait for its end, which must be a good one; what it says."""
        if line.startswith("cd "):
            self.folder /= shlex.split(line)[1]
            return "", ""
        process = await self.begin(line)
        out, err = await process.communicate()
        assert process.returncode == 0, (line, out.decode(), err.decode())
        return out.decode(), err.decode()
