"""What a run costs in memory and on disk: `python -m tests.bench.cost_of_runs`.

Prints kilobytes per run, of the broker and the scheduler: for runs that ended, for runs that wait
for a person, for as many again once the first ones sleep, and what archiving gives back. Takes
about eight minutes, in most of which the broker is to forget message ids.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.ports.bus import Bus
from runfold.cli.bench.load import Load, chain
from runfold.cli.processes import Process, service
from runfold.client.runs import fresh_run_id
from runfold.contracts.events import NodeRunWaiting
from runfold.contracts.requests import RunRequest
from runfold.settings import Settings

RUNS = 5_000
IDS_KEPT = 130.0
"""Seconds after which the broker has forgotten message ids, and schedulers have let go of runs that
wait."""
WAITING: dict[str, Any] = {
    "id": "bench_waiting",
    "nodes": [
        {"id": "before", "type": "noop"},
        {"id": "review", "type": "human_review", "config": {"message": "Go on?"}},
        {"id": "after", "type": "noop"},
    ],
}


def resident_kb(pid: int) -> float:
    """A process's resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise LookupError(pid)


def on_disk_kb(folder: Path) -> float:
    """The size of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1024


class Meter:
    """What a run costs, as the difference between two readings over their number of runs."""

    def __init__(self, nats: EmbeddedNats, folder: Path, scheduler: Process) -> None:
        self._nats, self._folder, self._scheduler = nats, folder, scheduler
        self._last = self._read()

    def _read(self) -> dict[str, float]:
        return {
            "broker_memory_kb": resident_kb(self._nats.pid),
            "broker_disk_kb": on_disk_kb(self._folder),
            "scheduler_memory_kb": resident_kb(self._scheduler.pid),
        }

    def mark(self) -> None:
        """What follows is measured from here."""
        self._last = self._read()

    def say(self, of: str) -> None:
        """Print the difference to the last mark, per run."""
        now = self._read()
        line = {key: round((now[key] - self._last[key]) / RUNS, 2) for key in now}
        print(json.dumps({"of": of, **line}), flush=True)


async def ask(bus: Bus) -> None:
    """Ask for runs, until every one of them waits for its person."""
    after, waiting = await bus.events.last_seq(), 0
    requests = (RunRequest(workflow_id="bench_waiting", run_id=fresh_run_id()) for _ in range(RUNS))
    await asyncio.gather(*(bus.requests.send(request) for request in requests))
    async for batch in bus.events.follow(after=after):
        waiting += sum(isinstance(getattr(one, "event", None), NodeRunWaiting) for one in batch)
        if waiting >= RUNS:
            return


async def all_archived(bus: Bus) -> None:
    """Until the archive has every run that ended."""
    while (await bus.archive.extent()).last_seq < RUNS:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(1)


async def main() -> None:
    """Measure all of it against one server."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedNats(Path(folder)) as nats:
            bus = await connect(Settings(nats_url=nats.url))
            scheduler = service("scheduler", nats.url)
            executor = service("executor-text", nats.url, RUNFOLD_CONCURRENCY="256")
            async with scheduler, executor, Load(bus) as load:
                await load.store(chain(10))
                await load.store(WAITING)
                await load.many("bench_chain", 200, 50)
                meter = Meter(nats, Path(folder), scheduler)
                await load.many("bench_chain", RUNS, 100)
                meter.say("run of 10 tasks, ended")
                await asyncio.sleep(IDS_KEPT)
                meter.say("run of 10 tasks, ended two minutes ago")
                meter.mark()
                await ask(bus)
                meter.say("run that waits, at first")
                await asyncio.sleep(IDS_KEPT)
                meter.mark()
                await ask(bus)
                await asyncio.sleep(IDS_KEPT)
                meter.say("run that waits, beside as many that sleep")
                meter.mark()
                async with service("archiver", nats.url, RUNFOLD_RETENTION="1"):
                    await all_archived(bus)
                    meter.say("run of 10 tasks, archived (what it had is given back)")
            await bus.close()


if __name__ == "__main__":
    asyncio.run(main())
