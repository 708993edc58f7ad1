"""Runs folded from their logs, for all who look a run up by its id.

Here a run is loaded: by its newest snapshot and what came after it, where its log is long. What is
then read off its state, or decided about it, belongs to the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from runfold.background import in_turns
from runfold.bus.ports.bus import Bus
from runfold.contracts.events import Recorded
from runfold.engine.history.fold import Folder, Plans, beginning, folded
from runfold.engine.history.snapshot import restored
from runfold.errors import NotFound, UnknownRun
from runfold.ids import checked_token

LONG = 100
"""Events from which on a snapshot is looked for."""

T = TypeVar("T")


class History(NamedTuple):
    """A run, and all its events."""

    records: list[Recorded]
    folder: Folder


class RunLog:
    """Loads runs.

    All of it raises `InvalidRequest` for what cannot be a run's id, `Conflict` (`run.log_damaged`)
    for a log without a beginning that can be read, `BusUnavailable` when the broker does not
    answer, and `ArchiveCorrupt` for a run that is damaged in the archive.

    Args:
        bus: Where the logs and snapshots are.
        plans: Compiled plans, where they are shared with others.
    """

    def __init__(self, bus: Bus, plans: Plans | None = None) -> None:
        self._bus = bus
        self.plans = plans or Plans()

    async def find(self, run_id: str) -> Folder | None:
        """A run as it is now, to be decided about; None for an unknown run.

        It lacks the nodes inside items whose results are recorded: no decision reads them.
        """
        checked_token(run_id, "run id")
        begun = await self._bus.events.read_run(run_id, limit=LONG)
        folder = folded(begun, self.plans, lean=True)
        if folder is None or len(begun) < LONG:
            return folder
        taken = await self._bus.snapshots.get(run_id)
        if taken is not None:
            later = restored(taken, self.plans)
            # One of an earlier run of the same id, or of a log that was removed, is of no use.
            if later is not None and later.first_seq == folder.first_seq:
                folder = later
                folder.lean = True
        for record in await self._bus.events.read_run(run_id, after=folder.read_seq):
            folder.apply(record)
        return folder

    async def folded(self, run_id: str) -> Folder:
        """A run as it is now, to be decided about, as by `find`.

        Raises:
            UnknownRun: No such run.
        """
        folder = await self.find(run_id)
        if folder is None:
            raise UnknownRun(run_id)
        return folder

    async def whole(self, run_id: str, *, until: int | None = None) -> Folder:
        """A run with all its nodes, to be shown: as it is now, or as it was at a sequence.

        Raises:
            UnknownRun: No such run, or nothing of it up to that sequence.
        """
        return (await self.history(run_id, until=until)).folder

    async def history(self, run_id: str, *, until: int | None = None) -> History:
        """A run with all its nodes, and the events it was folded from.

        Raises:
            UnknownRun: No such run, or nothing of it up to that sequence.
        """
        records = await self.records(run_id, until=until)
        folder, _ = Folder.begin(records[0], self.plans)
        async for record in in_turns(records[1:]):
            folder.apply(record)
        return History(records, folder)

    async def records(self, run_id: str, *, until: int | None = None) -> list[Recorded]:
        """A run's events, `run_started` first.

        Raises:
            UnknownRun: No such run, or nothing of it up to that sequence.
        """
        found = await self._bus.events.read_run(checked_token(run_id, "run id"), until=until)
        if not found:
            raise UnknownRun(run_id, until)
        beginning(found)
        return found

    async def examined(self, run_id: str, look: Callable[[Folder], T]) -> tuple[Folder, T]:
        """A run as it is now, and the result of a look at it.

        Args:
            run_id: The run.
            look: Raises `NotFound` for a node that it does not find; the run is then folded with
                all its nodes and looked at again, so that one that is over is told from none.

        Raises:
            UnknownRun: No such run.
            NotFound: `look` did not find it among all nodes either.
        """
        folder = await self.folded(run_id)
        try:
            return folder, look(folder)
        except NotFound:
            folder = await self.whole(run_id)
            return folder, look(folder)
