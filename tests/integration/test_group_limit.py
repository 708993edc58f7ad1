"""A group's limit holds over all its processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.faults import chain, faulty


async def test_no_more_tasks_of_a_group_are_in_hand_than_its_limit(tmp_path: Path) -> None:
    services = {"scheduler": "scheduler", "executor-1": "executor", "executor-2": "executor"}
    async with faulty(tmp_path, services, RUNFOLD_GROUP_LIMIT="2") as here:
        run_ids = await here.start(chain(1, seconds=0.4), 6)
        most = 0
        waiting = [asyncio.create_task(here.ended(run_id)) for run_id in run_ids]
        while not all(task.done() for task in waiting):
            info = await here.bus.nc.jetstream().consumer_info("TASKS", "executor-journal")
            most = max(most, info.num_ack_pending or 0)
            await asyncio.sleep(0.02)
        views = await asyncio.gather(*waiting)
        assert {view.status for view in views} == {"succeeded"}
        assert most == 2
