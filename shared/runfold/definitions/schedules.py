"""The schedules that stored workflows ask the broker for, and those that it has not."""

from __future__ import annotations

import hashlib

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.stores import Scheduled
from runfold.contracts.requests import RunRequest
from runfold.definitions.store import DefinitionStore, Head
from runfold.errors import RunfoldError
from runfold.graph.definition import Schedule
from runfold.graph.loader import workflow_from_canonical
from runfold.values.cron import broker_cron

LABEL = "schedule"
"""Of the runs of a schedule: its id."""
CLOCK = "cron "
"""Begins the source of a request that the broker made when a schedule's time came."""
_in_order = msgspec.json.Encoder(order="deterministic").encode


def schedule_id(workflow_id: str, one: Schedule) -> str:
    """What a schedule is called: the same as long as it is the same, and another's is another.

    Runs are looked up by it, those of one workflow alone.
    """
    made_of = _in_order((workflow_id, one.cron, one.timezone, one.inputs))
    return hashlib.blake2b(made_of, digest_size=4).hexdigest()


def scheduled(workflow_id: str, one: Schedule) -> Scheduled:
    """A schedule as the broker is asked for it.

    Raises:
        ExpressionFailed: `cron.invalid`, for a version that an older release let through.
    """
    return Scheduled(
        cron=broker_cron(one.cron),
        zone=one.timezone,
        request=RunRequest(
            workflow_id=workflow_id,
            inputs=one.inputs,
            source=CLOCK + one.cron,
            labels={LABEL: schedule_id(workflow_id, one)},
        ),
    )


async def comes_while_paused(store: DefinitionStore, request: RunRequest, stored_at: float) -> bool:
    """Whether the broker asks for a run by a schedule although the workflow's are paused.

    It does so while no scheduler is up that takes them from it. What came before the pause counts.
    """
    if LABEL not in request.labels or not request.source.startswith(CLOCK):
        return False
    found = await store.heads.trace(request.workflow_id, again=True)
    pause = found[0].schedules_paused if found is not None else None
    return pause is not None and stored_at >= pause.paused_at


async def declared_schedules(store: DefinitionStore, head: Head) -> tuple[Schedule, ...]:
    """The schedules that a workflow's newest published version declares.

    Raises:
        NotFound: The version is not there.
    """
    if head.deleted or not head.latest:
        return ()
    return workflow_from_canonical((await store.newest(head)).body).settings.schedules


async def schedules_of(store: DefinitionStore, head: Head) -> tuple[Scheduled, ...]:
    """The schedules that the broker is to have for a workflow.

    None of an archived workflow, and none while they are paused.

    Raises:
        NotFound: The newest published version is not there.
        ExpressionFailed: `cron.invalid`, for a version that an older release let through.
    """
    if head.archived_at or head.schedules_paused is not None:
        return ()
    declared = await declared_schedules(store, head)
    return tuple(scheduled(head.workflow_id, one) for one in declared)


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
