"""What an executor tells the log about an attempt.

Ids are made of the attempt, so a thing that is reported twice counts once.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable
from typing import Any

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.bus.ports.queues import TaskLease
from runfold.contracts.codec import encode
from runfold.contracts.events import (
    AnswerExtracted,
    AnyEvent,
    NodeRunFailed,
    NodeRunStarted,
    NodeRunSucceeded,
    RetrieverResource,
)
from runfold.contracts.subjects import TASKS, task
from runfold.contracts.tasks import DeadLetter, Task
from runfold.contracts.whole_text import whole_text
from runfold.engine.evolve.compensation import NOT_BEGUN
from runfold.errors import BusUnavailable, Failure, PayloadTooLarge, Unencodable
from runfold.executor.node import Outcome
from runfold.graph.kinds import kind_of
from runfold.ids import address_of, attempt_id

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between tries to report a result while the log cannot take it."""

log = structlog.get_logger("executor")


class Reporter:
    """Writes one executor process's events."""

    def __init__(self, bus: Bus, group: str) -> None:
        self._bus = bus
        self._group = group
        self.name = f"{group}@{socket.gethostname()}:{os.getpid()}"
        """This process, as its events name it."""
        self._begun: dict[str, NodeRunStarted] = {}
        """Attempt → its beginning, until it is told: in a moment, or with its end."""

    def started(self, lease: TaskLease, *, fed: bool = False) -> None:
        """The attempt was taken up. Told in a moment, or with its end where that comes first.

        Args:
            lease: The task.
            fed: What it reads along with has ended: only from now on the attempt counts.
        """
        key, about = _about(lease.task)
        taken = f"{lease.seq}:{lease.deliveries}" + ":fed" * fed
        self._tell(key)  # what was told of it before comes before
        self._begun[key] = NodeRunStarted(id=f"{key}:started:{taken}", executor=self.name, **about)
        asyncio.get_running_loop().call_soon(self._tell, key)

    def _tell(self, key: str) -> None:
        """Store the beginning of an attempt that goes on; its ack is not awaited."""
        begun = self._begun.pop(key, None)
        if begun is not None:
            sent = asyncio.ensure_future(self._bus.events.append(begun))
            sent.add_done_callback(_looked_at)

    async def result(self, task: Task, came: Outcome | Failure) -> str:
        """The attempt's end, stored when this returns. Tries until the log takes it.

        Returns:
            `succeeded` or `failed`.
        """
        pause = FIRST_PAUSE
        while True:
            try:
                if isinstance(came, Outcome):
                    await self._succeeded(task, came)
                    return "succeeded"
                await self._failed(task, came)
            except PayloadTooLarge as error:
                if isinstance(came, Failure):
                    raise
                came = error.failure()
            except Unencodable as error:
                came = _bare(came) if isinstance(came, Failure) else error.failure()
            except BusUnavailable as error:
                # The work is done and paid for: keep it until it can be told. Should the task
                # go to somebody else meanwhile, the first result in the log counts.
                log.warning("result waits for the log", node_type=task.node_type, reason=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return "failed"

    async def poison(self, lease: TaskLease, deliveries_allowed: int) -> None:
        """The task was handed out too often: its attempt fails, and the task is put aside."""
        task = lease.task
        deliveries = lease.deliveries - 1
        message = (
            f"node {task.node_id!r} was given up: {deliveries} executors took it and none came "
            "back with a result; it may bring its process down"
        )
        failure = Failure(
            code="task.poison",
            message=message,
            kind="poison",
            details={"deliveries": deliveries, "limit": deliveries_allowed},
        )
        await self.result(task, failure)
        await self._bus.dead.bury(TASKS, self._letter(task, failure))

    async def _succeeded(self, task: Task, outcome: Outcome) -> Ack:
        key, about = _about(task)
        await self._sources(key, about, task, outcome.outputs)
        about["outputs"], about["usage"] = outcome.outputs, outcome.usage
        if task.part:
            return await self._ended(key, AnswerExtracted(id=f"{key}:extracted", **about))
        return await self._ended(
            key,
            NodeRunSucceeded(
                id=f"{key}:succeeded",
                port=outcome.port,
                ports=outcome.ports,
                served_by=outcome.served_by,
                **about,
            ),
        )

    async def _sources(
        self, key: str, about: dict[str, Any], task: Task, outputs: dict[str, Any]
    ) -> None:
        """Tell what an answer may rest on, where the kind of node lists it, before the result."""
        kind = kind_of(task.node_type)
        listed = outputs.get(kind.sources) if kind and kind.sources and not task.part else None
        if not isinstance(listed, list) or not listed:
            return
        query = outputs.get("query")
        event = RetrieverResource(
            id=f"{key}:sources",
            query=query if isinstance(query, str) else "",
            resources=listed,
            **about,
        )
        self._tell(key)
        await self._bus.events.append(event)

    async def _failed(self, task: Task, failure: Failure) -> Ack:
        key, about = _about(task)
        # Of a task that was queued twice one may run: what it comes to must not look told already.
        what = "not_begun" if failure.code == NOT_BEGUN else "failed"
        return await self._ended(key, NodeRunFailed(id=f"{key}:{what}", error=failure, **about))

    def _ended(self, key: str, event: AnyEvent) -> Awaitable[Ack]:
        """Store an attempt's end, which says as well that the attempt was made."""
        begun = self._begun.pop(key, None)
        if begun is not None:
            self._bus.events.note(begun)
        return self._bus.events.append(event)

    def _letter(self, buried: Task, failure: Failure) -> DeadLetter:
        return DeadLetter.of(
            encode(buried),
            source=task(self._group, buried.node_type),
            reason=failure.message,
            code=failure.code,
            service=f"executor-{self._group}",
            run_id=buried.run_id,
        )


def unbegun(task: Task) -> Failure:
    """Why a task is not begun: its run is being undone."""
    message = f"node {task.node_id!r} was not begun: its run compensates"
    return Failure(code=NOT_BEGUN, message=message, kind="cancelled")


def _about(task: Task) -> tuple[str, dict[str, Any]]:
    """The attempt's id, of which those of its events are made, and the envelope's fields."""
    key = attempt_id(task.run_id, address_of(task.scope, task.node_id), task.attempt)
    return key, {
        "run_id": task.run_id,
        "workflow_id": task.workflow_id,
        "node_id": task.node_id,
        "scope": task.scope,
        "attempt": task.attempt,
        "causation_id": key,
        "traceparent": task.traceparent,
    }


def _looked_at(sent: asyncio.Future[Ack]) -> None:
    """A lost `started` does no harm: the result says that the attempt was made."""
    if not sent.cancelled() and (error := sent.exception()) is not None:
        log.debug("started not stored", reason=str(error))


def _bare(failure: Failure) -> Failure:
    """A failure whose message or details cannot be written, with what can be."""
    return Failure(
        code=whole_text(failure.code),
        message=whole_text(failure.message),
        kind=failure.kind,
        retryable=failure.retryable,
    )
