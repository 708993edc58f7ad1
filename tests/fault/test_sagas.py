"""Row 3a of the failure table: processes die in the middle of a compensation."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from runfold.cli.torture.load import journal
from runfold.contracts import events as e
from tests.fault.test_scheduler_dies import TWO
from tests.support.faults import Faulty, faulty

STEPS = 4
UNDONE = [f"undo{number}" for number in reversed(range(STEPS))]


def saga(seconds: float = 0.2) -> dict[str, Any]:
    """A chain that fails at its end, and takes its time to be undone."""
    names = range(STEPS)
    forward = [journal(f"n{i}", i) | {"compensate": f"undo{i}"} for i in names]
    fails = {"id": "fails", "type": "journal", "config": {"fail_attempts": 99}}
    backward = [journal(f"undo{i}", f"{{{{n{i}.output}}}}", seconds=seconds) for i in names]
    return {"id": "saga", "nodes": [*forward, fails, *backward]}


def has_undone(count: int) -> Any:
    def holds(log: list[e.Recorded]) -> bool:
        return len(_succeeded(log)) >= count

    return holds


def _succeeded(log: list[e.Recorded]) -> list[str]:
    return [
        one.event.node_id
        for one in log
        if isinstance(one.event, e.NodeRunSucceeded) and one.event.node_id.startswith("undo")
    ]


async def assert_undone(here: Faulty, run_ids: list[str]) -> None:
    await here.assert_all_is_well(run_ids, None, ("compensated",))
    for run_id in run_ids:
        log = await here.bus.events.read_run(run_id)
        assert list(dict.fromkeys(_succeeded(log))) == UNDONE
        view = await here.ended(run_id)
        assert [entry.by for entry in view.compensation] == UNDONE
        assert {entry.status for entry in view.compensation} == {"compensated"}
        called = [line.address for line in here.calls() if line.run_id == run_id]
        assert list(dict.fromkeys(at for at in called if at.startswith("undo"))) == UNDONE


async def test_a_scheduler_killed_in_the_middle_is_followed_to_the_same_end(
    tmp_path: Path,
) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(saga(), 3)
        await here.until(has_undone(2), run_ids[0])
        await here.cluster.processes["scheduler"].kill()
        await here.cluster.start("scheduler")
        await assert_undone(here, run_ids)


async def test_another_scheduler_goes_on_with_it(tmp_path: Path) -> None:
    async with faulty(tmp_path, TWO) as here:
        run_ids = await here.start(saga(), 6)
        await here.until(has_undone(1), run_ids[0])
        await here.cluster.processes["scheduler-1"].kill()
        await assert_undone(here, run_ids)


@pytest.mark.parametrize("point", ["scheduler.sent=kill@9", "scheduler.acked=kill@8"])
async def test_killed_between_its_publishes(tmp_path: Path, point: str) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        run_ids = await here.start(saga(0.05), 1)
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        await assert_undone(here, run_ids)


async def test_an_executor_killed_while_it_undoes_is_followed_by_another(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(saga(0.6), 1)
        await here.until(has_undone(1), run_ids[0])
        await here.cluster.processes["executor"].kill()
        await here.cluster.start("executor")
        await assert_undone(here, run_ids)


async def test_an_attempt_under_way_when_a_run_is_cancelled_is_undone_though_its_executor_dies(
    tmp_path: Path,
) -> None:
    nodes = [
        journal("n", 1, seconds=1.0) | {"compensate": "undo"},
        journal("undo", 2),
    ]
    async with faulty(tmp_path) as here:
        (run_id,) = await here.start({"id": "saga", "nodes": nodes})
        await here.until(lambda log: any(_begun(one) for one in log), run_id)
        await here.runs.cancel(run_id, "enough")
        await here.until(
            lambda log: any(isinstance(one.event, e.RunCompensating) for one in log), run_id
        )
        await here.cluster.processes["executor"].kill()
        await here.cluster.start("executor")
        view = await here.ended(run_id)
        assert view.status == "compensated"
        called = [line.address for line in here.calls()]
        assert (called[-1], len({line.key for line in here.calls()})) == ("undo", 2)


def _begun(record: e.Recorded) -> bool:
    return isinstance(record.event, e.NodeRunStarted)
