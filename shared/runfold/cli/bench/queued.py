"""Ten thousand runs asked for at once: whether all end, how fast, and what memory that takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.cli.bench.load import Load
from runfold.cli.processes import Process
from runfold.client.runs import fresh_run_id
from runfold.contracts.requests import RunRequest
from runfold.errors import BusUnavailable

WITHIN = 300.0
"""Seconds in which all must have ended."""


async def drain(
    bus: Bus, load: Load, processes: Mapping[str, Process], runs: int, nodes: int
) -> dict[str, Any]:
    """Ask for all, wait for all; rates, and the most memory each process ever had."""
    run_ids = [fresh_run_id() for _ in range(runs)]
    ended = load.expect(run_ids)
    began = time.perf_counter()
    await asyncio.gather(
        *(
            bus.requests.send(RunRequest(workflow_id="bench_chain", run_id=run_id))
            for run_id in run_ids
        )
    )
    asked = time.perf_counter() - began
    try:
        await asyncio.wait_for(ended, WITHIN)
    except TimeoutError:
        raise BusUnavailable(f"{load.missing} of {runs} runs did not end") from None
    took = time.perf_counter() - began
    return {
        "queued_runs": runs,
        "queued_lost": load.missing,
        "queued_asked_in_s": round(asked, 2),
        "queued_tasks_per_s": round(runs * nodes / took),
        "queued_memory_mb": {name: _most_mb(one.pid) for name, one in processes.items()},
    }


def _most_mb(pid: int) -> int:
    """The most memory a process had resident, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024)
    return 0
