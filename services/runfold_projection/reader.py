"""Reading the read model: a connection of its own, which sees whole batches only.

Every look is one statement, so that what it finds is of one moment.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from runfold.contracts.cursors import Begun
from runfold.contracts.queries import ListRuns
from runfold.engine.views.runs import NodeView, RunView
from runfold.errors import ConfigurationError
from runfold_projection.lists import counts_of, page_of

RUN_WITH_NODES = """
select 0, '', document from runs where run_id = :run_id
union all
select 1, place, document from nodes where run_id = :run_id
order by 1, 2
"""
WAITING = """
select since, token, nodes.document from waiting join nodes using (run_id, address)
where (since, token) > (?, ?) and (? = '' or token = ?)
order by since, token limit ?
"""


class Reader:
    """The database, for queries only.

    Args:
        path: Its file, which is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Open it.

        Raises:
            ConfigurationError: When the file cannot be opened.
        """
        try:
            self._db = await aiosqlite.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True
            )
            await self._db.execute("pragma query_only = on")
        except sqlite3.Error as error:
            message = f"cannot read the read model {self._path}: {error}"
            raise ConfigurationError(message, code="projection.database") from error

    async def close(self) -> None:
        """Close it."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def run(self, run_id: str) -> RunView | None:
        """A run with its nodes."""
        found = await self._all(RUN_WITH_NODES, {"run_id": run_id})
        if not found or found[0][0] != 0:
            return None
        nodes = tuple(msgspec.json.decode(document, type=NodeView) for _, _, document in found[1:])
        run = msgspec.json.decode(found[0][2], type=RunView)
        return msgspec.structs.replace(run, nodes=nodes)

    async def runs(self, query: ListRuns, *, limit: int) -> list[tuple[int, RunView]]:
        """Runs without their nodes, newest first, each with where it began in the log."""
        found = await self._all(*page_of(query, limit))
        return [(seq, msgspec.json.decode(document, type=RunView)) for seq, document in found]

    async def counts(self, query: ListRuns) -> dict[str, int]:
        """How many runs of each status fit, those of all pages; the query's statuses apart."""
        return dict(await self._all(*counts_of(query)))

    async def waiting(
        self, *, token: str, after: Begun, limit: int
    ) -> list[tuple[Begun, NodeView]]:
        """Nodes that wait for a person, the one with a token or all, longest waiting first."""
        found = await self._all(WAITING, (*after, token, token, limit))
        return [
            ((since, its_token), msgspec.json.decode(document, type=NodeView))
            for since, its_token, document in found
        ]

    async def _all(self, sql: str, values: Any) -> list[Any]:
        if self._db is None:
            message = "the read model is closed"
            raise ConfigurationError(message, code="projection.database")
        try:
            async with self._db.execute(sql, values) as cursor:
                return list(await cursor.fetchall())
        except (sqlite3.Error, ValueError) as error:
            message = f"the read model cannot be asked: {error}"
            raise ConfigurationError(message, code="projection.database") from error
