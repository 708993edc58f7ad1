"""What `runfold bench` measures, in one run on one machine, and how it is printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from runfold.bus import floor
from runfold.bus.connect import connect
from runfold.bus.embedded import EmbeddedNats
from runfold.cli.bench.growth import SIZES, cost_per_node
from runfold.cli.bench.load import Load, chain, fan_out
from runfold.cli.bench.long_runs import fold_times
from runfold.cli.bench.queued import drain
from runfold.cli.bench.stream import VIEWERS, added_latency
from runfold.cli.outcome import OK, say
from runfold.cli.processes import Process, service
from runfold.service.collection import collect_rarely
from runfold.settings import Settings

NODES = 10
WIDTH = 100
AT_ONCE = 50


class Size(NamedTuple):
    """How much is measured."""

    rounds: int
    """Runs one after the other."""
    runs: int
    """Runs of which many are under way at a time."""
    streams: int
    """Runs that are streamed."""
    queued: int
    """Runs asked for at once."""
    sizes: tuple[int, ...]
    """Nodes of runs that grow."""


WHOLE = Size(rounds=100, runs=500, streams=5, queued=10_000, sizes=SIZES)
QUICK = Size(rounds=20, runs=100, streams=2, queued=500, sizes=SIZES[:3])


async def bench(*, as_json: bool, quick: bool) -> int:
    """Measure everything and print it."""
    size = QUICK if quick else WHOLE
    collect_rarely()
    figures = {
        **await _engine(size),
        **await _floor(size.rounds, size.runs),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }
    figures["ratio_chain"] = round(figures["floor_chain_p50_ms"] / figures["chain_p50_ms"], 2)
    figures["ratio_tasks"] = round(figures["tasks_per_s"] / figures["floor_tasks_per_s"], 2)
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures)
    return OK


async def _engine(size: Size) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="runfold-bench-") as directory:
        async with EmbeddedNats(Path(directory)) as nats:
            bus = await connect(Settings(nats_url=nats.url))
            scheduler = service("scheduler", nats.url)
            executor = service("executor-text", nats.url, RUNFOLD_CONCURRENCY="256")
            async with scheduler, executor, Load(bus) as load:
                await load.store(chain(NODES))
                await load.store(fan_out(WIDTH))
                say(f"chain of {NODES} task nodes, one run at a time")
                chain_ms = await load.alone("bench_chain", size.rounds)
                say(f"the same, {AT_ONCE} runs at once")
                took = await load.many("bench_chain", size.runs, AT_ONCE)
                say(f"1 → {WIDTH} → 1")
                fan_ms = await load.alone("bench_fan_out", max(10, size.rounds // 3))
                say("model chunk → SSE client")
                late, late_many = await added_latency(nats.url, size.streams)
                say(f"{size.queued} runs asked for at once")
                processes = {"scheduler": scheduler, "executor": executor}
                queued = await drain(bus, load, processes, size.queued, NODES)
                say("one run that grows")
                growth = await cost_per_node(bus, load, size.sizes)
            say("a run of 100,000 events")
            folds = await fold_times(bus)
            await bus.close()
    return {
        "chain_p50_ms": round(chain_ms, 2),
        "tasks_per_s": round(size.runs * NODES / took),
        "fanout_p50_ms": round(fan_ms, 2),
        **_late("sse_added", late),
        **_late(f"sse{VIEWERS}_added", late_many),
        **queued,
        **growth,
        **folds,
    }


def _late(name: str, late: list[float]) -> dict[str, float]:
    late.sort()
    p99 = late[int(len(late) * 0.99)]
    return {f"{name}_p50_ms": round(statistics.median(late), 2), f"{name}_p99_ms": round(p99, 2)}


async def _floor(rounds: int, runs: int) -> dict[str, Any]:
    say("the floor: the same stored messages, no engine")
    with tempfile.TemporaryDirectory(prefix="runfold-bench-") as directory:
        async with (
            EmbeddedNats(Path(directory)) as nats,
            Process("-m", "runfold.bus.floor", nats.url, ready=floor.READY),
        ):
            measured = await floor.measure(
                nats.url, nodes=NODES, rounds=rounds, runs=runs, at_once=AT_ONCE
            )
    return {
        "floor_chain_p50_ms": round(measured.chain_p50_ms, 2),
        "floor_tasks_per_s": round(measured.tasks_per_s),
    }


def _print(figures: dict[str, Any]) -> None:
    rows = (
        (f"chain of {NODES} tasks, one at a time, p50", "chain_p50_ms", "ms"),
        ("  the floor for that", "floor_chain_p50_ms", "ms"),
        (f"task nodes per second, {AT_ONCE} runs at once", "tasks_per_s", "/s"),
        ("  the floor for that", "floor_tasks_per_s", "/s"),
        (f"1 → {WIDTH} → 1, p50", "fanout_p50_ms", "ms"),
        ("model chunk → SSE client, added, p50", "sse_added_p50_ms", "ms"),
        ("  p99", "sse_added_p99_ms", "ms"),
        (f"the same, {VIEWERS} clients of one run, p50", f"sse{VIEWERS}_added_p50_ms", "ms"),
        ("  p99", f"sse{VIEWERS}_added_p99_ms", "ms"),
        (f"{figures['queued_runs']} runs asked for at once: lost", "queued_lost", ""),
        ("  task nodes per second", "queued_tasks_per_s", "/s"),
        ("  most memory of a service", "queued_memory_mb", "MB"),
        ("a node's cost as its run grows", "node_ms_by_run_size", "ms"),
        ("  largest over smallest, less 1", "node_ms_spread", ""),
        ("fold of 100,000 events from the log", "fold_100k_events_cold_ms", "ms"),
        ("  from a snapshot", "fold_100k_events_snapshot_ms", "ms"),
    )
    for text, key, unit in rows:
        print(f"{text:48} {figures[key]:>10} {unit}")
