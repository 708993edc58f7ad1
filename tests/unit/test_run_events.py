"""A page of a run's events reads no more of the log than it needs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.client.run_events import EventQuery, found_events
from runfold.contracts import events as e
from runfold.settings import Settings

ABOUT: dict[str, Any] = {"run_id": "r", "workflow_id": "w"}
COUNT = 3_000


class Watched:
    """A log that notes how many events each look at it gave."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self.gave: list[int] = []

    async def read_run(self, run_id: str, **which: Any) -> list[e.Recorded]:
        found = await self._log.read_run(run_id, **which)
        self.gave.append(len(found))
        return found


@pytest.fixture
async def log() -> Watched:
    bus = MemoryBus(Settings())
    await bus.events.append(e.RunStarted(id="s", definition=msgspec.Raw(b"{}"), **ABOUT))
    for number in range(COUNT):
        node = "rare" if number % 1_000 == 999 else "n"
        started = e.NodeRunStarted(id=f"{number}", node_id=node, attempt=number + 1, **ABOUT)
        await bus.events.append(started)
    return Watched(bus.events)


@pytest.mark.parametrize("after", [0, 1_500, COUNT - 50])
async def test_a_page_reads_a_page(log: Watched, after: int) -> None:
    found = await found_events(log, "r", EventQuery(after), 20)  # type: ignore[arg-type]
    assert [record.seq for record in found.records] == [*range(after + 1, after + 21)]
    assert found.next_after == after + 20
    assert sum(log.gave) <= 101


async def test_what_is_rare_is_looked_for_in_ever_larger_pieces(log: Watched) -> None:
    found = await found_events(log, "r", EventQuery(node="rare"), 2)  # type: ignore[arg-type]
    assert [record.event.attempt for record in found.records] == [1_000, 2_000]
    assert found.next_after == found.records[-1].seq
    assert len(log.gave) == 2
    rest = await found_events(log, "r", EventQuery(found.next_after, node="rare"), 2)  # type: ignore[arg-type]
    assert ([record.event.attempt for record in rest.records], rest.next_after) == ([3_000], None)


@pytest.mark.parametrize(("after", "before"), [(5, 5), (5, 6), (9, 3), (0, 0), (0, 1)])
async def test_an_empty_span_reads_nothing(log: Watched, after: int, before: int) -> None:
    found = await found_events(log, "r", EventQuery(after, before), 20)  # type: ignore[arg-type]
    assert (found.records, found.next_after, log.gave) == ([], None, [])
