"""What a node costs as one run grows: a loop whose items run one after the other."""

from __future__ import annotations

from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.cli.bench.load import Load
from runfold.contracts import events as e
from runfold.errors import BusUnavailable

SIZES = (10, 100, 1_000, 10_000)


def growing(size: int) -> dict[str, Any]:
    """A loop of so many items, each a task."""
    config = {"items": list(range(size)), "nodes": [{"id": "n", "type": "noop"}]}
    return {"id": f"bench_grow_{size}", "nodes": [{"id": "each", "type": "loop", "config": config}]}


async def cost_per_node(bus: Bus, load: Load, sizes: tuple[int, ...]) -> dict[str, Any]:
    """Milliseconds a node, by the log's own times, for runs of each size."""
    costs: dict[int, float] = {}
    for size in sizes:
        await load.store(growing(size))
        rounds = max(1, min(30, 300 // size))
        taken = [await _cost(bus, load, size, number) for number in range(rounds)]
        costs[size] = sorted(taken)[len(taken) // 2]
    spread = max(costs.values()) / min(costs.values()) - 1
    return {
        "node_ms_by_run_size": {str(size): round(cost, 3) for size, cost in costs.items()},
        "node_ms_spread": round(spread, 2),
    }


async def _cost(bus: Bus, load: Load, size: int, number: int) -> float:
    run_id = f"bench-grow-{size}-{number}"
    await load.run(f"bench_grow_{size}", run_id)
    records = await bus.events.read_run(run_id)
    began = [r.time for r in records if isinstance(r.event, e.NodeRunStarted)]
    ended = [r.time for r in records if isinstance(r.event, e.NodeRunSucceeded)]
    if len(began) != size or len(ended) != size:
        raise BusUnavailable(f"{len(ended)} of {size} nodes ended")
    return (began[-1] - began[0]) / (size - 1) * 1e3
