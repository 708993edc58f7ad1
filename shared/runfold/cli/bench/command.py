"""What `runfold bench` measures, in one run on one machine, and how it is printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.bench import floor
from runfold.cli.bench.agents import agent_overhead
from runfold.cli.bench.composites import ITEMS, composites
from runfold.cli.bench.growth import SIZES, cost_per_node
from runfold.cli.bench.load import Load, chain, fan_out
from runfold.cli.bench.long_runs import fold_times
from runfold.cli.bench.queued import drain
from runfold.cli.bench.stream import VIEWERS, added_latency, floor_latency
from runfold.cli.outcome import OK, say
from runfold.cli.processes import Process, service
from runfold.cli.stack import on_own_server
from runfold.model_servers.demo.server import DemoModel
from runfold.service.collection import collect_rarely
from runfold.settings import read_settings

NODES = 10
WIDTH = 100
AT_ONCE = 50
TURNS = 3
"""Of the engine and its floor, one after the other."""


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
    items: tuple[int, ...]
    """Items of iterations."""


WHOLE = Size(rounds=100, runs=500, streams=5, queued=10_000, sizes=SIZES, items=ITEMS)
QUICK = Size(rounds=20, runs=100, streams=2, queued=500, sizes=SIZES[:3], items=ITEMS[:2])


async def bench(*, as_json: bool, quick: bool) -> int:
    """Measure everything and print it."""
    size = QUICK if quick else WHOLE
    collect_rarely()
    figures = {
        **await _measured(size),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures)
    return OK


async def _measured(size: Size) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        servers = []
        for _ in range(2):
            prefix = tempfile.TemporaryDirectory(prefix="runfold-bench-")
            directory = Path(stack.enter_context(prefix))
            servers.append(await stack.enter_async_context(EmbeddedNats(directory)))
        url, floor_url = (server.url for server in servers)
        bus = await connect(on_own_server(read_settings(), url))
        stack.push_async_callback(bus.close)
        floor_executor = Process("-m", "runfold.cli.bench.floor", floor_url, ready=floor.READY)
        await stack.enter_async_context(floor_executor)
        floor_driver = await stack.enter_async_context(floor.Floor(floor_url, NODES))
        scheduler = service("scheduler", url)
        executor = service("executor-text", url, RUNFOLD_CONCURRENCY="256")
        async with scheduler, executor, Load(bus) as load:
            await load.store(chain(NODES))
            await load.store(fan_out(WIDTH))
            figures = await _beside_the_floor(load, floor_driver, size)
            say(f"1 → {WIDTH} → 1")
            fan_ms = await load.alone("bench_fan_out", max(10, size.rounds // 3))
            say("model chunk → SSE client")
            late, late_many = await added_latency(url, size.streams)
            late_floor = await floor_latency(size.streams)
            say(f"{size.queued} runs asked for at once")
            processes = {"scheduler": scheduler, "executor": executor}
            queued = await drain(bus, load, processes, size.queued, NODES)
            say("one run that grows")
            growth = await cost_per_node(bus, load, size.sizes)
            inner = await composites(bus, load, size.items)
            model = await stack.enter_async_context(DemoModel())
            executor_llm = service(
                "executor-llm", url, OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="demo"
            )
            async with executor_llm:
                inner |= await agent_overhead(load)
        say("a run of 100,000 events")
        folds = await fold_times(bus)
    return {
        **figures,
        "fanout_p50_ms": round(fan_ms, 2),
        **_late("sse_added", late),
        **_late(f"sse{VIEWERS}_added", late_many),
        **_late(f"floor_sse{VIEWERS}", late_floor),
        **queued,
        **growth,
        **inner,
        **folds,
    }


async def _beside_the_floor(load: Load, driver: floor.Floor, size: Size) -> dict[str, Any]:
    """The engine and its floor in turns, so that both have the same machine; medians of turns."""
    turns: dict[str, list[float]] = {}
    for turn in range(TURNS):
        say(f"chain of {NODES} task nodes and its floor, turn {turn + 1} of {TURNS}")
        taken = {
            "chain_p50_ms": await load.alone("bench_chain", size.rounds),
            "floor_chain_p50_ms": await driver.alone(size.rounds),
            "tasks_per_s": size.runs * NODES / await load.many("bench_chain", size.runs, AT_ONCE),
            "floor_tasks_per_s": size.runs * NODES / await driver.many(size.runs, AT_ONCE),
        }
        taken["ratio_chain"] = taken["floor_chain_p50_ms"] / taken["chain_p50_ms"]
        taken["ratio_tasks"] = taken["tasks_per_s"] / taken["floor_tasks_per_s"]
        for name, value in taken.items():
            turns.setdefault(name, []).append(value)
    middle = {name: statistics.median(values) for name, values in turns.items()}
    return {
        name: round(value) if name.endswith("per_s") else round(value, 2)
        for name, value in middle.items()
    }


def _late(name: str, late: list[float]) -> dict[str, float]:
    late.sort()
    p99 = late[int(len(late) * 0.99)]
    return {f"{name}_p50_ms": round(statistics.median(late), 2), f"{name}_p99_ms": round(p99, 2)}


def _print(figures: dict[str, Any]) -> None:
    rows = (
        (f"chain of {NODES} tasks, one at a time, p50", "chain_p50_ms", "ms"),
        ("  the floor for that", "floor_chain_p50_ms", "ms"),
        (f"task nodes per second, {AT_ONCE} runs at once", "tasks_per_s", "/s"),
        ("  the floor for that", "floor_tasks_per_s", "/s"),
        ("floor over engine, that of the chain", "ratio_chain", ""),
        ("engine over floor, that of the rate", "ratio_tasks", ""),
        (f"1 → {WIDTH} → 1, p50", "fanout_p50_ms", "ms"),
        ("model chunk → SSE client, added, p50", "sse_added_p50_ms", "ms"),
        ("  p99", "sse_added_p99_ms", "ms"),
        (f"the same, {VIEWERS} clients of one run, p50", f"sse{VIEWERS}_added_p50_ms", "ms"),
        ("  p99", f"sse{VIEWERS}_added_p99_ms", "ms"),
        ("  of that, writing to the sockets alone, p50", f"floor_sse{VIEWERS}_p50_ms", "ms"),
        (f"{figures['queued_runs']} runs asked for at once: lost", "queued_lost", ""),
        ("  task nodes per second", "queued_tasks_per_s", "/s"),
        ("  most memory of a service", "queued_memory_mb", "MB"),
        ("a node's cost as its run grows", "node_ms_by_run_size", "ms"),
        ("  largest over smallest, less 1", "node_ms_spread", ""),
        ("iteration, items per second by how many", "iteration_items_per_s", "/s"),
        ("  slower at the most items by", "iteration_slowdown", ""),
        ("a round of a loop of 1,000", "loop_round_ms", "ms"),
        ("three workflows within each other, p50", "calls_p50_ms", "ms"),
        ("a round of an agent that calls a tool", "agent_round_ms", "ms"),
        ("  its two nodes by themselves", "agent_round_nodes_ms", "ms"),
        ("  more than those by", "agent_overhead", ""),
        ("the same with a model of a usual pace", "agent_paced_round_ms", "ms"),
        ("  its two nodes by themselves", "agent_paced_nodes_ms", "ms"),
        ("  more than those by", "agent_paced_overhead", ""),
        ("fold of 100,000 events from the log", "fold_100k_events_cold_ms", "ms"),
        ("  from a snapshot", "fold_100k_events_snapshot_ms", "ms"),
    )
    for text, key, unit in rows:
        print(f"{text:48} {figures[key]:>10} {unit}")
