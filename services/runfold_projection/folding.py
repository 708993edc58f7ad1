"""Folding the log for the read model: the runs in progress, and what each batch changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from runfold.archive.chain import StoredRecord, opened, recorded
from runfold.bus.ports.messages import Undeliverable
from runfold.bus.run_log import RunLog
from runfold.contracts.events import Recorded, RunStarted
from runfold.engine.history.fold import Folder
from runfold.engine.state.runs import UNENDED, RunState
from runfold.engine.views.attempts import Attempts, followed
from runfold.engine.views.runs import node_document, place_of, run_document
from runfold.errors import ArchiveCorrupt, BusUnavailable, UnknownRun
from runfold_projection.store import NodeRow, ReadModel, RunRows
from runfold_projection.texts import text_of_run

log = structlog.get_logger("projection")

AGAIN = 0.5
"""Seconds until a run that could not be read is read again."""


def given_up(before: RunState, after: RunState) -> list[str]:
    """Nodes that one event, which need not name them, may have made count as cancelled."""
    if after.ended:
        return list(before.open)
    closed = len(after.scopes) < len(before.scopes)
    if closed or (after.saga is not None and before.saga is None):
        return [address for address in before.open if address not in after.open]
    return []


class Held:
    """A run in progress, and the attempts of its nodes."""

    __slots__ = ("attempts", "folder", "is_written")

    def __init__(self, folder: Folder, attempts: Attempts) -> None:
        self.folder = folder
        self.attempts = attempts
        self.is_written = False
        """Whether what does not change in it was given to be written."""


class Folding:
    """Keeps the state of each run in progress.

    Args:
        runs: Loads those that began before this process did.
        model: Asked which those are.
    """

    def __init__(self, runs: RunLog, model: ReadModel) -> None:
        self._runs = runs
        self._model = model
        self._held: dict[str, Held] = {}

    async def fold(self, batch: Iterable[Recorded | Undeliverable]) -> list[RunRows]:
        """Fold a batch; returns what it changed, a run once."""
        touched: dict[str, dict[str, None]] = {}
        for record in batch:
            if isinstance(record, Undeliverable):
                continue
            changed = await self._apply(record)
            if changed is not None:
                touched.setdefault(record.event.run_id, {}).update(dict.fromkeys(changed))
        rows = []
        for run_id, addresses in touched.items():
            try:
                rows.append(self._rows(run_id, addresses))
            except Exception as error:  # noqa: BLE001 -- one bad run must not hold up the others
                self._give_up(run_id, error)
            if self._held[run_id].folder.state.ended:
                del self._held[run_id]
        return rows

    async def archived(self, record: StoredRecord) -> RunRows | None:
        """All rows of an archived run, or None when the model has its end already."""
        run_id = record.run_id
        # Nothing of it is still to come, and what we hold may lack its end.
        self._held.pop(run_id, None)
        status = await self._model.status(run_id)
        if status is not None and status not in UNENDED:
            return None
        try:
            records = recorded(opened(record))
            held = Held(*followed(records, self._runs.plans)) if records else None
        except ArchiveCorrupt as error:
            # One bad record must not take away the sight of all others.
            log.error("archived run cannot be read", run_id=run_id, seq=record.seq, code=error.code)  # noqa: TRY400
            return None
        except Exception as error:  # noqa: BLE001 -- one bad run must not hold up the others
            self._give_up(run_id, error)
            return None
        if held is None:
            return None
        self._held[run_id] = held
        try:
            return self._rows(run_id, held.folder.state.nodes)
        except Exception as error:  # noqa: BLE001 -- one bad run must not hold up the others
            self._give_up(run_id, error)
            return None
        finally:
            del self._held[run_id]

    async def _apply(self, record: Recorded) -> list[str] | None:
        """Addresses that an event changed; None when it concerns no run in progress."""
        event = record.event
        held = self._held.get(event.run_id)
        if held is None:
            held = await self._begin(record)
            return None if held is None else list(held.folder.state.nodes)
        folder = held.folder
        before = folder.state
        try:
            touched = list(held.attempts.apply(record, folder))
        except Exception as error:  # noqa: BLE001 -- one bad run must not hold up the others
            self._give_up(event.run_id, error)
            return []
        if folder.state is before:
            return []
        return [*touched, *given_up(before, folder.state)]

    async def _begin(self, record: Recorded) -> Held | None:
        """The run of an event whose state is not held: a new one, or one from before."""
        run_id = record.event.run_id
        while True:
            try:
                held = await self._begun(record)
            except BusUnavailable as error:
                log.warning("run cannot be read yet", run_id=run_id, reason=str(error))
                await asyncio.sleep(AGAIN)
                continue
            except Exception as error:  # noqa: BLE001 -- a log may hold anything: other runs go on
                self._give_up(run_id, error)
                return None
            if held is not None:
                self._held[run_id] = held
            return held

    async def _begun(self, record: Recorded) -> Held | None:
        run_id = record.event.run_id
        status = await self._model.status(run_id)
        if isinstance(record.event, RunStarted):
            return Held(*followed((record,), self._runs.plans)) if status is None else None
        if status not in UNENDED:
            return None
        try:
            records = await self._runs.records(run_id, until=record.seq)
            return Held(*followed(records, self._runs.plans))
        except UnknownRun:
            return None

    @staticmethod
    def _give_up(run_id: str, error: Exception) -> None:
        """One bad run must not hold up the others; its row stays as it was."""
        log.error("event cannot be folded", run_id=run_id, reason=str(error))

    def _rows(self, run_id: str, addresses: Iterable[str]) -> RunRows:
        held = self._held[run_id]
        folder = held.folder
        plan, state = folder.plan, folder.state
        nodes = tuple(
            NodeRow(place_of(plan, address), node_document(plan, state, address, held.attempts))
            for address in addresses
            if address in state.nodes
        )
        run = run_document(plan, state, ())
        # What is looked for in changes when the run begins and when it ends.
        text = text_of_run(run) if state.ended or not held.is_written else None
        held.is_written = True
        return RunRows(run, folder.first_seq, nodes, text)
