"""Nodes that read along, under hundreds of seeds of loss, repetition, delay and crashes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.contracts.requests import RunRequest
from runfold.engine.history.fold import Folder, Plans
from runfold.executor.node import NodeExecutor, Outcome
from runfold.graph.kinds.llm import KIND
from runfold.graph.loader import canonical_bytes, prepare
from runfold_executor_text.text_filter import NODE
from tests.support import virtual_loop
from tests.support.simulation import World, retryable

SEEDS = 150
CHUNK = 50

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
WORKFLOW, _ = prepare(DOCUMENT)
REQUEST = RunRequest(
    workflow_id="sim", run_id="r1", definition=msgspec.Raw(canonical_bytes(WORKFLOW))
)


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
    world = World(seed, trouble=(0.0, 0.1, 0.3)[seed % 3])
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "w1": lambda: world.serve("w1", writer(world)),
        "w2": lambda: world.serve("w2", writer(world)),
        "r1": lambda: world.serve("r1", NODE),
        "r2": lambda: world.serve("r2", NODE),
    }
    ended = await world.begin(processes, REQUEST)

    crashes = asyncio.ensure_future(world.crashing(processes, most=6))
    await asyncio.wait_for(ended.wait(), 1000)
    await crashes
    await asyncio.sleep(12)
    world.raise_failures()
    folder = Folder.fold(await world.bus.events.read_run("r1"), Plans())
    assert folder is not None
    assert folder.state.status == "succeeded", folder.state.error
    nodes = folder.state.nodes
    filtered = str(nodes["write"].outputs["output"]).replace("darn", "d***")
    assert nodes["read"].outputs["output"] == filtered
    assert nodes["again"].outputs["output"] == filtered.replace("darn", "d***")


@pytest.mark.parametrize("start", range(0, SEEDS, CHUNK))
def test_a_reader_makes_what_its_source_came_to(start: int) -> None:
    virtual_loop.run_seeds(simulate, range(start, start + CHUNK))
