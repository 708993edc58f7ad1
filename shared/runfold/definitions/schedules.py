"""The schedules that stored workflows ask the broker for, and those that it has not.

A workflow's schedules are paused by a note beside its versions, `<workflow>.schedules`.
"""

from __future__ import annotations

import hashlib

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.stores import KeyValue, Scheduled
from runfold.contracts.json_reader import WIRE, read_json
from runfold.contracts.requests import RunRequest
from runfold.contracts.subjects import workflow_token
from runfold.definitions.store import DefinitionStore, Head
from runfold.errors import RunfoldError
from runfold.graph.definition import Schedule
from runfold.graph.loader import workflow_from_canonical
from runfold.ids import is_id
from runfold.values.cron import broker_cron

LABEL = "schedule"
"""Of the runs of a schedule: its id."""
_in_order = msgspec.json.Encoder(order="deterministic").encode


class SchedulePause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Since when, and why, a workflow does not run by the clock."""

    paused_at: float
    """Unix seconds."""
    reason: str = ""


class Pauses:
    """Which workflows' schedules are paused.

    Args:
        bucket: The definitions' bucket. Schedulers watch it.
    """

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def get(self, workflow_id: str) -> SchedulePause | None:
        """A workflow's pause, if there is one."""
        found = await self._bucket.get(_key(workflow_id)) if is_id(workflow_id) else None
        return None if found is None else read_json(found[0], SchedulePause, bounds=WIRE)

    async def put(self, workflow_id: str, pause: SchedulePause) -> None:
        """Pause a workflow's schedules."""
        await self._bucket.put(_key(workflow_id), msgspec.json.encode(pause))

    async def drop(self, workflow_id: str) -> None:
        """Let a workflow's schedules go on."""
        await self._bucket.delete(_key(workflow_id))


def schedule_id(one: Schedule) -> str:
    """What a schedule is called among those of its workflow: the same as long as it is the same."""
    made_of = _in_order((one.cron, one.timezone, one.inputs))
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
            source=f"cron {one.cron}",
            labels={LABEL: schedule_id(one)},
        ),
    )


async def declared_schedules(store: DefinitionStore, head: Head) -> tuple[Schedule, ...]:
    """The schedules that a workflow's newest published version declares.

    Raises:
        NotFound: The version is not there.
    """
    stored = await store.get(head.workflow_id, str(head.latest))
    return workflow_from_canonical(stored.body).settings.schedules


async def schedules_of(store: DefinitionStore, pauses: Pauses, head: Head) -> tuple[Scheduled, ...]:
    """The schedules that the broker is to have for a workflow: none while they are paused.

    Raises:
        NotFound: The newest published version is not there.
        ExpressionFailed: `cron.invalid`, for a version that an older release let through.
    """
    declared = await declared_schedules(store, head)
    if declared and await pauses.get(head.workflow_id) is not None:
        return ()
    return tuple(scheduled(head.workflow_id, one) for one in declared)


async def unscheduled(bus: Bus) -> list[str]:
    """The workflows whose schedules are not all with the broker, each with the reason."""
    store, pauses = DefinitionStore(bus.definitions), Pauses(bus.definitions)
    amiss = []
    for head in await store.list():
        if not head.latest:
            continue
        try:
            wanted = await schedules_of(store, pauses, head)
            missing = await bus.crons.missing(head.workflow_id, wanted)
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


def _key(workflow_id: str) -> str:
    return f"{workflow_token(workflow_id)}.schedules"
