"""Composites: items of an iteration per second and as they get more, rounds, calls within calls."""

from __future__ import annotations

from typing import Any

from runfold.bus.ports.bus import Bus
from runfold.cli.bench.load import Load
from runfold.cli.outcome import say
from runfold.client.runs import fresh_run_id

AT_ONCE = 50
ITEMS = (1_000, 3_000, 10_000)
ROUNDS = 1_000
DEPTH = 3
TURNS = 3


def iteration(items: int) -> dict[str, Any]:
    """A task for each of so many items, 50 at a time."""
    config = {
        "items": list(range(items)),
        "concurrency": AT_ONCE,
        "nodes": [{"id": "call", "type": "noop"}],
    }
    node = {"id": "each", "type": "iteration", "config": config}
    return {"id": f"bench_iteration_{items}", "nodes": [node]}


def loop(rounds: int) -> dict[str, Any]:
    """A task in each of so many rounds, one after the other."""
    one = {"variable": "n", "operation": "+=", "value": 1}
    body = [
        {"id": "call", "type": "noop"},
        {"id": "add", "type": "assign", "config": {"assignments": [one]}},
    ]
    config = {"count": rounds, "variables": {"n": 0}, "nodes": body}
    return {"id": "bench_loop", "nodes": [{"id": "rounds", "type": "loop", "config": config}]}


def calls(depth: int) -> dict[str, Any]:
    """Workflows that call each other so deep, with a task in each."""
    document: dict[str, Any] = {"id": "bench_calls", "nodes": [{"id": "task", "type": "noop"}]}
    for level in range(depth):
        call = {"id": "call", "type": "sub_workflow", "config": {"workflow": f"inner{level}"}}
        document = {
            "id": "bench_calls",
            "nodes": [{"id": "task", "type": "noop"}, call],
            "workflows": {f"inner{level}": document},
        }
    return document


async def composites(bus: Bus, load: Load, items: tuple[int, ...]) -> dict[str, Any]:
    """Items per second by how many there are, milliseconds of a round and of nested calls."""
    rates = {}
    for count in items:
        say(f"iteration of {count} items, {AT_ONCE} at a time")
        document = iteration(count)
        await load.store(document)
        await load.run(document["id"])
        taken = sorted([await _measured(bus, load, document["id"]) for _ in range(TURNS)])
        rates[str(count)] = round(count / taken[TURNS // 2])
    say(f"loop of {ROUNDS} rounds; {DEPTH} workflows within each other")
    await load.store(loop(ROUNDS))
    await load.store(calls(DEPTH))
    rounds = sorted([await load.run("bench_loop") for _ in range(TURNS)])
    smallest, largest = rates[str(items[0])], rates[str(items[-1])]
    return {
        "iteration_items_per_s": rates,
        "iteration_1000_items_per_s": smallest,
        "iteration_slowdown": round(smallest / largest - 1, 2),
        "loop_round_ms": round(rounds[TURNS // 2] * 1e3 / ROUNDS, 2),
        "calls_p50_ms": round(await load.alone("bench_calls", 30), 2),
    }


async def _measured(bus: Bus, load: Load, workflow_id: str) -> float:
    """Seconds of one run, whose events are then removed, so that runs do not pile up."""
    run_id = fresh_run_id()
    seconds = await load.run(workflow_id, run_id)
    await bus.events.purge_run(run_id)
    return seconds
