"""What `runfold bench` measures, in one run on one machine, and how it is printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Any

from runfold.bus import floor
from runfold.bus.connect import connect
from runfold.bus.embedded import EmbeddedNats
from runfold.cli.bench.load import Load, chain, fan_out
from runfold.cli.bench.stream import VIEWERS, added_latency
from runfold.cli.outcome import OK, say
from runfold.cli.processes import Process, service
from runfold.settings import Settings

NODES = 10
WIDTH = 100
AT_ONCE = 50


async def bench(*, as_json: bool, quick: bool) -> int:
    """Measure everything and print it."""
    rounds, runs = (20, 100) if quick else (100, 500)
    figures = {
        **await _engine(rounds, runs),
        **await _floor(rounds, runs),
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


async def _engine(rounds: int, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="runfold-bench-") as directory:
        async with EmbeddedNats(Path(directory)) as nats:
            bus = await connect(Settings(nats_url=nats.url))
            async with (
                service("scheduler", nats.url),
                service("executor-text", nats.url, RUNFOLD_CONCURRENCY="256"),
                Load(bus) as load,
            ):
                await load.store(chain(NODES))
                await load.store(fan_out(WIDTH))
                say(f"chain of {NODES} task nodes, one run at a time")
                chain_ms = await load.alone("bench_chain", rounds)
                say(f"the same, {AT_ONCE} runs at once")
                took = await load.many("bench_chain", runs, AT_ONCE)
                say(f"1 → {WIDTH} → 1")
                fan_ms = await load.alone("bench_fan_out", max(10, rounds // 3))
                say("model chunk → SSE client")
                late, late_many = await added_latency(nats.url, 2 if rounds < 50 else 5)  # noqa: PLR2004
            await bus.close()
    return {
        "chain_p50_ms": round(chain_ms, 2),
        "tasks_per_s": round(runs * NODES / took),
        "fanout_p50_ms": round(fan_ms, 2),
        **_late("sse_added", late),
        **_late(f"sse{VIEWERS}_added", late_many),
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
    )
    for text, key, unit in rows:
        print(f"{text:48} {figures[key]:>10} {unit}")
