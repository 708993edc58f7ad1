"""Rows 3, 4 and 15 of the failure table: schedulers killed, frozen, replaced; caches wiped."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from runfold.contracts import events as e
from runfold.contracts.subjects import CHECKPOINTS, LEASES
from runfold_scheduler.ownership.leases import LEASE
from tests.support.faults import chain, faulty

TWO = {
    "scheduler-1": "scheduler",
    "scheduler-2": "scheduler",
    "executor": "executor",
    "projection": "projection",
}


@pytest.mark.parametrize(
    "point",
    [
        "scheduler.deciding=kill@7",
        "scheduler.sent=kill@5",
        "scheduler.acked=kill@9",
        "request.carried_out=kill@2",
    ],
)
async def test_killed_before_between_and_after_its_publishes(tmp_path: Path, point: str) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        run_ids = await here.start(chain(), 3)
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        await here.assert_all_is_well(run_ids, 4)


async def test_another_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    async with faulty(tmp_path, TWO) as here:
        run_ids = await here.start(chain(8, seconds=0.2), 8)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        await here.cluster.processes["scheduler-1"].kill()
        await here.assert_all_is_well(run_ids, 7)


async def test_a_scheduler_that_was_frozen_changes_nothing_when_it_wakes(tmp_path: Path) -> None:
    async with faulty(tmp_path, TWO) as here:
        frozen = here.cluster.processes["scheduler-1"]
        run_ids = await here.start(chain(6, seconds=0.3), 8)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        frozen.send(signal.SIGSTOP)
        await here.assert_all_is_well(run_ids, 5)
        logs = [await here.bus.events.read_run(run_id) for run_id in run_ids]
        frozen.send(signal.SIGCONT)
        # It takes its share again, which shows that it has seen all it missed.
        more = await here.start(chain(2), 8)
        await asyncio.sleep(LEASE)
        await here.assert_all_is_well(more, 1)
        assert [await here.bus.events.read_run(run_id) for run_id in run_ids] == logs


async def test_partitions_are_handed_over_without_a_pause(tmp_path: Path) -> None:
    async with faulty(tmp_path, TWO) as here:
        run_ids = await here.start(chain(8, seconds=0.1), 10)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        await here.cluster.processes["scheduler-2"].stop()
        await here.cluster.start("scheduler-2")
        await here.cluster.processes["scheduler-1"].stop()
        await here.assert_all_is_well(run_ids, 7)
        for run_id in run_ids:
            kinds = await here.kinds(run_id)
            assert kinds["node_run_started"] == 8


async def test_leases_checkpoints_and_the_read_model_may_be_wiped(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(chain(4, seconds=0.4), 3)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        for name in ("scheduler", "projection"):
            await here.cluster.processes[name].kill()
        js = here.bus.nc.jetstream()
        for bucket in (CHECKPOINTS, LEASES):
            await js.purge_stream(f"KV_{bucket}")
        for file in (tmp_path / "projection").rglob("*.db*"):
            file.unlink()
        await here.cluster.start("scheduler")
        await here.cluster.start("projection")
        await here.assert_all_is_well(run_ids, 3)


@pytest.mark.slow
async def test_every_service_is_restarted_under_load_and_no_run_fails(tmp_path: Path) -> None:
    services = {**TWO, "executor-2": "executor"}
    async with faulty(tmp_path, services) as here:
        run_ids: list[str] = []

        async def load() -> None:
            for _ in range(60):
                run_ids.extend(await here.start(chain(4, seconds=0.05)))
                await asyncio.sleep(0.1)

        loading = asyncio.create_task(load())
        for name in services:
            await here.cluster.processes[name].stop()
            await here.cluster.start(name)
        await loading
        await here.assert_all_is_well(run_ids, 3)
        for run_id in run_ids:
            assert (await here.kinds(run_id))["node_run_failed"] == 0


async def test_two_owners_that_decide_at_once_change_nothing(tmp_path: Path) -> None:
    """Row 14a: neither has heard of the other, so both decide about every run."""
    blind = {"scheduler-1": "scheduler", "executor": "executor", "projection": "projection"}
    async with faulty(tmp_path, blind) as here:
        run_ids = await here.start(chain(6, seconds=0.1), 5)
        js = here.bus.nc.jetstream()
        await js.purge_stream(f"KV_{LEASES}")
        await here.cluster.start("scheduler-2", "scheduler")
        await here.assert_all_is_well(run_ids, 5)
        for run_id in run_ids:
            records = await here.bus.events.read_run(run_id)
            endings = [r for r in records if isinstance(r.event, e.TERMINAL_RUN_EVENTS)]
            assert len(endings) == 1
