"""Nodes that read along, under hundreds of seeds of loss, repetition, delay and crashes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.executor.node import NodeExecutor, Outcome
from runfold.graph.kinds.llm import KIND
from runfold_executor_text.text_filter import NODE
from tests.support import virtual_loop
from tests.support.simulation import World, asked, retryable

SEEDS, BY_DEFAULT = 150, 50

RETRY = {"retry": {"max_attempts": 9, "delay": 0.2}}
READ = {"input": "{{write.output}}", "replace": {"darn": "d***"}, "window": 4}
DOCUMENT: dict[str, Any] = {
    "id": "sim",
    "nodes": [
        {"id": "write", "type": "llm", "config": {"prompt": "p"}, **RETRY},
        {"id": "read", "type": "text_filter", "config": READ},
        {"id": "again", "type": "text_filter", "config": {**READ, "input": "{{read.output}}"}},
    ],
}
REQUEST = asked(DOCUMENT)


def writer(world: World) -> NodeExecutor:
    """Says something else each time it is asked, slowly, and often fails in the middle."""
    chance = world.chance

    async def run(ctx: Any, _config: Any, _inputs: Any) -> Outcome:
        said = []
        for _ in range(chance.randint(1, 6)):
            said.append(chance.choice(("what a da", "rn", " cat ", "darn ", "the dog ")))
            await ctx.stream(said[-1])
            await asyncio.sleep(chance.choice((0.0, 0.01, 0.3)))
            if ctx.attempt < 4 and chance.random() < 0.15:
                raise retryable("in the middle")
        return Outcome({"output": "".join(said)})

    return NodeExecutor(KIND, run)


async def simulate(seed: int) -> None:
    world = World(seed)
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "w1": lambda: world.serve("w1", writer(world)),
        "w2": lambda: world.serve("w2", writer(world)),
        "r1": lambda: world.serve("r1", NODE),
        "r2": lambda: world.serve("r2", NODE),
    }
    _, folder = await world.simulate(processes, REQUEST)
    assert folder.state.status == "succeeded", folder.state.error
    nodes = folder.state.nodes
    filtered = str(nodes["write"].outputs["output"]).replace("darn", "d***")
    assert nodes["read"].outputs["output"] == filtered
    assert nodes["again"].outputs["output"] == filtered.replace("darn", "d***")


@pytest.mark.parametrize("seeds", virtual_loop.seeds_in_chunks(SEEDS, BY_DEFAULT))
def test_a_reader_makes_what_its_source_came_to(seeds: range) -> None:
    virtual_loop.run_seeds(simulate, seeds)
