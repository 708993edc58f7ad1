"""Rows 8, 9, 11 and 12: the broker killed, away, full; and messages that cannot be read."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx

from runfold.contracts import events as e
from runfold.contracts import subjects
from tests.support.faults import Faulty, chain, faulty

TICKS = os.sysconf("SC_CLK_TCK")
AWAY = 6.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def not_ready(here: Faulty, name: str) -> bool:
    health = next(line for line in here.cluster.processes[name].said if '"health"' in line)
    url = health.partition('"health": "')[2].partition('"')[0]
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{url}/health/ready")).status_code == 503


async def test_killed_and_restarted_with_runs_in_flight(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(chain(6, seconds=0.1), 10)
        await here.until(lambda log: len(log) > 3, run_ids[0])
        acked = [await here.bus.events.read_run(run_id) for run_id in run_ids]
        await here.cluster.kill_nats()
        await here.cluster.nats.start()
        await here.assert_all_is_well(run_ids, 5)
        for run_id, before in zip(run_ids, acked, strict=True):
            now = await here.bus.events.read_run(run_id)
            assert now[: len(before)] == before


async def test_away_for_a_while(tmp_path: Path) -> None:
    async with faulty(tmp_path) as here:
        run_ids = await here.start(chain(4, seconds=0.2), 3)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        await here.cluster.kill_nats()
        pids = {name: process.pid for name, process in here.cluster.processes.items()}
        # Reconnecting begins with a burst; what matters is what waiting costs.
        await asyncio.sleep(2.0)
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        await asyncio.sleep(AWAY)
        for name, pid in pids.items():
            assert cpu_seconds(pid) - before[name] < 0.1 * AWAY, name
            assert await not_ready(here, name)
        await here.cluster.nats.start()
        await here.assert_all_is_well(run_ids, 3)
        assert all(process.running for process in here.cluster.processes.values())


async def test_a_full_log_holds_runs_up_and_loses_nothing(tmp_path: Path) -> None:
    services = {"scheduler": "scheduler", "executor": "executor", "projection": "projection"}
    async with faulty(tmp_path, services) as here:
        run_ids = await here.start(chain(5, seconds=0.3), 3)
        await here.until(lambda log: len(log) > 2, run_ids[0])
        js = here.bus.nc.jetstream()
        config = (await js.stream_info(subjects.EVENTS)).config
        await js.update_stream(config.evolve(max_bytes=1000))
        held = await here.bus.events.last_seq()
        late = await here.start(chain(2), 1)
        await asyncio.sleep(2.0)
        assert await here.bus.events.last_seq() == held
        assert all(process.running for process in here.cluster.processes.values())
        await js.update_stream(config.evolve(max_bytes=-1))
        await here.assert_all_is_well(run_ids, 4)
        await here.assert_all_is_well(late, 1)


async def test_a_run_with_an_event_nobody_can_read_is_parked_and_others_go_on(
    tmp_path: Path,
) -> None:
    async with faulty(tmp_path) as here:
        parked, other = await here.start(chain(3, seconds=0.5), 2)
        await here.until(lambda log: len(log) > 1, parked)
        subject = subjects.event("chain", parked, "node_run_succeeded")
        await here.bus.nc.jetstream().publish(subject, b'{"type": "from_the_future", "x": 1}')
        await here.until(lambda log: any(isinstance(r.event, e.RunPaused) for r in log), parked)
        view = await here.runs.get(parked)
        assert view is not None
        assert (view.status, view.parked) == ("paused", True)
        assert "from_the_future" in view.pause_reason
        await here.assert_all_is_well([other], 2)
        letters = await here.bus.dead.read()
        assert [(letter.run_id, letter.source) for letter in letters] == [(parked, subject)]
        # A restart does not park it again once somebody let it go on.
        await here.runs.resume(parked)
        await here.cluster.restart("scheduler")
        await here.assert_all_is_well([parked], 2)
        assert (await here.kinds(parked))["run_paused"] == 1
