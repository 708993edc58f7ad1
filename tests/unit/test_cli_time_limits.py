"""What a person is told of how long a node waits, and of what follows."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.cli.time_limits import time_limit
from tests.unit.test_engine_composites import sim_of


def limit(*nodes: dict[str, Any], edges: list[dict[str, Any]] | None = None) -> str:
    sim = sim_of(list(nodes), edges)
    while not any(node.status == "waiting" for node in sim.state.nodes.values()):
        assert sim.step()
    return time_limit(sim.plan, sim.state, nodes[0]["id"])


def review(timeout: Any, **more: Any) -> dict[str, Any]:
    config = {"message": "ok?", **({} if timeout is None else {"timeout": timeout})}
    return {"id": "ask", "type": "human_review", "config": config, **more}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (review(None), ""),
        (review("20s"), "for 20 s, then fails"),
        (review("3m"), "for 3 min, then fails"),
        (review("5h"), "for 5 h, then fails"),
        (review("3d"), "for 3 days, then fails"),
        (
            review("20s", on_error={"strategy": "skip"}),
            "for 20 s, then its on_error applies (skip)",
        ),
        ({"id": "ask", "type": "wait", "config": {"duration": 30}}, "for 30 s"),
    ],
)
def test_the_time_and_what_follows(node: dict[str, Any], said: str) -> None:
    assert limit(node) == said


def test_the_nodes_that_follow_are_named() -> None:
    after = [{"id": name, "type": "noop"} for name in ("yes", "late")]
    edges = [
        {"source": "ask", "target": "yes", "port": "approved"},
        {"source": "ask", "target": "late", "port": "timeout"},
    ]
    assert limit(review("20s"), *after, edges=edges) == "for 20 s, then goes on with late"
