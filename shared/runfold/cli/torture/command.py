"""`runfold torture`: load, killer and checker, and the report."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from runfold.background import end
from runfold.bus.jetstream.connect import connect
from runfold.cli.outcome import OK, RUN_FAILED, say
from runfold.cli.stack import on_own_server
from runfold.cli.torture.checker import Checker, Violation
from runfold.cli.torture.cluster import Cluster
from runfold.cli.torture.killer import Killer
from runfold.cli.torture.load import Load
from runfold.executor.registry import load_node_modules
from runfold.settings import Settings

SETTLE = 90.0
"""Seconds in which all runs must end once nothing is killed any more."""
RETENTION = 10.0
"""Seconds after which runs are archived, so that it happens while things are killed."""
SHOWN = 20


async def torture(
    *, minutes: float, seed: int, at_once: int, keep: Path | None, as_json: bool
) -> int:
    """Torment a cluster of processes, check every run, and print what was found.

    Args:
        minutes: How long things are killed.
        seed: Picks runs and victims.
        at_once: Runs under way at a time.
        keep: Where streams, databases and logs stay for a look afterwards.
        as_json: Print JSON only.
    """
    with ExitStack() as stack:
        directory = keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="runfold-torture-"))
        )
        report, violations = await _tormented(directory, minutes, seed, at_once)
    if as_json:
        found = [{"run_id": one.run_id, "what": one.what} for one in violations]
        print(json.dumps({**report, "violations": found}, indent=2))
    else:
        _print(report, violations)
    return RUN_FAILED if violations else OK


async def _tormented(
    directory: Path, minutes: float, seed: int, at_once: int
) -> tuple[dict[str, Any], list[Violation]]:
    settings = Settings(node_modules="runfold.cli.torture.journal")
    load_node_modules(settings)
    archived = {"RUNFOLD_RETENTION": str(RETENTION)}
    async with Cluster(directory, environment=archived) as cluster:
        bus = await connect(on_own_server(settings, cluster.nats.url))
        try:
            load = Load(bus, random.Random(seed), at_once)  # noqa: S311 -- repeatable, not secret
            killer = Killer(cluster, random.Random(seed + 1))  # noqa: S311
            say(f"seed {seed}: {minutes:g} minutes of load and killing")
            working = [
                asyncio.create_task(load.keep_coming()),
                asyncio.create_task(killer.torment()),
            ]
            done, _ = await asyncio.wait(
                working, timeout=minutes * 60, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
            await end(*working)
            await killer.mend()
            say(f"{len(load.accepted)} runs accepted; waiting for their ends")
            began = time.monotonic()
            await load.settle(SETTLE)
            settled = time.monotonic() - began
            checker = Checker(bus, cluster.journal)
            violations = [
                violation
                for run_id, expected in load.accepted.items()
                for violation in await checker.check(run_id, expected)
            ]
            say("every run looked at; now as the archive has them")
            violations += await checker.check_archive(RETENTION + SETTLE)
            if violations:
                await cluster.ask_what_they_do()
        finally:
            await bus.close()
    report = {
        "seed": seed,
        "minutes": minutes,
        "runs_accepted": len(load.accepted),
        "events": checker.events,
        "events_without_effect": checker.duplicates,
        "torments": dict(sorted(killer.done.items())),
        "settled_in_s": round(settled, 1),
        "slowest_run_s": round(load.longest, 1),
    }
    return report, violations


def _print(report: dict[str, Any], violations: list[Violation]) -> None:
    for name, value in report.items():
        if isinstance(value, dict):
            value = ", ".join(f"{what} {count}" for what, count in value.items())  # noqa: PLW2901
        print(f"{name.replace('_', ' '):24} {value}")
    print(f"{'violations':24} {len(violations)}")
    for violation in violations[:SHOWN]:
        print(f"  run {violation.run_id}: {violation.what}")
