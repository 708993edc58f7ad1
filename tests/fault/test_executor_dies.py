"""Rows 5, 6, 13 and 14: executors killed, tasks that kill, payloads too large, late results."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from runfold.cli.torture.load import ending, journal
from runfold.contracts import events as e
from runfold.errors import Failure
from tests.support.faults import chain, faulty


@pytest.mark.parametrize(
    "point",
    ["executor.taken=kill@2", "executor.running=kill@2", "executor.result_stored=kill@2"],
)
async def test_killed_before_start_while_running_and_before_the_ack(
    tmp_path: Path, point: str
) -> None:
    async with faulty(tmp_path, armed={"executor": point}) as here:
        run_ids = await here.start(chain(4), 2)
        assert await here.cluster.processes["executor"].ended() == -signal.SIGKILL
        await here.cluster.start("executor")
        await here.assert_all_is_well(run_ids, 3)
        keys = {(line.run_id, line.address): line.key for line in here.calls()}
        assert len(keys) == len(set(keys.values())) == 8


async def test_a_task_that_kills_its_executor_is_given_up_and_others_go_on(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.touch()
    deadly = {
        "id": "deadly",
        "nodes": [{**journal("boom", 1, crash_file=str(bomb)), "retry": {"max_attempts": 1}}],
    }
    limits = {"RUNFOLD_MAX_DELIVER": "3", "RUNFOLD_CONCURRENCY": "1"}
    async with faulty(tmp_path, **limits) as here:
        (poisoned,) = await here.start(deadly)

        async def nurse() -> None:
            while True:
                await here.cluster.processes["executor"].ended()
                await here.cluster.start("executor")

        nursing = asyncio.create_task(nurse())
        view = await here.ended(poisoned)
        assert view.status == "failed"
        assert view.error is not None
        assert (view.error.kind, view.error.code) == ("poison", "task.poison")
        assert len(here.calls()) == 3
        (run_id,) = await here.start(chain(2))
        await here.assert_all_is_well([run_id], 1)
        nursing.cancel()
        await asyncio.gather(nursing, return_exceptions=True)
        letters = await here.bus.dead.read()
        assert [(letter.run_id, letter.code) for letter in letters] == [(poisoned, "task.poison")]


async def test_a_payload_over_the_limit_fails_its_node_for_good(tmp_path: Path) -> None:
    large = {
        "id": "large",
        "nodes": [journal("big", "x", repeat=400_000), ending("big.output")],
    }
    async with faulty(tmp_path, RUNFOLD_MAX_PAYLOAD="300000") as here:
        small = {**large, "nodes": [journal("small", 1)]}
        view = await here.ended((await here.start(large))[0])
        assert view.status == "failed"
        assert view.error is not None
        assert "300000" in view.error.message
        assert (await here.ended((await here.start(small))[0])).status == "succeeded"


async def test_cancel_and_success_at_once_leave_one_end(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(chain(2), 25)
        await asyncio.gather(*(here.runs.cancel(run_id) for run_id in run_ids))
        statuses = [(await here.ended(run_id)).status for run_id in run_ids]
        assert set(statuses) <= {"succeeded", "cancelled"}
        await here.assert_all_is_well(run_ids, 1, ("succeeded", "cancelled"))


async def test_what_runs_is_cut_off_by_a_cancel_and_says_nothing_afterwards(
    tmp_path: Path,
) -> None:
    async with faulty(tmp_path) as here:
        (run_id,) = await here.start(chain(2, seconds=30))
        await here.until(
            lambda log: any(isinstance(r.event, e.NodeRunStarted) for r in log), run_id
        )
        await here.runs.cancel(run_id)
        view = await here.ended(run_id)
        assert view.status == "cancelled"
        # The one slot is free again: the executor let go of the cancelled attempt.
        (after,) = await here.start(chain(2))
        await here.ended(after)
        records = await here.bus.events.read_run(run_id)
        assert isinstance(records[-1].event, e.RunCancelled)


async def test_a_late_result_is_in_the_log_and_changes_nothing(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        (run_id,) = await here.start(chain(1))
        before = await here.ended(run_id)
        late = e.NodeRunFailed(
            id=f"{run_id}:late",
            run_id=run_id,
            workflow_id="chain",
            node_id="n0",
            error=Failure(code="c", message="m"),
        )
        await here.bus.events.append(late)
        timer = e.TimerFired(
            id=f"{run_id}:t", run_id=run_id, workflow_id="chain", node_id="n0", timer="timeout"
        )
        await here.bus.events.append(timer)
        assert await here.runs.get(run_id) == before
        await here.assert_all_is_well([run_id], 0)
