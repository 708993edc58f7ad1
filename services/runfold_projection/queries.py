"""Answering queries from the read model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from runfold.bus.ports.bus import Answering
from runfold.contracts import queries as q
from runfold.contracts.cursors import (
    place_after,
    place_cursor,
    run_cursor,
    wait_after,
    wait_cursor,
)
from runfold.contracts.json_reader import read_json
from runfold.engine.views.runs import RunView, WaitingNode, WaitingView
from runfold.errors import InvalidRequest, Undecodable
from runfold_projection.conversations import ConversationModel
from runfold_projection.reader import Reader

MAX_ANSWER = 900 * 1024
"""Bytes of an answer that fit one message with some to spare."""

K = TypeVar("K")
P = TypeVar("P")
V = TypeVar("V")


class Queries:
    """One handler a verb.

    Args:
        reader: What is asked.
        conversations: Waited for where a list is to have what was said a moment ago.
    """

    def __init__(self, reader: Reader, conversations: ConversationModel) -> None:
        self._reader = reader
        self._conversations = conversations
        self.handlers: dict[str, Answering] = {
            q.GET_RUN: self.get_run,
            q.LIST_RUNS: self.list_runs,
            q.GET_WAITING: self.get_waiting,
            q.LIST_CONVERSATIONS: self.list_conversations,
            q.LIST_FAILURES: self.list_failures,
            q.LIST_FAMILY: self.list_family,
        }

    async def get_run(self, body: bytes) -> bytes:
        """One run with its nodes."""
        query = _asked(body, q.GetRun)
        found = await self._reader.run(query.run_id)
        answer = msgspec.json.encode(q.Answer[RunView](item=found))
        if len(answer) <= MAX_ANSWER:
            return answer
        return msgspec.json.encode(q.Answer[RunView](too_large=True))

    async def list_runs(self, body: bytes) -> bytes:
        """A page of runs, newest first."""
        query = _asked(body, q.ListRuns)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        found = await self._reader.runs(query, limit=limit + 1)
        counts = await self._reader.counts(query) if query.counts else None
        return _page(found, limit, run_cursor, _short_run, counts)

    async def get_waiting(self, body: bytes) -> bytes:
        """A page of nodes that wait for a person, longest waiting first."""
        query = _asked(body, q.GetWaiting)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        found = await self._reader.waiting(
            after=wait_after(query.cursor),
            limit=limit + 1,
            token=query.token,
            workflow_id=query.workflow_id,
            assignee=query.assignee,
            type=query.type,
        )
        return _page(found, limit, wait_cursor, _short_node)

    async def list_failures(self, body: bytes) -> bytes:
        """A page of groups of failed runs, the largest first."""
        query = _asked(body, q.ListFailures)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        before = place_after(query.cursor)
        found = await self._reader.failures(query, limit=limit + 1)
        placed = [(before + number, group) for number, group in enumerate(found, 1)]
        return _page(placed, limit, place_cursor, _whole)

    async def list_family(self, body: bytes) -> bytes:
        """A page of a run's family, the oldest first."""
        query = _asked(body, q.ListFamily)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        found = await self._reader.family(query, limit=limit + 1)
        return _page(found, limit, run_cursor, _whole)

    async def list_conversations(self, body: bytes) -> bytes:
        """A page of a user's conversations, the one that was used last first."""
        query = _asked(body, q.ListConversations)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        await self._conversations.seen(query.seen)
        found = await self._reader.conversations(query, limit=limit + 1)
        return _page(found, limit, run_cursor, _whole)


def _asked(body: bytes, kind: type[K]) -> K:
    try:
        return read_json(body, kind)
    except Undecodable as error:
        message = f"not a question: {error.message}"
        raise InvalidRequest(message, code="query.invalid") from error


def _page(
    found: list[tuple[P, V]],
    limit: int,
    cursor_of: Callable[[P], str],
    shortened: Callable[[V], V],
    counts: dict[str, int] | None = None,
) -> bytes:
    """As many as fit one message, and where the next ones begin.

    One that does not fit by itself comes shortened and the answer says so: its log has all of it.
    """
    page = found[:limit]
    while True:
        more = len(found) > len(page)
        cursor = cursor_of(page[-1][0]) if more and page else ""
        items = [item for _, item in page]
        answer = msgspec.json.encode(q.Answer(items=items, next_cursor=cursor, counts=counts))
        if len(answer) <= MAX_ANSWER:
            return answer
        if len(page) == 1:
            items = [shortened(page[0][1])]
            short = q.Answer(items=items, next_cursor=cursor, too_large=True, counts=counts)
            return msgspec.json.encode(short)
        page = page[: len(page) // 2]


def _whole(one: V) -> V:
    return one


def _short_run(run: RunView) -> RunView:
    return replace(run, inputs={}, outputs=None, error=None, compensation=())


def _short_node(node: WaitingNode) -> WaitingNode:
    waiting = node.waiting
    kept = waiting and WaitingView(waiting.waiting_for, waiting.token, waiting.due)
    return replace(node, outputs={}, error=None, waiting=kept, attempts=())
