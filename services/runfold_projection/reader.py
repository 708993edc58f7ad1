"""Reading the read model: connections of its own, which see whole batches only.

Every look is one statement, so that what it finds is of one moment. Lists of runs may go through
very many: they have a connection apart, where nothing else waits for them, and a time.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
from msgspec.structs import replace

from runfold.contracts.cursors import Begun, run_before
from runfold.contracts.queries import (
    FailureGroup,
    FamilyRun,
    ListConversations,
    ListFailures,
    ListFamily,
    ListRuns,
)
from runfold.conversations.views import ConversationView
from runfold.engine.views.families import family_run
from runfold.engine.views.runs import NodeView, RunView, WaitingNode
from runfold.errors import ConfigurationError, InvalidRequest
from runfold_projection.failures import groups_of
from runfold_projection.families import family_of
from runfold_projection.lists import counts_of, page_of

SECONDS = 2.0
"""What a page of a list may take, and as much its counts: who asks waits 5 seconds."""
LONGEST_MESSAGE = 300
"""Characters of an error's message that a group of failures shows."""
STEPS = 10_000
"""Steps of SQLite's machine between looks at the clock."""
RUN_WITH_NODES = """
select 0, '', document from runs where run_id = :run_id
union all
select 1, place, document from nodes where run_id = :run_id
order by 1, 2
"""
WAITING = """
select since, token, workflow_id, nodes.document from waiting join nodes using (run_id, address)
where (since, token) > (:since, :after) and {wheres}
order by since, token limit :limit
"""
FITTING = ("token", "workflow_id", "assignee", "type")
"""Columns of what waits that may be asked for."""
CONVERSATIONS = """
select touched, conversation_id, user_id, name, metadata, created_at, updated_at, turns
from conversations where user_id = :user and touched < :before
order by touched desc limit :limit
"""
NAMED = CONVERSATIONS.replace("order by", "and name = :name order by")


class Reader:
    """The database, for queries only.

    Args:
        path: Its file, which is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: aiosqlite.Connection | None = None
        self._lists: aiosqlite.Connection | None = None
        self._turn = asyncio.Lock()
        self._until = 0.0
        """When the list that is looked for now has to be found, by the monotonic clock."""

    async def open(self) -> None:
        """Open it.

        Raises:
            ConfigurationError: When the file cannot be opened.
        """
        try:
            self._db = await self._connected()
            self._lists = await self._connected()
            await self._lists.set_progress_handler(self._is_late, STEPS)
        except sqlite3.Error as error:
            message = f"cannot read the read model {self._path}: {error}"
            raise ConfigurationError(message, code="projection.database") from error

    async def _connected(self) -> aiosqlite.Connection:
        where = f"{self._path.absolute().as_uri()}?mode=ro"
        made = await aiosqlite.connect(where, uri=True)
        await made.execute("pragma query_only = on")
        return made

    def _is_late(self) -> bool:
        return time.monotonic() > self._until

    async def close(self) -> None:
        """Close it."""
        for connection in (self._db, self._lists):
            if connection is not None:
                await connection.close()
        self._db = self._lists = None

    async def run(self, run_id: str) -> RunView | None:
        """A run with its nodes."""
        found = await self._all(RUN_WITH_NODES, {"run_id": run_id})
        if not found or found[0][0] != 0:
            return None
        nodes = tuple(msgspec.json.decode(document, type=NodeView) for _, _, document in found[1:])
        run = msgspec.json.decode(found[0][2], type=RunView)
        return replace(run, nodes=nodes)

    async def runs(self, query: ListRuns, *, limit: int) -> list[tuple[int, RunView]]:
        """Runs without their nodes, newest first, each with where it began in the log.

        Raises:
            InvalidRequest: `filter.too_costly`: it takes too long to look through all runs.
        """
        found = await self._in_time(*page_of(query, limit))
        return [(seq, msgspec.json.decode(document, type=RunView)) for seq, document in found]

    async def counts(self, query: ListRuns) -> dict[str, int]:
        """How many runs of each status fit, those of all pages; the query's statuses apart.

        Raises:
            InvalidRequest: As `runs`.
        """
        return dict(await self._in_time(*counts_of(query)))

    async def failures(self, query: ListFailures, *, limit: int) -> list[FailureGroup]:
        """Groups of failed runs, the largest first.

        Raises:
            InvalidRequest: As `runs`.
        """
        found = await self._in_time(*groups_of(query, limit))
        return [
            FailureGroup(workflow_id, node, code, count, last_at, run_id, _message(document))
            for workflow_id, node, code, count, last_at, run_id, document in found
        ]

    async def family(self, query: ListFamily, *, limit: int) -> list[tuple[int, FamilyRun]]:
        """A run's family, the oldest first, each with where it began in the log.

        Raises:
            InvalidRequest: As `runs`.
        """
        found = await self._in_time(*family_of(query, limit))
        return [
            (seq, family_run(query.run_id, _run(document), is_above=bool(is_above)))
            for seq, is_above, document in found
        ]

    async def waiting(
        self, *, after: Begun, limit: int, **fits: str
    ) -> list[tuple[Begun, WaitingNode]]:
        """Nodes that wait for a person, longest waiting first.

        Args:
            after: The last one of the page before.
            limit: How many at most.
            fits: `token`, `workflow_id`, `assignee`, `type`; empty: any.
        """
        names = [name for name in FITTING if fits.get(name)]
        wheres = " and ".join(f"waiting.{name} = :{name}" for name in names) or "true"
        since, token = after
        place = {"since": since, "after": token, "limit": limit}
        found = await self._all(WAITING.format(wheres=wheres), {**fits, **place})
        return [
            ((since, its_token), _waiting(document, workflow_id))
            for since, its_token, workflow_id, document in found
        ]

    async def conversations(
        self, query: ListConversations, *, limit: int
    ) -> list[tuple[int, ConversationView]]:
        """A user's conversations, the one that was used last first, each with when that was."""
        values = {
            "user": query.user_id,
            "name": query.name,
            "before": run_before(query.cursor),
            "limit": limit,
        }
        found = await self._all(NAMED if query.name else CONVERSATIONS, values)
        return [
            (touched, ConversationView(one, user, name, msgspec.json.decode(metadata), *rest))
            for touched, one, user, name, metadata, *rest in found
        ]

    async def _in_time(self, sql: str, values: dict[str, Any]) -> list[Any]:
        async with self._turn:
            self._until = time.monotonic() + SECONDS
            try:
                return await self._found(self._lists, sql, values)
            except ConfigurationError as error:
                if not self._is_late():
                    raise
                message = (
                    f"looking through the runs took over {SECONDS:g} s: ask for fewer of them, by "
                    "`workflow_id`, `status`, `label` or `from`"
                )
                raise InvalidRequest(message, code="filter.too_costly") from error

    async def _all(self, sql: str, values: Any) -> list[Any]:
        return await self._found(self._db, sql, values)

    @staticmethod
    async def _found(db: aiosqlite.Connection | None, sql: str, values: Any) -> list[Any]:
        if db is None:
            message = "the read model is closed"
            raise ConfigurationError(message, code="projection.database")
        try:
            async with db.execute(sql, values) as cursor:
                return list(await cursor.fetchall())
        except (sqlite3.Error, ValueError) as error:
            message = f"the read model cannot be asked: {error}"
            raise ConfigurationError(message, code="projection.database") from error


def _message(document: bytes) -> str:
    """What a run's error says, shortened."""
    error = _run(document).error
    message = error.message if error else ""
    is_short = len(message) <= LONGEST_MESSAGE
    return message if is_short else f"{message[: LONGEST_MESSAGE - 1]}…"


def _waiting(document: bytes, workflow_id: str) -> WaitingNode:
    return replace(msgspec.json.decode(document, type=WaitingNode), workflow_id=workflow_id)


def _run(document: bytes) -> RunView:
    return msgspec.json.decode(document, type=RunView)
