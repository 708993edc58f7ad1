"""Real schedulers under loss, delay and crashes, while events from outside answer waits in turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import SignalRequest
from runfold.executor.node import Outcome
from tests.support import virtual_loop
from tests.support.simulation import World, asked

SEEDS, BY_DEFAULT = 100, 25

STEP = {"id": "step", "type": "wait", "config": {"event": "go.*"}}
LOOP = {"items": [1, 2, 3], "concurrency": 1, "nodes": [STEP], "output": "{{step.event}}"}
DOCUMENT: dict[str, Any] = {
    "id": "sim",
    "nodes": [
        {"id": "first", "type": "noop", "retry": {"max_attempts": 4, "delay": 0.2}},
        {"id": "each", "type": "loop", "config": LOOP},
        {"id": "end", "type": "end", "config": {"outputs": {"told": "{{each.output}}"}}},
    ],
}
REQUEST = asked(DOCUMENT)


async def node(_ctx: Any, _config: Any, _inputs: Any) -> Outcome:
    return Outcome({"output": "first"})


async def simulate(seed: int) -> None:
    world = World(seed)
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "x1": lambda: world.executor("x1", node),
    }
    told: list[str] = []

    async def telling() -> None:
        """Each wait is told of an event of its own, once, after it was seen to begin."""
        while not world.ended.is_set():
            for record in await world.records():
                event = record.event
                if isinstance(event, e.NodeRunWaiting) and event.token not in told:
                    told.append(event.token)
                    signal = SignalRequest(subject="go.on", payload=event.token)
                    await world.bus.requests.send(signal)
            await asyncio.sleep(0.1)

    _, folder = await world.simulate(processes, REQUEST, telling)
    assert folder.state.status == "succeeded"
    assert folder.state.outputs == {"told": told}
    assert len(told) == len(LOOP["items"])  # type: ignore[arg-type]


@pytest.mark.parametrize("seeds", virtual_loop.seeds_in_chunks(SEEDS, BY_DEFAULT))
def test_every_wait_is_answered_by_its_own_event(seeds: range) -> None:
    virtual_loop.run_seeds(simulate, seeds)
