"""What is answered when a schedule is changed or run by hand."""

from __future__ import annotations

import msgspec


class SchedulesPaused(msgspec.Struct, frozen=True):
    """The schedules of a workflow are paused, or go on."""

    workflow_id: str
    paused_at: float | None
    """Unix seconds; null: they go on."""
    reason: str = ""


class ScheduleRun(msgspec.Struct, frozen=True):
    """The run that was asked for."""

    run_id: str
