"""Runs that cannot go on by themselves: held, which their logs say, and taken up when resumed.

What ends or pauses a run here is no decision of the engine: the engine could not be asked.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from runfold.contracts.events import Recorded, RunFailed, RunPaused, RunStarted
from runfold.errors import Failure
from runfold_scheduler.outbox.outbox import Outbox

log = structlog.get_logger("scheduler")

LONGEST_REASON = 2000
"""Characters of a reason that are written down."""


class Parking:
    """Holds runs.

    Args:
        outbox: The way into their logs.
        is_over: Whether a run is known to have ended.
    """

    def __init__(self, outbox: Outbox, is_over: Callable[[str], bool]) -> None:
        self._outbox = outbox
        self._is_over = is_over
        self._found: dict[str, tuple[str, int, str]] | None = {}
        """Until `begin`: run → workflow, place and reason of what the log may yet answer."""
        self.unusable: set[str] = set()
        """Runs that could not be folded when they were to wake."""
        self.resumed: dict[str, int] = {}
        """Broken and unusable runs that were resumed → where: to be folded once more."""

    def hold(self, run_id: str, workflow_id: str, seq: int, reason: str) -> None:
        """Park a run; before `begin`, unless its log says further on that this was done."""
        if self._found is None:
            self._park(run_id, workflow_id, seq, reason)
        else:
            self._found[run_id] = (workflow_id, seq, reason)

    def begin(self) -> None:
        """The log is known to its end: park what is to be parked, from now on at once."""
        found, self._found = self._found or {}, None
        for run_id, held in found.items():
            self._park(run_id, *held)

    def on_control(self, record: Recorded, *, is_broken: bool) -> None:
        """A run was paused or resumed, or is to compensate, for which it is taken up too.

        Args:
            record: `run_paused`, `run_resumed` or `run_compensating`.
            is_broken: Whether the run was folded once, and cannot go on from there.
        """
        run_id = record.event.run_id
        if self._found is not None:
            self._found.pop(run_id, None)
        if not isinstance(record.event, RunPaused) and (is_broken or run_id in self.unusable):
            self.resumed[run_id] = record.seq

    def refuse(self, event: RunStarted, seq: int, error: Exception) -> None:
        """End a run whose definition this scheduler cannot use."""
        message = f"the run's definition cannot be used: {error}"
        failed = RunFailed(
            id=f"{event.run_id}:run_failed",
            run_id=event.run_id,
            workflow_id=event.workflow_id,
            causation_id=event.id,
            error=Failure(code="run.definition_unusable", message=message, kind="input"),
        )
        self._outbox.append(failed, seq)

    def _park(self, run_id: str, workflow_id: str, seq: int, reason: str) -> None:
        if self._is_over(run_id):
            return
        log.error("run parked", run_id=run_id, seq=seq, reason=reason)
        event = RunPaused(
            id=f"{run_id}:run_paused:parked:{seq}",
            run_id=run_id,
            workflow_id=workflow_id,
            reason=f"event {seq}: {reason}"[:LONGEST_REASON],
            parked=True,
        )
        self._outbox.append(event, seq)
