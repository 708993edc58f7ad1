"""The real scheduler and executor under thousands of seeds of loss, delay and crashes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.runs import RunState
from runfold.executor.node import Outcome
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import address_of
from tests.support import virtual_loop
from tests.support.simulation import World, retryable

SEEDS = 2000
CHUNK = 100

NOOP = {"type": "noop", "retry": {"max_attempts": 4, "delay": 0.2}}
DOCUMENT: dict[str, Any] = {
    "id": "sim",
    "nodes": [
        {"id": "first", **NOOP},
        {"id": "left", **NOOP},
        {"id": "right", **NOOP},
        {"id": "wait", "type": "wait", "config": {"duration": 2}},
        {"id": "far", "type": "wait", "config": {"duration": 35}},
        {
            "id": "each",
            "type": "loop",
            "config": {"items": ["a", "b", "c"], "concurrency": 2, "nodes": [{"id": "in", **NOOP}]},
        },
        {
            "id": "end",
            "type": "end",
            "config": {"outputs": {"r": "{{right.output}}", "e": "{{each.output}}"}},
        },
    ],
    "edges": [
        {"source": "first", "target": "left"},
        {"source": "first", "target": "right"},
        {"source": "left", "target": "wait"},
        {"source": "wait", "target": "each"},
        {"source": "right", "target": "far"},
        {"source": "far", "target": "end"},
        {"source": "each", "target": "end"},
    ],
}
WORKFLOW, _ = prepare(DOCUMENT)
REQUEST = RunRequest(
    workflow_id="sim", run_id="r1", definition=msgspec.Raw(canonical_bytes(WORKFLOW))
)
OUTPUTS = {"r": "right", "e": ["each[0]/in", "each[1]/in", "each[2]/in"]}


async def node(ctx: Any, _config: Any, _inputs: Any) -> Outcome:
    """`right` and one item fail at first; each gives its own address back."""
    address = address_of(ctx.scope, ctx.node_id)
    if address in ("right", "each[1]/in") and ctx.attempt < 3:
        raise retryable(address)
    return Outcome({"output": address})


async def simulate(seed: int) -> None:
    world = World(seed, trouble=(0.0, 0.1, 0.3)[seed % 3])
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "x1": lambda: world.executor("x1", node),
        "x2": lambda: world.executor("x2", node),
    }
    ended = await world.begin(processes, REQUEST)

    crashes = asyncio.ensure_future(world.crashing(processes, most=6, longest=9.0))
    await asyncio.wait_for(ended.wait(), 1000)
    await crashes
    # What was under way lands, and zombies have their say.
    await asyncio.sleep(12)
    world.raise_failures()
    check(await world.bus.events.read_run("r1"), world.calls)


def check(records: list[e.Recorded], calls: list[tuple[str, int, str]]) -> None:
    folder = Folder.fold(records, Plans())
    assert folder is not None
    assert (folder.state.status, folder.state.outputs) == ("succeeded", OUTPUTS)
    first = records[0]
    assert isinstance(first.event, e.RunStarted)
    state: RunState
    state, _ = begin(folder.plan, first.event, first.seq, first.time)
    accepted: set[tuple[str, int]] = set()
    terminal = 0
    for record in records[1:]:
        after, _ = evolve(folder.plan, state, record)
        event = record.event
        if after is not state and isinstance(event, e.NodeRunSucceeded | e.NodeRunFailed):
            attempt = (address_of(event.scope, event.node_id), event.attempt)
            assert attempt not in accepted
            accepted.add(attempt)
        terminal += after is not state and after.ended
        state = after
    assert terminal == 1
    keys: dict[tuple[str, int], set[str]] = {}
    for address, attempt_number, key in calls:
        keys.setdefault((address, attempt_number), set()).add(key)
    assert all(len(of_attempt) == 1 for of_attempt in keys.values())


@pytest.mark.parametrize("start", range(0, SEEDS, CHUNK))
def test_every_seed_ends_right(start: int) -> None:
    virtual_loop.run_seeds(simulate, range(start, start + CHUNK))
