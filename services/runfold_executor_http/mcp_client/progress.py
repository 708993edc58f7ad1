"""What a tool says while it works, as chunks of the output `progress`."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from runfold.background import end
from runfold.contracts.secrecy import masked
from runfold.executor.node import NodeContext

MOST = 1000
"""Reports of one call that are shown."""
LONGEST = 500
"""Characters of one."""


class ProgressText:
    """Takes reports as they come, and streams them as fast as they are taken in.

    A server that reports faster than that is not held up: its newer reports wait here, and of a
    flood the first thousand are shown.
    """

    def __init__(self, ctx: NodeContext) -> None:
        self._ctx = ctx
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MOST)
        self._heard = 0
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._sending = asyncio.create_task(self._send(), name="mcp progress")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._sending is None:
            return
        if error is None:
            sent = asyncio.create_task(self._waiting.join())
            await asyncio.wait((sent, self._sending), return_when=asyncio.FIRST_COMPLETED)
            await end(sent)
        await end(self._sending)

    async def heard(self, progress: float, total: float | None, message: str | None) -> None:
        """A report of the tool."""
        self._heard += 1
        if self._heard <= MOST:
            share = f"{progress:g}" if total is None else f"{progress:g}/{total:g}"
            self._waiting.put_nowait((message or "", share))

    async def _send(self) -> None:
        while True:
            message, share = await self._waiting.get()
            # Here, where the attempt's secrets are known, and before it is cut.
            said = f"{masked(message)[:LONGEST]} ({share})" if message else share
            try:
                await self._ctx.stream(f"{said}\n", kind="variable", name="progress")
            finally:
                self._waiting.task_done()
