"""A state machine and its events through seeds of loss, repetition, delay and crashes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from runfold.engine.accept.state_machines import events_taken, is_resting
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.scopes import node_at
from runfold.engine.state.state_machines import Machine
from runfold.executor.node import Outcome
from runfold.ids import review_token
from tests.support import virtual_loop
from tests.support.machines import machine
from tests.support.simulation import RUN, World, asked, check_attempts, counted, retryable

SEEDS, BY_DEFAULT = 100, 25
TASK = {"id": "task", "type": "noop", "retry": {"max_attempts": 4, "delay": 0.2}}
BODY = {"nodes": [TASK]}
COUNT = {"variable": "count", "operation": "+=", "value": 1}
STATES: dict[str, Any] = {
    "made": {"on": {"pay": {"target": "paid", "assign": [COUNT], "action": BODY}}, "entry": BODY},
    "paid": {"on": {"send": {"target": "sent", "assign": [COUNT]}}, "entry": BODY},
    "sent": {"timeout": {"after": 40, "target": "there", "assign": [COUNT]}, "on": {"pay": "paid"}},
    "there": {"on": {"close": {"target": "over", "assign": [COUNT], "action": BODY}}},
    "over": {"final": True, "entry": BODY},
}
REQUEST = asked({"id": "sim", "nodes": [machine(STATES, variables={"count": 0})]})
WAY = [
    ("made", "pay", "paid"),
    ("paid", "send", "sent"),
    ("sent", "timeout", "there"),
    ("there", "close", "over"),
]
HANDLERS = ["made", "made.pay", "paid", "there.close", "over"]


async def node(ctx: Any, _config: Any, _inputs: Any) -> Outcome:
    """The payment's first attempt fails."""
    if ctx.scope == "order[made.pay.1]" and ctx.attempt < 2:
        raise retryable(ctx.scope)
    return Outcome({"output": ctx.scope})


async def driving(world: World) -> None:
    """Send what the machine takes, each event once or several times, until it is over."""
    token = review_token(RUN, "order", 1)
    while not world.ended.is_set():
        await asyncio.sleep(0.3)
        folder = Folder.fold(await world.records(), Plans())
        if folder is None or folder.state.ended:
            continue
        held, planned = folder.state.nodes["order"], node_at(folder.plan, "order")
        taken = events_taken(planned, held)
        if not is_resting(planned, held) or (taken == ("pay",) and held.composite.visit == 2):
            continue
        for _ in range(world.chance.randint(1, 3)):
            await world.bus.requests.send(AnswerRequest(token=token, action=taken[0], key=taken[0]))


async def simulate(seed: int) -> None:
    world = World(seed)
    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "x1": lambda: world.executor("x1", node),
    }
    records, folder = await world.simulate(
        processes, REQUEST, lambda: driving(world), most=5, longest=9.0
    )
    check(folder, records)
    check_attempts(records, world.calls)


def check(folder: Folder, records: list[e.Recorded]) -> None:
    assert (folder.state.status, folder.state.outputs) == ("succeeded", {"output": "over"})
    machine_state = folder.state.nodes["order"].composite
    assert isinstance(machine_state, Machine)
    assert machine_state.variables == {"count": len(WAY)}
    passed = [machine_state.history[index] for index in sorted(machine_state.history)]
    assert [(one.from_, one.event, one.to) for one in passed] == WAY
    begun = [event for event, _ in counted(records) if isinstance(event, e.StateHandlerStarted)]
    assert [event.handler for event in begun] == HANDLERS


@pytest.mark.parametrize("seeds", virtual_loop.seeds_in_chunks(SEEDS, BY_DEFAULT))
def test_every_seed_ends_right(seeds: range) -> None:
    virtual_loop.run_seeds(simulate, seeds)
