"""Keeps the broker's schedules as each workflow's newest published version says.

Every scheduler does so; doing it twice changes nothing. A schedule fires a run request like any
other, so no scheduler has to be up at that time.
"""

from __future__ import annotations

import asyncio

import structlog

from runfold.bus.ports.bus import Bus
from runfold.definitions.schedules import schedules_of
from runfold.definitions.store import DefinitionStore, Head
from runfold.errors import BusUnavailable, RunfoldError
from runfold_scheduler.settling import keep_settled

log = structlog.get_logger("scheduler")

PASSED_OVER_AFTER = 600.0
"""Seconds for which a deleted workflow is still looked at: a scheduler that had read it before it
was deleted may set its schedules late."""


class Crons:
    """Follows the definitions.

    Args:
        bus: Definitions and schedules.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._store = DefinitionStore(bus.definitions)
        self._changed = asyncio.Event()
        self._refused: dict[str, str] = {}
        """Workflow that could not be scheduled → the reason that was logged."""

    async def keep(self) -> None:
        """Keep the schedules right, for ever."""
        await keep_settled(self._bus, "schedules", self._settle, self._changed)

    async def _settle(self) -> None:
        for head in await self._store.heads.all():
            if self._has_no_schedules(head):
                continue
            try:
                changed = await self._schedule(head)
            except BusUnavailable:
                raise
            except (RunfoldError, ValueError) as error:
                self._report(head.workflow_id, str(error))
                continue
            except Exception as error:
                # A definition of any other release may be stored: one must not end all schedules.
                log.exception("workflow not scheduled", workflow=head.workflow_id)
                self._refused[head.workflow_id] = repr(error)
                continue
            self._refused.pop(head.workflow_id, None)
            if changed:
                log.info("workflow scheduled", workflow=head.workflow_id, changed=changed)

    def _has_no_schedules(self, head: Head) -> bool:
        """Whether a workflow was never published, or was deleted long enough ago."""
        if head.deleted:
            return head.swept and self._store.now() - head.updated_at > PASSED_OVER_AFTER
        return not head.latest

    async def _schedule(self, head: Head) -> int:
        wanted = await schedules_of(self._store, head)
        changed = await self._bus.crons.replace(head.workflow_id, wanted)
        if head.deleted:
            await self._store.finish_deleting(head)
        return changed

    def _report(self, workflow_id: str, reason: str) -> None:
        """Log a refusal once, not each time that all workflows are looked at."""
        if self._refused.get(workflow_id) != reason:
            self._refused[workflow_id] = reason
            log.warning("workflow not scheduled", workflow=workflow_id, reason=reason)
