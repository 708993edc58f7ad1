"""The places that a source's transactions share: as many as it may have connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runfold_executor_data.databases.failures import failed
from runfold_executor_data.databases.sources import Target


class Places:
    """The places of one source.

    Args:
        target: The source.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._free = asyncio.Semaphore(target.declared.connections)

    @asynccontextmanager
    async def taken(self, seconds: float) -> AsyncIterator[None]:
        """A place for as long as the block takes.

        Args:
            seconds: How long it is waited for.

        Raises:
            NodeFailed: `db.busy`.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError as error:
            message = f"all {self._target.declared.connections} connections were in use"
            name = self._target.name
            raise failed(name, "busy", message, kind="server", retryable=True) from error
        try:
            yield
        finally:
            self._free.release()
