"""A request that ends its scheduler: dead-lettered by the third delivery, and others go through."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.support.faults import chain, faulty


async def test_a_request_that_ends_its_scheduler_is_dead_lettered(tmp_path: Path) -> None:
    point = "request.carried_out=kill"
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        await here.start(chain(1))
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        here.cluster.arm("scheduler", point)
        await here.cluster.start("scheduler")
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        letters = await here.bus.dead.read()
        async with asyncio.timeout(60):
            while not letters:
                letters = await here.bus.dead.read()
        assert letters[0].code == "message.poison"
        assert letters[0].source == "runfold.requests.run"
        await here.assert_all_is_well(await here.start(chain(2)), 1)


async def test_a_request_that_met_one_crash_is_carried_out(tmp_path: Path) -> None:
    async with faulty(tmp_path, armed={"scheduler": "request.carried_out=kill"}) as here:
        run_ids = await here.start(chain(2), 3)
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        await here.assert_all_is_well(run_ids, 1)
        assert await here.bus.dead.read() == []
