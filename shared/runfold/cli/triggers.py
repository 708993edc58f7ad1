"""`runfold triggers`: all that begins runs by itself, of published workflows, in one table."""

from __future__ import annotations

from pathlib import Path

import msgspec

from runfold.cli.outcome import OK, say
from runfold.cli.output import print_json, print_table
from runfold.cli.schedules import READS, all_schedules, state_of
from runfold.cli.stack import open_stack, settings_for
from runfold.client.schedules import ScheduleList, Schedules
from runfold.client.triggers import (
    SubjectDocument,
    SubjectList,
    WebhookDocument,
    WebhookList,
    subject_list,
    webhook_list,
)
from runfold.definitions.store import DefinitionStore
from runfold.definitions.subjects import SubjectTable, standings
from runfold.definitions.webhooks import WebhookTable


class TriggerList(msgspec.Struct, frozen=True):
    """All that begins runs by itself."""

    webhooks: WebhookList
    schedules: ScheduleList
    subjects: SubjectList


async def listed(server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print webhooks, schedules and subjects, each by workflow."""
    async with open_stack(settings_for(server, data_dir), READS) as stack:
        store = DefinitionStore(stack.bus.definitions)
        found = TriggerList(
            webhooks=webhook_list(await WebhookTable(store).all()),
            schedules=await all_schedules(Schedules(stack.bus, store)),
            subjects=subject_list(await standings(stack.bus, SubjectTable(store))),
        )
    if as_json:
        print_json(found)
        return OK
    rows = [
        *(
            ("webhook", one.workflow_id, _webhook(one), _webhook_state(one))
            for one in found.webhooks.items
        ),
        *(
            ("schedule", one.workflow_id, f"{one.cron} {one.timezone}".strip(), state_of(one))
            for one in found.schedules.items
        ),
        *(
            ("subject", one.workflow_id, f"{one.stream} {one.subject}", _subject_state(one))
            for one in found.subjects.items
        ),
    ]
    print_table(("KIND", "WORKFLOW", "TRIGGER", "STATE"), rows)
    for broken in found.schedules.unreadable:
        say(f"{broken.workflow_id}: {broken.reason}")
    return OK


def _webhook(one: WebhookDocument) -> str:
    return f"{'|'.join(one.methods)} /hooks/{one.path}"


def _webhook_state(one: WebhookDocument) -> str:
    return "another workflow has the same path: none answers" if one.conflict else "active"


def _subject_state(one: SubjectDocument) -> str:
    if one.problem:
        return one.problem
    return f"active, {one.waiting} waiting" if one.waiting else "active"
