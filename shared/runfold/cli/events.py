"""`runfold events`: a run's log as JSON lines."""

from __future__ import annotations

from pathlib import Path

from runfold.bus.viewer import RunViewer
from runfold.cli.outcome import OK
from runfold.cli.stack import open_stack, settings_for
from runfold.client.run_events import event_line
from runfold.errors import UnknownRun
from runfold.ids import checked_token


async def events(run_id: str, server: str, data_dir: Path | None, *, follow: bool) -> int:
    """Print the events there are, or go on until the run's last one.

    Raises:
        NotFound: No such run.
    """
    checked_token(run_id, "run id")
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        records = await stack.bus.events.read_run(run_id)
        if not records:
            raise UnknownRun(run_id)
        if not follow:
            for record in records:
                print(event_line(record).decode())
            return OK
        async for message in RunViewer(stack.bus).follow(run_id):
            print(event_line(message).decode(), flush=True)
    return OK
