"""Sagas by the real scheduler and executor, under seeds of loss, delay, crashes and cancels."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import CancelRequest
from runfold.engine.history.fold import Folder
from runfold.engine.views.runs import run_view
from runfold.errors import NodeFailed
from runfold.executor.node import Outcome
from runfold.ids import address_of
from tests.support import virtual_loop
from tests.support.sagas import told_by, undone_at
from tests.support.simulation import World, asked, retryable

SEEDS, BY_DEFAULT = 200, 50

NOOP = {"type": "noop", "retry": {"max_attempts": 4, "delay": 0.2}}


def pair(name: str) -> list[dict[str, Any]]:
    return [{"id": name, **NOOP, "compensate": f"undo-{name}"}, {"id": f"undo-{name}", **NOOP}]


DOCUMENT: dict[str, Any] = {
    "id": "sim",
    "nodes": [
        *pair("first"),
        *pair("left"),
        *pair("right"),
        {
            "id": "each",
            "type": "loop",
            "config": {
                "items": ["a", "b", "c"],
                "concurrency": 2,
                "on_item_error": "continue",
                "nodes": [*pair("in"), {"id": "then", **NOOP}],
                "edges": [{"source": "in", "target": "then"}],
            },
        },
        {"id": "last", **NOOP},
    ],
    "edges": [
        {"source": "first", "target": "left"},
        {"source": "first", "target": "right"},
        {"source": "left", "target": "each"},
        {"source": "each", "target": "last"},
        {"source": "right", "target": "last"},
    ],
}
REQUEST = asked(DOCUMENT)


async def simulate(seed: int) -> None:
    world = World(seed)
    done: set[str] = set()
    undone: set[str] = set()

    async def node(ctx: Any, _config: Any, _inputs: Any) -> Outcome:
        """One item fails for good, and so does `last`; some others at first."""
        address = address_of(ctx.scope, ctx.node_id)
        if address in ("each[1]/then", "last"):
            raise NodeFailed("for good", code="simulated", kind="server")
        if address in ("right", "undo-first") and ctx.attempt < 3:
            raise retryable(address)
        if undone_at(address):
            undone.add(undone_at(address))
        else:
            done.add(address)
        return Outcome({"output": address})

    processes = {
        "s1": lambda: world.scheduler("s1"),
        "s2": lambda: world.scheduler("s2"),
        "x1": lambda: world.executor("x1", node),
        "x2": lambda: world.executor("x2", node),
    }

    async def cancelling() -> None:
        if seed % 2:
            await asyncio.sleep(world.chance.choice((0.0, 0.2, 0.5, 1.0, 1.5)))
            await world.bus.requests.send(CancelRequest(run_id="r1", reason="seeded"))

    records, folder = await world.simulate(processes, REQUEST, cancelling, most=5)
    check(folder, records)
    if not world.trouble:
        # Nothing is queued twice then: whatever was done was undone, and nothing but that.
        compensable = {
            at for at in done if at.rpartition("/")[2] in ("first", "left", "right", "in")
        }
        assert undone == compensable


def check(folder: Folder, records: list[e.Recorded]) -> None:
    told = told_by(folder.plan, records)
    view = run_view(folder.plan, folder.state)
    assert view.status == ("compensated" if told.completed else view.status)
    assert view.status in ("compensated", "cancelled")
    assert sorted(told.undone) == sorted(told.ended) == sorted(told.completed)
    assert {entry.status for entry in view.compensation} <= {"compensated"}


@pytest.mark.parametrize("seeds", virtual_loop.seeds_in_chunks(SEEDS, BY_DEFAULT))
def test_every_seed_is_undone(seeds: range) -> None:
    virtual_loop.run_seeds(simulate, seeds)
