"""`runfold replay`: a run's state and timeline, from its log alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from runfold.bus.run_log import RunLog
from runfold.cli.outcome import OK
from runfold.cli.stack import open_stack, settings_for
from runfold.contracts.events import NodeEvent, Recorded, event_type
from runfold.engine.views.attempts import followed
from runfold.engine.views.runs import RunView, run_view
from runfold.ids import address_of, checked_token


async def replay(run_id: str, at: int, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print the run as its log has it, up to a sequence when one is given.

    Raises:
        NotFound: No such run, or nothing of it up to that sequence.
        Conflict: Its log has no beginning that can be read.
    """
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        runs = RunLog(stack.bus)
        records = await runs.records(run_id, until=at or None)
    folder, attempts = followed(records, runs.plans)
    view = run_view(folder.plan, folder.state, attempts)
    if as_json:
        print(msgspec.json.encode(view).decode())
        return OK
    _print_timeline(records)
    _print_state(view)
    return OK


def _print_timeline(records: list[Recorded]) -> None:
    begun = records[0].time
    for record in records:
        event = record.event
        where = ""
        if isinstance(event, NodeEvent) and event.node_id:
            where = address_of(event.scope, event.node_id)
            where += f" #{event.attempt}" if event.attempt > 1 else ""
        after = (record.time - begun) * 1e3
        print(f"{record.seq:>8}  +{after:9.1f} ms  {event_type(event):24} {where}")


def _print_state(view: RunView) -> None:
    started = datetime.fromtimestamp(view.started_at, UTC).isoformat(timespec="milliseconds")
    print(f"\nrun {view.run_id}  {view.workflow_id} version {view.version}  started {started}")
    print(f"status {view.status}  at sequence {view.last_seq}")
    for node in view.nodes:
        took = "" if node.duration is None else f"{node.duration * 1e3:9.1f} ms"
        print(f"  {node.address:28} {node.type:14} {node.status:10} {took}")
    for undone in view.compensation:
        print(f"  {undone.address:28} by {undone.by:11} {undone.status}")
    if view.error is not None:
        print(f"error at {view.error_node or 'the run'}: {view.error.code}: {view.error.message}")
    if view.outputs is not None:
        print(f"outputs {msgspec.json.format(msgspec.json.encode(view.outputs)).decode()}")
