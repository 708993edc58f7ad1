"""What must hold of every run when all is over: by log, projection, archive and journal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from runfold.archive.chain import recorded
from runfold.archive.verify import Break, Verification
from runfold.bus.ports.bus import Bus
from runfold.cli.torture.journal import Line
from runfold.cli.torture.load import Expected
from runfold.contracts import events as e
from runfold.contracts import queries as q
from runfold.engine.history.fold import Plans
from runfold.engine.views.attempts import followed
from runfold.engine.views.runs import RunView, run_view
from runfold.errors import BusUnavailable
from runfold.ids import address_of

LOOKS, LOOK_AGAIN = 200, 0.1
"""How often, and after how many seconds, who is behind is asked again."""


class Violation(msgspec.Struct, frozen=True):
    """Something that must not be."""

    run_id: str
    what: str


class Checker:
    """Checks runs one by one.

    Args:
        bus: Where their log is.
        journal: The file of side effects.
    """

    def __init__(self, bus: Bus, journal: Path) -> None:
        self._bus = bus
        self._plans = Plans()
        self._keys = _keys_of(journal)
        self._views: dict[str, RunView] = {}
        """Runs as they were checked."""
        self.events = 0
        self.duplicates = 0
        """Events in the log that changed nothing."""

    async def check(self, run_id: str, expected: Expected) -> list[Violation]:
        """All that is wrong with a run."""
        records = await self._bus.events.read_run(run_id)
        if not records or not isinstance(records[0].event, e.RunStarted):
            return [Violation(run_id, "accepted, but its log is empty")]
        view, accepted, idle = self._folded(records)
        self.events += len(records)
        self.duplicates += idle
        self._views[run_id] = view
        found = [
            *self._ending(view, expected),
            *(
                f"attempt {what} has {count} accepted endings"
                for what, count in accepted.items()
                if count > 1
            ),
            *self._side_effects(run_id, accepted),
            *await self._projected(view),
        ]
        return [Violation(run_id, what) for what in found]

    async def check_archive(self, within: float) -> list[Violation]:
        """All that is wrong with the archive, which must get to have every run that was checked.

        Args:
            within: Seconds the archiver has for what it has not moved yet.
        """
        found = [Violation(one, "is not archived") for one in await self._unarchived(within)]
        verification, breaks = Verification(await self._bus.archive.extent()), list[Break]()
        async for record in self._bus.archive.records():
            breaks += verification.look(record)
        breaks += verification.end()
        found += [Violation(one.run_id, f"archive, {one.seq}: {one.reason}") for one in breaks]
        for run_id, view in self._views.items():
            archived = await self._bus.archive.read(run_id)
            if archived is not None:
                again, *_ = self._folded(recorded(archived))
                if again != view:
                    found.append(Violation(run_id, "archive and log differ"))
        return found

    async def _unarchived(self, within: float) -> list[str]:
        """Runs the log still has once that time is over."""
        until = asyncio.get_running_loop().time() + within
        left = []
        for run_id in self._views:
            while is_left := await self._bus.raw.has_run(run_id):
                if asyncio.get_running_loop().time() > until:
                    break
                await asyncio.sleep(LOOK_AGAIN)
            left += [run_id] * is_left
        return left

    def _folded(self, records: list[e.Recorded]) -> tuple[RunView, Counter[str], int]:
        """The run's state, how many endings of each attempt counted, and events that did not."""
        folder, attempts = followed(records[:1], self._plans)
        accepted: Counter[str] = Counter()
        idle = 0
        for record in records[1:]:
            before, event = folder.state, record.event
            attempts.apply(record, folder)
            if folder.state is before:
                idle += 1
            elif isinstance(event, e.NodeRunSucceeded | e.NodeRunFailed):
                accepted[f"{address_of(event.scope, event.node_id)}#{event.attempt}"] += 1
        return run_view(folder.plan, folder.state, attempts), accepted, idle

    @staticmethod
    def _ending(view: RunView, expected: Expected) -> Iterable[str]:
        if view.finished_at is None:
            yield f"has not ended: {view.status}"
        elif view.status not in expected.statuses:
            yield f"ended {view.status}, expected {' or '.join(expected.statuses)}: {view.error}"
        elif view.status == "succeeded" and view.outputs != expected.outputs:
            yield f"has outputs {view.outputs}, expected {expected.outputs}"

    def _side_effects(self, run_id: str, accepted: Counter[str]) -> Iterable[str]:
        for attempt, keys in self._keys.get(run_id, {}).items():
            if len(keys) > 1:
                yield f"attempt {attempt} had {len(keys)} idempotency keys"
        for attempt in self._keys.get(run_id, {}):
            if accepted[attempt] > 1:
                yield f"side effect of attempt {attempt} was accepted {accepted[attempt]} times"

    async def _projected(self, view: RunView) -> Iterable[str]:
        for _ in range(LOOKS):
            try:
                body = await self._bus.query(q.GET_RUN, msgspec.json.encode(q.GetRun(view.run_id)))
            except BusUnavailable as error:
                return [f"no projection: {error}"]
            answer = msgspec.json.decode(body, type=q.Answer[RunView])
            if answer.too_large:
                return []
            if answer.item is not None and answer.item.last_seq >= view.last_seq:
                break
            # It was killed too, and still has to catch up.
            await asyncio.sleep(LOOK_AGAIN)
        else:
            return ["the projection does not catch up with it"]
        folded = msgspec.json.decode(msgspec.json.encode(view), type=RunView)
        return [] if answer.item == folded else ["projection and fold differ"]


def _keys_of(journal: Path) -> dict[str, dict[str, set[str]]]:
    """Run → attempt → idempotency keys that were used for it."""
    found: dict[str, dict[str, set[str]]] = {}
    if journal.exists():
        for text in journal.read_bytes().splitlines():
            line = msgspec.json.decode(text, type=Line)
            attempts = found.setdefault(line.run_id, {})
            attempts.setdefault(f"{line.address}#{line.attempt}", set()).add(line.key)
    return found
