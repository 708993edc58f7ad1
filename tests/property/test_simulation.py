"""The real scheduler and executor under thousands of seeds of loss, delay and crashes."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.executor.node import Outcome
from runfold.ids import address_of
from tests.support import virtual_loop
from tests.support.simulation import World, asked, check_attempts, counted, retryable

SEEDS, BY_DEFAULT = 1000, 150

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
REQUEST = asked(DOCUMENT)
OUTPUTS = {"r": "right", "e": ["each[0]/in", "each[1]/in", "each[2]/in"]}


async def node(ctx: Any, _config: Any, _inputs: Any) -> Outcome:
    """`right` and one item fail at first; each gives its own address back."""
    address = address_of(ctx.scope, ctx.node_id)
    if address in ("right", "each[1]/in") and ctx.attempt < 3:
        raise retryable(address)
    return Outcome({"output": address})


async def simulate(seed: int) -> None:
    world = World(seed)
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "x1": lambda: world.executor("x1", node),
        "x2": lambda: world.executor("x2", node),
    }
    records, folder = await world.simulate(processes, REQUEST, longest=9.0)
    assert (folder.state.status, folder.state.outputs) == ("succeeded", OUTPUTS)
    assert sum(then.state.ended for _, then in counted(records)) == 1
    check_attempts(records, world.calls)


@pytest.mark.parametrize("seeds", virtual_loop.seeds_in_chunks(SEEDS, BY_DEFAULT))
def test_every_seed_ends_right(seeds: range) -> None:
    virtual_loop.run_seeds(simulate, seeds)
