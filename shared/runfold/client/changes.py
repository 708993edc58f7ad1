"""One stream of what changes in a deployment, made of what three sources store.

Each change has a place in all of them, so that another process that reads the same sources knows
what a client has not seen yet.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from itertools import accumulate
from typing import Any, NamedTuple

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.notices import Notice, Source
from runfold.client.change_documents import Change, DeadChange, WorkflowChange
from runfold.client.run_changes import TYPES, RunChanges
from runfold.definitions.heads import Head, Heads
from runfold.errors import BusUnavailable, InvalidRequest, Undecodable

log = structlog.get_logger("changes")

AGAIN = 0.5
"""Seconds until what could not be read is read again."""
SHOWN = 80
"""Characters of an id that cannot be one that are shown."""
_ID = re.compile(r"e([0-9]{1,18})-w([0-9]{1,18})-d([0-9]{1,18})")


class ChangePlace(NamedTuple):
    """How far each source has been read."""

    events: int = 0
    definitions: int = 0
    dead: int = 0

    @property
    def id(self) -> str:
        """As clients are told it."""
        return f"e{self.events}-w{self.definitions}-d{self.dead}"

    def is_before(self, other: ChangePlace) -> bool:
        """Whether no source has been read further than at another place."""
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))

    def furthest(self, other: ChangePlace) -> ChangePlace:
        """The place at which each source has been read as far as at either."""
        return ChangePlace(*map(max, self, other))

    def of(self, source: Source) -> int:
        """The sequence in one source."""
        return int(getattr(self, source))

    def at(self, source: Source, seq: int) -> ChangePlace:
        """The place once a source has been read so far."""
        return self._replace(**{source: max(seq, self.of(source))})


def change_place(text: str) -> ChangePlace | None:
    """The place that an id names; None for an empty one.

    Raises:
        InvalidRequest: It is not an id of this stream.
    """
    if not text.strip():
        return None
    found = _ID.fullmatch(text.strip())
    if found is None:
        message = (
            f"Last-Event-ID {text[:SHOWN]!r} is not an id of the stream of changes, which are "
            "e<number>-w<number>-d<number>"
        )
        raise InvalidRequest(message, code="stream.position")
    return ChangePlace(*map(int, found.groups()))


class Placed(NamedTuple):
    """A change and where it comes from."""

    source: Source
    seq: int
    place: ChangePlace
    """How far all sources have been read with it."""
    change: Change


OnChange = Callable[[list[Placed], ChangePlace], None]


class ChangeReader:
    """Reads the sources from now on.

    Args:
        bus: Where they are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._runs = RunChanges(bus)
        self._heads = Heads(bus.definitions)
        self._known: dict[str, Head] = {}
        self.place = ChangePlace()

    async def begin(self) -> None:
        """Learn where the sources are now, and what there is to compare with.

        Raises:
            BusUnavailable: They cannot be read.
        """
        self.place = await newest_place(self._bus)
        self._known = {head.workflow_id: head for head in await self._heads.all()}
        await self._runs.begin()

    async def read(self, on_change: OnChange) -> None:
        """Call `on_change` with what changes, batch by batch, for ever.

        A batch without a change is told of as well: the place has moved.
        """
        async with asyncio.TaskGroup() as group:
            for reading in (
                self._follow("events", self._of_runs, on_change, TYPES),
                self._follow("definitions", self._of_workflows, on_change),
                self._follow("dead", self._of_dead, on_change),
            ):
                group.create_task(reading)

    async def _follow(
        self,
        source: Source,
        read: Callable[[list[Notice]], Coroutine[Any, Any, list[tuple[int, Change]]]],
        on_change: OnChange,
        types: tuple[str, ...] = (),
    ) -> None:
        notices = self._bus.notices.follow(source, after=self.place.of(source), types=types)
        async for batch in notices:
            changes = await _in_time(read, batch)
            placed = []
            # With each, everything is read that is older than all of those still to come.
            passed = [*_least_of_rest([seq for seq, _ in changes]), batch[-1].seq + 1][1:]
            for (seq, change), least in zip(changes, passed, strict=True):
                self.place = self.place.at(source, least - 1)
                placed.append(Placed(source, seq, self.place, change))
            self.place = self.place.at(source, batch[-1].seq)
            on_change(placed, self.place)

    async def _of_runs(self, batch: list[Notice]) -> list[tuple[int, Change]]:
        return list(await self._runs.of(batch))

    async def _of_dead(self, batch: list[Notice]) -> list[tuple[int, Change]]:
        return [(one.seq, DeadChange(one.seq)) for one in batch]

    async def _of_workflows(self, batch: list[Notice]) -> list[tuple[int, Change]]:
        newest = {one.workflow_id: one.seq for one in batch}
        changes: list[tuple[int, Change]] = []
        for workflow_id, seq in newest.items():
            try:
                found = await self._heads.trace(workflow_id)
            except Undecodable as error:
                log.warning("workflow passed over", workflow=workflow_id, reason=str(error))
                continue
            if found is None:
                continue
            head, before = found[0], self._known.get(workflow_id)
            self._known[workflow_id] = head
            was_told = before is not None and (before == head or (before.deleted and head.deleted))
            if not was_told:
                changes.append((seq, workflow_change(before, head)))
        return changes


def workflow_change(before: Head | None, head: Head) -> WorkflowChange:
    """What became of a workflow, by its head before and after."""
    version = head.latest or None
    if head.deleted:
        return WorkflowChange(head.workflow_id, version, "deleted")
    if before is None or before.deleted:
        return WorkflowChange(head.workflow_id, version, "published" if version else "draft")
    if head.latest > before.latest:
        return WorkflowChange(head.workflow_id, version, "published")
    if head.draft != before.draft:
        return WorkflowChange(head.workflow_id, version, "draft")
    is_archived = bool(head.archived_at) and not before.archived_at
    return WorkflowChange(head.workflow_id, version, "archived" if is_archived else "changed")


def _least_of_rest(numbers: list[int]) -> list[int]:
    """For each number the least of it and those after it."""
    return list(accumulate(reversed(numbers), min))[::-1]


async def newest_place(bus: Bus) -> ChangePlace:
    """Where the sources are now. Raises `BusUnavailable`."""
    newest = bus.notices.newest
    return ChangePlace(await newest("events"), await newest("definitions"), await newest("dead"))


async def _in_time(
    read: Callable[[list[Notice]], Coroutine[Any, Any, list[tuple[int, Change]]]],
    batch: list[Notice],
) -> list[tuple[int, Change]]:
    """What a batch comes to, however long the broker is away: nothing is skipped."""
    while True:
        try:
            return await read(batch)
        except BusUnavailable as error:
            log.warning("waiting to read what changed", reason=str(error))
            await asyncio.sleep(AGAIN)
