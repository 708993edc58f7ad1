"""The schedules that stored workflows ask the broker for, and those that it has not."""

from __future__ import annotations

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.stores import Scheduled
from runfold.contracts.requests import RunRequest
from runfold.definitions.store import DefinitionStore, Head
from runfold.errors import RunfoldError
from runfold.graph.loader import workflow_from_canonical
from runfold.values.cron import broker_cron


async def schedules_of(store: DefinitionStore, head: Head) -> tuple[Scheduled, ...]:
    """The schedules of a workflow's newest published version; none of an archived workflow.

    Raises:
        NotFound: The version is not there.
        ExpressionFailed: `cron.invalid`, for a version that an older release let through.
    """
    if head.archived_at or head.deleted or not head.latest:
        return ()
    stored = await store.newest(head)
    return tuple(
        Scheduled(
            cron=broker_cron(one.cron),
            zone=one.timezone,
            request=RunRequest(
                workflow_id=head.workflow_id, inputs=one.inputs, source=f"cron {one.cron}"
            ),
        )
        for one in workflow_from_canonical(stored.body).settings.schedules
    )


async def unscheduled(bus: Bus) -> list[str]:
    """The workflows whose schedules are not all with the broker, each with the reason."""
    store = DefinitionStore(bus.definitions)
    amiss = []
    for head in await store.list():
        if not head.latest:
            continue
        try:
            missing = await bus.crons.missing(head.workflow_id, await schedules_of(store, head))
        except RunfoldError as error:
            amiss.append(f"{head.workflow_id}: {error.message}")
            continue
        if missing:
            named = ", ".join(repr(one.cron) for one in missing)
            amiss.append(
                f"{head.workflow_id}: the broker has not {named}; is a scheduler up? "
                "Its log says why a schedule is refused"
            )
    return amiss
