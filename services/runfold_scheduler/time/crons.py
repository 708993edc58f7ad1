"""Keeping the schedules of workflows as their newest published versions say.

Every scheduler does so; doing it twice changes nothing. What a schedule fires is a run request like
any other, so no scheduler has to be there at the time.
"""

from __future__ import annotations

import asyncio

import structlog

from runfold.bus.ports.bus import Bus
from runfold.contracts.requests import RunRequest
from runfold.definitions.store import DefinitionStore
from runfold.errors import BusUnavailable, RunfoldError
from runfold.graph.loader import workflow_from_canonical
from runfold.values.cron import broker_cron

log = structlog.get_logger("scheduler")

LOOK_EVERY = 30.0
"""Seconds after which all are looked at although no change was heard of."""
AGAIN = 1.0


class Crons:
    """Follows the definitions.

    Args:
        bus: Definitions and schedules.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._store = DefinitionStore(bus.definitions)
        self._changed = asyncio.Event()

    async def keep(self) -> None:
        """Keep the schedules right, for ever."""
        stop = await self._bus.definitions.watch(lambda _key, _value: self._changed.set())
        try:
            while True:
                self._changed.clear()
                try:
                    await self._settle()
                except BusUnavailable as error:
                    log.warning("schedules not settled", reason=str(error))
                    await asyncio.sleep(AGAIN)
                    continue
                await self._look_up()
        finally:
            await stop()

    async def _look_up(self) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), LOOK_EVERY)
        except TimeoutError:
            return

    async def _settle(self) -> None:
        for head in await self._store.list():
            if not head.latest:
                continue
            try:
                stored = await self._store.get(head.workflow_id, str(head.latest))
                workflow = workflow_from_canonical(stored.body)
                wanted = {
                    (broker_cron(one.cron), one.timezone): RunRequest(
                        workflow_id=head.workflow_id, inputs=one.inputs, source=f"cron {one.cron}"
                    )
                    for one in workflow.settings.schedules
                }
                changed = await self._bus.crons.replace(head.workflow_id, wanted)
            except BusUnavailable:
                raise
            except (RunfoldError, ValueError) as error:
                log.warning("workflow not scheduled", workflow=head.workflow_id, reason=str(error))
                continue
            except Exception:
                # A definition of any other release may be stored: one must not end all schedules.
                log.exception("workflow not scheduled", workflow=head.workflow_id)
                continue
            if changed:
                log.info("workflow scheduled", workflow=head.workflow_id, schedules=len(wanted))
