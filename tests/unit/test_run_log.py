"""Loading runs by their ids: from the log, by a snapshot, and what is said about unknown ones."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.run_log import LONG, RunLog
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from runfold.engine.accept.answers import accepted
from runfold.engine.history.fold import Folder
from runfold.engine.history.snapshot import snapshot
from runfold.errors import Conflict, InvalidRequest, NotFound, UnknownRun
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import review_token
from runfold.settings import Settings

ITEMS = 60
EACH: dict[str, Any] = {"run_id": "r", "workflow_id": "w", "node_id": "each"}


class CountingLog:
    """A log that knows how many events were read from it."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)

    async def read_run(self, run_id: str, **where: Any) -> list[e.Recorded]:
        found = await self._events.read_run(run_id, **where)
        self.read += len(found)
        return found


def started(node_type: str = "noop", config: dict[str, Any] | None = None) -> e.RunStarted:
    """A loop over items, of which each is a node."""
    node = {"id": "n", "type": node_type, "config": config or {}}
    loop = {"items": list(range(ITEMS)), "nodes": [node]}
    workflow, _ = prepare({"id": "w", "nodes": [{"id": "each", "type": "loop", "config": loop}]})
    definition = msgspec.Raw(canonical_bytes(workflow))
    return e.RunStarted(id="r:s", run_id="r", workflow_id="w", definition=definition)


async def begun(first: e.RunStarted, items: int) -> MemoryBus:
    """A bus with a run of which so many items have ended."""
    bus = MemoryBus(Settings())
    await bus.events.start_run(first)
    every: list[Any] = list(range(ITEMS))
    await bus.events.append(e.LoopStarted(id="r:each", items=every, concurrency=1, **EACH))
    await go_on(bus, range(items))
    return bus


async def go_on(bus: MemoryBus, items: range) -> None:
    for index in items:
        about: dict[str, Any] = {**EACH, "node_id": "n", "scope": f"each[{index}]"}
        for event in (
            e.LoopNext(id=f"r:{index}", index=index, **EACH),
            e.NodeRunStarted(id=f"r:{index}:b", **about),
            e.NodeRunSucceeded(id=f"r:{index}:s", outputs={"output": index}, **about),
            e.LoopItemSucceeded(id=f"r:{index}:e", index=index, output=index, **EACH),
        ):
            await bus.events.append(event)


async def test_a_run_is_as_its_log_has_it_without_the_nodes_of_recorded_items() -> None:
    runs = RunLog(await begun(started(), 50))
    found, whole = await runs.folded("r"), await runs.whole("r")
    assert found.read_seq == whole.read_seq == 202
    assert found.state.status == whole.state.status == "running"
    assert "each[49]/n" in whole.state.nodes
    assert "each[49]/n" not in found.state.nodes


async def test_a_long_log_is_read_from_its_snapshot_on() -> None:
    bus = await begun(started(), 50)
    expected = await RunLog(bus).folded("r")
    await bus.snapshots.put("r", snapshot(expected))
    await go_on(bus, range(50, 52))
    bus.events = counting = CountingLog(bus.events)  # type: ignore[assignment]
    found = await RunLog(bus).folded("r")
    assert counting.read == LONG + 8
    del bus.snapshots._bodies["r"]
    again = await RunLog(bus).folded("r")
    assert counting.read == LONG + 8 + 210
    assert found.state == again.state
    assert (found.read_seq, found.lean) == (210, True)


async def test_a_short_log_is_read_once_and_no_snapshot_is_looked_for() -> None:
    bus = await begun(started(), 3)
    del bus.snapshots
    bus.events = counting = CountingLog(bus.events)  # type: ignore[assignment]
    assert (await RunLog(bus).folded("r")).read_seq == counting.read == 14


async def test_a_snapshot_of_another_log_is_not_used() -> None:
    bus = await begun(started(), 50)
    other = await begun(started(), 60)
    taken = await RunLog(other).folded("r")
    taken.first_seq = 7
    await bus.snapshots.put("r", snapshot(taken))
    assert (await RunLog(bus).folded("r")).read_seq == 202


@pytest.mark.parametrize("body", [b"", b"damaged"])
async def test_a_damaged_snapshot_is_not_used(body: bytes) -> None:
    bus = await begun(started(), 50)
    await bus.snapshots.put("r", body)
    assert (await RunLog(bus).folded("r")).read_seq == 202


async def test_a_run_is_seen_as_it_was() -> None:
    runs = RunLog(await begun(started(), 50))
    records, folder = await runs.history("r", until=10)
    assert [record.seq for record in records] == list(range(1, 11))
    assert folder.read_seq == 10
    with pytest.raises(UnknownRun, match="no run 'r' up to sequence 0"):
        await runs.whole("r", until=0)


@pytest.mark.parametrize("load", [RunLog.folded, RunLog.whole, RunLog.history, RunLog.records])
async def test_an_unknown_run_is_one_error_everywhere(load: Any) -> None:
    with pytest.raises(UnknownRun, match="no run 'r'") as caught:
        await load(RunLog(MemoryBus(Settings())), "r")
    assert caught.value.code == "run.not_found"


async def test_an_unknown_run_is_none_for_who_expects_it() -> None:
    assert await RunLog(MemoryBus(Settings())).find("r") is None


@pytest.mark.parametrize(
    "load", [RunLog.find, RunLog.folded, RunLog.whole, RunLog.history, RunLog.records]
)
async def test_a_log_without_its_beginning_is_one_error_everywhere(load: Any) -> None:
    bus = MemoryBus(Settings())
    await bus.events.append(e.RunPaused(id="p", run_id="r", workflow_id="w"))
    with pytest.raises(Conflict, match="does not begin with run_started") as caught:
        await load(RunLog(bus), "r")
    assert caught.value.code == "run.log_damaged"


@pytest.mark.parametrize("load", [RunLog.find, RunLog.whole, RunLog.records])
async def test_what_cannot_be_an_id_is_not_looked_for(load: Any) -> None:
    with pytest.raises(InvalidRequest):
        await load(RunLog(MemoryBus(Settings())), "a.>")


async def test_an_answer_to_a_question_of_an_ended_item_is_late_not_unknown() -> None:
    bus = await begun(started("human", {"message": "?"}), 2)
    runs = RunLog(bus)

    def asked(token: str) -> Any:
        request = AnswerRequest(token=token, action="approved")
        return runs.examined("r", lambda run: accepted(run.plan, run.state, request))

    with pytest.raises(Conflict, match="takes no answer by this token"):
        await asked(review_token("r", "each[0]/n", 1))
    with pytest.raises(NotFound, match="nothing in run 'r' waits"):
        await asked(review_token("r", "each[40]/n", 1))


async def test_what_is_found_at_once_is_not_looked_for_in_the_whole_log() -> None:
    bus = await begun(started(), 2)
    bus.events = counting = CountingLog(bus.events)  # type: ignore[assignment]
    folder, status = await RunLog(bus).examined("r", lambda run: run.state.status)
    assert (status, folder.read_seq, counting.read) == ("running", 10, 10)


async def test_one_plan_serves_all_who_share_the_compiled_ones() -> None:
    runs = RunLog(await begun(started(), 1))
    found: list[Folder] = await asyncio.gather(runs.folded("r"), runs.whole("r"))
    assert found[0].plan is found[1].plan
