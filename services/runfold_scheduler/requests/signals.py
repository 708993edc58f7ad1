"""What a signal does: every node that waits for such an event goes on."""

from __future__ import annotations

import asyncio

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import RequestLease
from runfold.bus.run_log import RunLog
from runfold.contracts.events import InputReceived, NodeRunWaiting
from runfold.contracts.requests import SignalRequest
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.engine.state.scopes import is_open
from runfold.errors import Conflict
from runfold.failpoints import failpoint
from runfold.graph.external import checked_event_id, checked_subject, holds
from runfold.ids import run_of_review
from runfold_scheduler.waits import Wait, Waits

log = structlog.get_logger("scheduler")

RECEIVED = "received"
"""The action of an event that came."""
AT_ONCE = 32
"""Runs looked at at a time, for one signal."""
TRIES = 5
"""Deliveries in which a wait that is noted but not in the log as it is read is looked for again:
it may be about to begin, or this copy of the log may be behind."""


class Signals:
    """Carries signals to the runs that wait for them.

    Args:
        bus: The log.
        runs: Loads the runs that wait.
    """

    def __init__(self, bus: Bus, runs: RunLog) -> None:
        self._bus = bus
        self._runs = runs
        self._waits = Waits(bus)

    async def signal(self, request: SignalRequest, lease: RequestLease) -> None:
        """Write input_received for every node that waits for such an event.

        Only waits that had begun when the signal was stored count, by the times of the log. So a
        signal that is carried out again after a crash reaches the same waits and no others.

        Raises:
            InvalidRequest: Its subject is none.
            Conflict: A wait is about to begin: the signal is to be tried again.
        """
        subject = checked_subject(request.subject)
        checked_event_id(request.id)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(wait: Wait) -> bool:
            async with gate:
                return await self._deliver(wait, request, lease)

        noted = await self._waits.found(subject)
        settled = await asyncio.gather(
            *(one(wait) for wait in noted if holds(wait.match, request.payload))
        )
        if not all(settled) and lease.deliveries < TRIES:
            message = f"a node is about to wait for {subject!r}"
            raise Conflict(message, code="signal.early", retryable=True)

    async def _deliver(self, wait: Wait, request: SignalRequest, lease: RequestLease) -> bool:
        """Answer one wait; whether it is known that nothing more is to be done about it."""
        run_id = run_of_review(wait.token)
        folder = await self._runs.find(run_id)
        if folder is None:
            await self._waits.end(wait.subject, wait.token)
            return True
        state = folder.state
        node = _node_with(state, wait.token)
        if node is None or node.waiting is None or state.ended:
            if state.ended or not _may_begin(state):
                await self._waits.end(wait.subject, wait.token)
                return True
            return False
        if node.status != "waiting" or not is_open(state, node.waiting.scope):
            await self._waits.end(wait.subject, wait.token)
            return True
        if lease.time < node.changed_at:
            log.info("signal from before the wait", run_id=run_id, subject=request.subject)
            return True
        await self._bus.events.append(_received(state, node.waiting, request, lease))
        failpoint("signal.written")
        # It counts, or the wait was over before: either way it need not be found again.
        await self._waits.end(wait.subject, wait.token)
        return True


def _node_with(state: RunState, token: str) -> NodeState | None:
    return next(
        (
            node
            for node in state.nodes.values()
            if node.waiting is not None and node.waiting.token == token
        ),
        None,
    )


def _may_begin(state: RunState) -> bool:
    """Whether some node of the run may be about to wait."""
    return any(
        state.nodes[address].status in ("ready", "backing_off", "failing") for address in state.open
    )


def _received(
    state: RunState, waiting: NodeRunWaiting, request: SignalRequest, lease: RequestLease
) -> InputReceived:
    said = f"signal:{request.id}" if request.id else str(lease.seq)
    return InputReceived(
        id=f"{waiting.token}:input_received:{said}",
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=waiting.node_id,
        scope=waiting.scope,
        attempt=waiting.attempt,
        token=waiting.token,
        action=RECEIVED,
        values={"subject": request.subject, "event": request.payload},
    )
