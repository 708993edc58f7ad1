"""Answering queries from the read model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from runfold.contracts import queries as q
from runfold.errors import InvalidRequest
from runfold_projection.store import ReadModel

MAX_ANSWER = 900 * 1024
"""Bytes of an answer that fit one message with some to spare."""
NEWEST = 2**62

Handler = Callable[[bytes], Awaitable[bytes]]


class Queries:
    """One handler a verb.

    Args:
        model: What is asked.
    """

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        self.handlers: dict[str, Handler] = {
            q.GET_RUN: self.get_run,
            q.LIST_RUNS: self.list_runs,
            q.GET_WAITING: self.get_waiting,
        }

    async def get_run(self, body: bytes) -> bytes:
        """One run with its nodes."""
        query = msgspec.json.decode(body, type=q.GetRun)
        return _fitting(q.Answer(item=await self._model.run(query.run_id)))

    async def list_runs(self, body: bytes) -> bytes:
        """A page of runs."""
        query = msgspec.json.decode(body, type=q.ListRuns)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        try:
            before = int(query.cursor) if query.cursor else NEWEST
        except ValueError as error:
            raise InvalidRequest(f"cursor {query.cursor!r} is none of ours") from error
        found = await self._model.runs(
            workflow_id=query.workflow_id, status=query.status, before=before, limit=limit + 1
        )
        page = found[:limit]
        answer = b""
        while page:
            more = len(found) > len(page)
            cursor = str(page[-1][0]) if more else ""
            answer = msgspec.json.encode(
                q.Answer(items=[run for _, run in page], next_cursor=cursor)
            )
            if len(answer) <= MAX_ANSWER or len(page) == 1:
                return answer
            page = page[: len(page) // 2]
        return answer or msgspec.json.encode(q.Answer())

    async def get_waiting(self, body: bytes) -> bytes:
        """Nodes that wait for a person."""
        query = msgspec.json.decode(body, type=q.GetWaiting)
        limit = max(1, min(query.limit, q.MAX_LIMIT))
        found = await self._model.waiting(query.token, limit)
        return _fitting(q.Answer(items=list(found)))


def _fitting(answer: q.Answer) -> bytes:
    body = msgspec.json.encode(answer)
    return body if len(body) <= MAX_ANSWER else msgspec.json.encode(q.Answer(too_large=True))
