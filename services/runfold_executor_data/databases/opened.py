"""What all nodes on data sources share: connections, and the threads that SQLite works in."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from runfold.executor.extras import need
from runfold.executor.node import NodeContext
from runfold.settings import Settings
from runfold_executor_data.databases.failures import read_only
from runfold_executor_data.databases.session import Session
from runfold_executor_data.databases.sources import Target
from runfold_executor_data.databases.sqlite import SqliteFile

if TYPE_CHECKING:
    from runfold_executor_data.databases.postgres_pool import PostgresPool

EXTRA = "postgres"
_THREADS = 32
_BEFORE_DEADLINE = 0.3
"""Seconds before the attempt's own end at which a statement is given up, so that it is undone."""
_POOL = "runfold_executor_data.databases.postgres_pool"


class Databases:
    """The data sources of one executor."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite")
        self._by_name: dict[str, PostgresPool | SqliteFile] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def begin(
        self, ctx: NodeContext, target: Target, *, write: bool
    ) -> AsyncIterator[Session]:
        """A transaction on a source.

        Raises:
            NodeFailed: `db.read_only`, when the source may not be written; `extra.missing`; what
                goes wrong inside.
        """
        if write and not target.declared.write:
            message = "it may only be read: the operator allows more with `write`"
            raise read_only(target.name, message)
        source = await self._source(target)
        seconds = target.declared.statement_timeout
        if ctx.deadline is not None:
            left = ctx.deadline - asyncio.get_running_loop().time() - _BEFORE_DEADLINE
            seconds = max(0.01, min(seconds, left))

        async def store(body: bytes, name: str) -> dict[str, Any]:
            return await ctx.files.write(body, name=name)

        async def load(value: Any) -> bytes:
            return await ctx.files.read(value)

        async with source.begin(write=write, seconds=seconds, store=store, load=load) as session:
            yield session

    async def _source(self, target: Target) -> PostgresPool | SqliteFile:
        present = self._by_name.get(target.name)
        if present is not None and present.target == target:
            return present
        made: PostgresPool | SqliteFile
        if target.declared.dialect == "sqlite":
            made = SqliteFile(target, self._threads)
        else:
            need(EXTRA, f"data source {target.name!r}")
            # In a thread: the first time it takes a while.
            module = await asyncio.to_thread(importlib.import_module, _POOL)
            present = self._by_name.get(target.name)
            if present is not None and present.target == target:
                return present
            made = module.PostgresPool(target)
        self._by_name[target.name] = made
        if present is not None:
            self._retire(present)
        return made

    def _retire(self, source: PostgresPool | SqliteFile) -> None:
        """Its secrets have changed: who uses it goes on, and nothing else does."""
        if isinstance(source, SqliteFile):
            return
        closing = asyncio.create_task(source.aclose(), name="close data source")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close all connections."""
        for source in self._by_name.values():
            self._retire(source)
        self._by_name.clear()
        await asyncio.gather(*self._closing)
        await asyncio.to_thread(self._threads.shutdown)


@asynccontextmanager
async def open_databases(_settings: Settings) -> AsyncIterator[Databases]:
    """The data sources of an executor; nothing is connected yet."""
    databases = Databases()
    try:
        yield databases
    finally:
        await databases.aclose()
