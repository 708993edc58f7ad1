"""A run from its log for who decides about it, by way of a snapshot where the log is long."""

from __future__ import annotations

from runfold.bus.ports.bus import Bus
from runfold.engine.history.fold import Folder, Plans, folded
from runfold.engine.history.snapshot import restored

LONG = 100
"""Events from which on a snapshot is looked for."""


async def load_run(bus: Bus, run_id: str, plans: Plans) -> Folder | None:
    """A run folded up to the end of its log, to be decided about; None when there is no such run.

    It lacks the nodes of items whose results are recorded: nothing is decided by those any more.

    Raises:
        Conflict: Its log has no beginning that can be read.
        BusUnavailable: When the broker does not answer.
        ArchiveCorrupt: When it is in the archive, and damaged there.
    """
    beginning = await bus.events.read_run(run_id, limit=LONG)
    folder = folded(beginning, plans, lean=True)
    if folder is None or len(beginning) < LONG:
        return folder
    taken = await bus.snapshots.get(run_id)
    if taken is not None:
        later = restored(taken, plans)
        # One of an earlier run of the same id, or of a log that is no more, is no use.
        if later is not None and later.first_seq == folder.first_seq:
            folder = later
            folder.lean = True
    for record in await bus.events.read_run(run_id, after=folder.read_seq):
        folder.apply(record)
    return folder
