"""A data source on a real database of either dialect, and nodes that run on it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfold.database_settings import DatabaseSettings, DataSource, Dialect
from runfold.errors import NodeFailed
from runfold.executor.node import NodeExecutor
from runfold.settings import Settings
from runfold_executor_data.databases.opened import Databases, open_databases
from runfold_executor_data.nodes import NODES
from tests.support.node_contexts import RecordingContext

SOURCE = "shop"
BY_TYPE: dict[str, NodeExecutor] = {node.kind.type: node for node in NODES}


class Shop:
    """The source `shop`, declared with whatever limits a test wants.

    Args:
        dialect: Which database it is.
        url: Where it is.
        admin_url: For what workflows may not do; of PostgreSQL.
        limits: Of the declaration.
    """

    def __init__(self, dialect: Dialect, url: str, admin_url: str = "", **limits: Any) -> None:
        self.dialect: Dialect = dialect
        self.url = url
        self.admin_url = admin_url or url
        self.limits = {"write": True, **limits}
        self.databases: Databases
        self.secrets: dict[str, str] = {}
        self._numbers = count(1)

    def settings(self, **limits: Any) -> Settings:
        """Settings that declare it."""
        declared = DataSource(**{"url": self.url, **self.limits, **limits})
        return Settings(databases=DatabaseSettings(sources={SOURCE: declared}))

    def context(self, **limits: Any) -> RecordingContext:
        """What the first attempt of another node is given."""
        ctx = RecordingContext(self.settings(**limits), **self.secrets)
        ctx.node_id = f"node{next(self._numbers)}"
        ctx.idempotency_key = f"run-1:{ctx.node_id}:1"
        ctx.resource = self.databases
        return ctx

    async def node(self, kind: str, ctx: RecordingContext | None = None, **config: Any) -> Any:
        """The outputs of one attempt."""
        node = BY_TYPE[kind]
        filled = msgspec.convert({"source": SOURCE, **config}, node.kind.config, strict=False)
        return (await node.run(ctx or self.context(), filled, {})).outputs

    async def refusal(self, kind: str, ctx: RecordingContext | None = None, **config: Any) -> Any:
        """The failure of one attempt."""
        with pytest.raises(NodeFailed) as raised:
            await self.node(kind, ctx, **config)
        return raised.value

    async def admin(self, *sql: str) -> list[Any]:
        """Run statements past all limits; the rows of the last."""
        if self.dialect == "sqlite":
            with sqlite3.connect(self.url.removeprefix("sqlite:")) as connection:
                rows: list[Any] = []
                for one in sql:
                    rows = connection.execute(one).fetchall()
            connection.close()
            return rows
        import asyncpg

        connected = await asyncpg.connect(self.admin_url)
        try:
            for one in sql:
                rows = [tuple(row) for row in await connected.fetch(one)]
        finally:
            await connected.close()
        return rows


@asynccontextmanager
async def sqlite_shop(path: Path, *schema: str, **limits: Any) -> AsyncIterator[Shop]:
    """A shop in a file."""
    file = path / "shop.db"
    file.touch()
    async with opened(Shop("sqlite", f"sqlite:{file}", **limits), *schema) as shop:
        yield shop


@asynccontextmanager
async def opened(shop: Shop, *schema: str) -> AsyncIterator[Shop]:
    """A shop with its tables, and what its nodes share."""
    if schema:
        await shop.admin(*schema)
    async with open_databases(shop.settings()) as shop.databases:
        yield shop
