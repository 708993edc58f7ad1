"""Taking snapshots of long runs, so that one that wakes or moves need not be folded whole."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import structlog

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.engine.history.snapshot import snapshot
from runfold.errors import BusUnavailable
from runfold_scheduler.actor import RunActor

log = structlog.get_logger("scheduler")

EVERY = 5_000
"""Events of a run between its snapshots."""


class SnapshotKeeper:
    """Keeps snapshots of the runs of one owner.

    Args:
        bus: Where they are kept.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._working = Background()
        self._taken: set[str] = set()

    def consider(self, actor: RunActor) -> None:
        """Take a snapshot if enough has happened since the last."""
        if actor.unsaved < EVERY or actor.broken:
            return
        actor.unsaved = 0
        run_id = actor.state.run_id
        try:
            taken = snapshot(actor.folder)
        except Exception as error:  # noqa: BLE001 -- a value without a form there: it goes on without
            log.warning(
                "snapshot not made", run_id=run_id, reason=f"{type(error).__name__}: {error}"
            )
            return
        self._taken.add(run_id)
        self._work(self._bus.snapshots.put(run_id, taken), run_id)

    def drop(self, run_id: str) -> None:
        """A run has ended: its snapshot is of no use."""
        if run_id in self._taken:
            self._taken.discard(run_id)
            self._work(self._bus.snapshots.drop(run_id), run_id)

    def _work(self, doing: Coroutine[Any, Any, None], run_id: str) -> None:
        async def work() -> None:
            try:
                await doing
            except BusUnavailable as error:
                log.warning("snapshot not kept", run_id=run_id, reason=str(error))

        self._working.start(work())
