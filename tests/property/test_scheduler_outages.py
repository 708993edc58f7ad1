"""What a scheduler must not lose: outages, lost publishes, what cannot be read, wrong clocks."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import CancelRequest, ResumeRequest
from runfold.engine.history import fold
from runfold.ids import partition_of
from runfold_archiver.moving import Moving
from runfold_scheduler import actor
from runfold_scheduler.runs import owner, snapshots
from runfold_scheduler.runs.checkpoint import NAMED, Checkpoint, starts_of
from tests.support.one_scheduler import ASK, END, OneScheduler, on_virtual_time, waiting_for


@on_virtual_time
async def test_a_timer_that_is_due_while_the_broker_is_away_fires_when_it_is_back(
    here: OneScheduler,
) -> None:
    await here.run(waiting_for(10), "r")
    await asyncio.sleep(3)
    mend = here.cut()
    await asyncio.sleep(60)
    assert "r" in here.owner.actors
    mend()
    await asyncio.sleep(10)
    assert await here.last("r") == "run_succeeded"


@on_virtual_time
async def test_nothing_falls_asleep_while_another_run_of_its_batch_is_woken(
    here: OneScheduler,
) -> None:
    await here.run(ASK, "asleep")
    await asyncio.sleep(40)
    assert "asleep" not in here.owner.actors
    await here.run(ASK, "awake")
    await asyncio.sleep(1)
    read = here.bus.events.read_run

    async def slow(run_id: str, **how: Any) -> list[e.Recorded]:
        await asyncio.sleep(6 if run_id == "asleep" and how.get("limit") else 0)
        return await read(run_id, **how)

    here.bus.events.read_run = slow  # type: ignore[method-assign]
    idle_for = here.loop.time() - here.owner.actors["awake"].active_at
    await asyncio.sleep(owner.IDLE - idle_for - 0.01)
    await here.answer("asleep")
    await here.answer("awake")
    await asyncio.sleep(60)
    assert await here.last("asleep") == await here.last("awake") == "run_succeeded"


@on_virtual_time
async def test_a_sleeping_run_of_a_newer_release_is_parked_and_can_be_resumed_by_it(
    here: OneScheduler,
) -> None:
    await here.run(ASK, "r")
    await asyncio.sleep(40)
    here.owner._plans._plans._entries.clear()

    def unreadable(_: bytes) -> Any:
        raise msgspec.ValidationError("of a newer release")

    with pytest.MonkeyPatch.context() as older:
        older.setattr(fold, "workflow_from_canonical", unreadable)
        await here.answer("r")
        await asyncio.sleep(30)
        (parked,) = [
            one.event
            for one in await here.bus.events.read_run("r")
            if isinstance(one.event, e.RunPaused)
        ]
        assert parked.parked
        assert "of a newer release" in parked.reason
    await here.replace("newer")
    await here.bus.requests.send(ResumeRequest(run_id="r"))
    await asyncio.sleep(30)
    assert await here.last("r") == "run_succeeded"


@on_virtual_time
async def test_a_refusal_that_is_lost_is_written_again(here: OneScheduler) -> None:
    lost = here.lose(e.RunFailed)

    def unusable(*_: Any) -> Any:
        raise KeyError("of a newer release")

    with pytest.MonkeyPatch.context() as older:
        older.setattr(owner.Folder, "begin", unusable)
        await here.run(ASK, "r")
        await asyncio.sleep(5)
    assert lost.get_nowait() == "r:run_failed"
    assert await here.kinds("r") == ["run_started", "run_failed"]


@on_virtual_time
async def test_what_is_not_yet_written_is_seen_by_the_next_owner(here: OneScheduler) -> None:
    def unusable(*_: Any) -> Any:
        raise KeyError("of a newer release")

    with pytest.MonkeyPatch.context() as older:
        older.setattr(owner.Folder, "begin", unusable)
        await here.run(ASK, "other")
        await asyncio.sleep(5)
        lost = here.lose(e.RunFailed)
        await here.run(ASK, "r")
        await lost.get()
        begins_at = (await here.bus.events.read_run("r"))[0].seq
        assert here.owner.starts()[partition_of("r")].after == begins_at - 1
        await asyncio.sleep(5)
        assert here.owner.starts()[partition_of("r")].after == await here.bus.events.last_seq()


@on_virtual_time
async def test_a_run_without_a_snapshot_does_not_keep_others_awake(here: OneScheduler) -> None:
    document = {**ASK, "inputs": {"n": {}}}
    with pytest.MonkeyPatch.context() as often:
        often.setattr(snapshots, "EVERY", 1)
        await here.run(document, "r", n=10**30)
        await asyncio.sleep(40)
        assert here.owner.actors == {}
        assert here.scheduler.not_ready() is None


@on_virtual_time
async def test_a_broken_run_that_is_resumed_goes_on_once_the_cause_is_gone(
    here: OneScheduler,
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("the cause")

    with pytest.MonkeyPatch.context() as worse:
        worse.setattr(actor, "decide_ahead", broken)
        await here.run(waiting_for(5), "r")
        await asyncio.sleep(5)
        assert await here.kinds("r") == ["run_started", "run_paused"]
        await here.bus.requests.send(ResumeRequest(run_id="r"))
        await asyncio.sleep(5)
        assert await here.last("r") == "run_paused"
    await here.bus.requests.send(ResumeRequest(run_id="r"))
    await asyncio.sleep(20)
    assert await here.last("r") == "run_succeeded"


@on_virtual_time
async def test_whoever_takes_over_on_a_host_with_a_wrong_clock_is_on_time(
    here: OneScheduler,
) -> None:
    await here.run(waiting_for(200), "r")
    await asyncio.sleep(10)
    await here.replace("ahead", 300)
    await asyncio.sleep(180)
    assert await here.last("r") == "node_run_waiting"
    await asyncio.sleep(30)
    assert await here.last("r") == "run_succeeded"


@on_virtual_time
async def test_who_is_catching_up_notes_where_it_began(here: OneScheduler) -> None:
    for number in range(50):
        await here.run({"id": "w", "nodes": [END]}, f"r{number}")
    await asyncio.sleep(20)
    await here.scheduler.drain()
    everything = frozenset(range(64))
    before = await Checkpoint(here.bus.checkpoints).read(everything, 10**9)
    assert before.after > 0
    follow = here.bus.events.follow

    async def slow(**where: Any) -> Any:
        await asyncio.sleep(8)
        async for batch in follow(**where):
            yield batch

    here.bus.events.follow = slow  # type: ignore[method-assign]
    await here.start("b")
    await asyncio.sleep(7)
    assert await Checkpoint(here.bus.checkpoints).read(everything, 10**9) == before


@on_virtual_time
async def test_a_run_that_is_archived_never_goes_on_whatever_the_log_has_of_it(
    here: OneScheduler,
) -> None:
    await here.run(ASK, "r")
    await asyncio.sleep(1)
    first = (await here.bus.events.read_run("r"))[0].event
    await here.answer("r")
    await asyncio.sleep(1)
    assert await here.last("r") == "run_succeeded"
    await here.scheduler.drain()
    assert await Moving(here.bus).move("r")
    await here.bus.events.append(msgspec.structs.replace(first, id="again"))
    await here.bus.checkpoints.delete("scheduler")
    await here.start("b")
    await asyncio.sleep(60)
    assert here.owner.actors == {}
    assert [one.event.id for one in here.bus.events._log] == ["again"]
    assert await here.last("r") == "run_succeeded"


LIMITED = {**ASK, "settings": {"concurrency": {"limit": 1}}}


@on_virtual_time
async def test_the_place_of_a_run_that_ended_while_it_slept_is_given_up(
    here: OneScheduler,
) -> None:
    timed = {"id": "ask", "type": "human_review", "config": {"message": "?", "timeout": 120}}
    await here.run({**LIMITED, "nodes": [timed, END]}, "first")
    await asyncio.sleep(40)
    assert "first" not in here.owner.actors
    await here.run(LIMITED, "second")
    await asyncio.sleep(5)
    assert await here.last("second") == "run_started"
    await here.bus.requests.send(CancelRequest(run_id="first"))
    await asyncio.sleep(10)
    assert await here.last("second") == "node_run_waiting"
    await asyncio.sleep(200)
    await here.answer("second")
    await asyncio.sleep(1)
    await here.run(LIMITED, "third")
    await asyncio.sleep(5)
    assert await here.last("third") == "node_run_waiting"


@on_virtual_time
async def test_many_that_wait_for_a_place_cost_little_and_all_get_one(here: OneScheduler) -> None:
    writes = 0
    update = here.bus.places.update

    async def counted(*arguments: Any) -> int:
        nonlocal writes
        writes += 1
        return await update(*arguments)

    here.bus.places.update = counted  # type: ignore[method-assign]
    run_ids = [f"r{number:03d}" for number in range(100)]
    for run_id in run_ids:
        await here.run(LIMITED, run_id)
    await asyncio.sleep(60)
    arrived = writes
    await asyncio.sleep(600)
    assert writes - arrived <= 1
    left = set(run_ids)
    while left:
        (inside,) = [run_id for run_id in left if await here.last(run_id) == "node_run_waiting"]
        await here.answer(inside)
        await asyncio.sleep(1)
        assert await here.last(inside) == "run_succeeded"
        left.discard(inside)


def test_of_many_old_runs_the_oldest_are_named_and_the_others_still_found() -> None:
    runs = [f"r{number}" for number in range(40_000)]
    begun = {run_id: place + 1 for place, run_id in enumerate(runs)}
    starts = starts_of(range(64), begun, 1_000_000, {})
    assert len(msgspec.json.encode({str(p): start for p, start in starts.items()})) < 500_000
    for partition, start in starts.items():
        assert len(start.runs) == NAMED
        assert {partition_of(run_id) for run_id in start.runs} == {partition}
        for run_id in (one for one in runs if partition_of(one) == partition):
            assert run_id in start.runs or begun[run_id] > start.after


def test_a_young_run_is_found_by_its_place() -> None:
    partition = partition_of("young")
    starts = starts_of([partition], {"young": 999_990}, 1_000_000, {})
    assert starts[partition].after == 999_989
    assert starts[partition].runs == ()
