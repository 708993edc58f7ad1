"""The event by which a run is cancelled: its end, or the beginning of its compensation."""

from __future__ import annotations

import msgspec
import structlog

from runfold.bus.run_log import RunLog
from runfold.contracts.events import Recorded, RunCancelled, RunCompensating
from runfold.engine.decide.compensation import cancelling
from runfold.engine.history.fold import folded

log = structlog.get_logger("scheduler")


class Cancelling:
    """Makes the event by which a run is cancelled.

    Args:
        runs: What there is of the runs.
    """

    def __init__(self, runs: RunLog) -> None:
        self._runs = runs

    async def event(
        self, first: Recorded, reason: str, *, why: str = ""
    ) -> RunCancelled | RunCompensating:
        """The event to write.

        Args:
            first: The run's first event.
            reason: What is said about it.
            why: Tells the ids of cancels apart that come from other places than a request.
        """
        run_id, workflow_id = first.event.run_id, first.event.workflow_id
        tail = why and f":{why}"
        cancelled = RunCancelled(
            id=f"{run_id}:run_cancelled{tail}",
            run_id=run_id,
            workflow_id=workflow_id,
            reason=reason,
        )
        try:
            folder = folded([first], self._runs.plans)
            if folder is None or not folder.plan.compensates:
                return cancelled
            folder = await self._runs.find(run_id)
        except (LookupError, ValueError, TypeError, msgspec.MsgspecError) as error:
            # A run that cannot be folded cannot be undone either.
            log.warning("cancelled without compensation", run_id=run_id, reason=str(error))
            return cancelled
        if folder is None or (folder.state.saga is not None and folder.state.status == "paused"):
            # It is held while it compensates: a cancel now ends it as it is.
            return cancelled
        return cancelling(
            folder.plan,
            event_id=f"{run_id}:run_compensating:cancel{tail}",
            run_id=run_id,
            workflow_id=workflow_id,
            reason=reason,
        )
