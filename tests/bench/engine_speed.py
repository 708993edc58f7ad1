"""How fast the pure engine is: `python -m tests.bench.engine_speed`.

Prints medians: planning a 1,000-node graph of diamonds, folding a run of 10,000 events, and an
owner's work, which is to fold and decide, for each event of a chain and of an iteration.
"""

from __future__ import annotations

import json
import statistics
import time

from runfold.engine.decide.runs import decide
from runfold.engine.evolve.runs import begin, evolve
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Sim, refold

ROUNDS = 7


def chain(length: int) -> Workflow:
    """start → n0 → n1 → …"""
    nodes = [Node(id="start", type="start")]
    nodes += [Node(id=f"n{i}", type="noop") for i in range(length)]
    edges = [Edge(nodes[i].id, nodes[i + 1].id) for i in range(length)]
    return Workflow(id="chain", nodes=tuple(nodes), edges=tuple(edges))


def diamonds(count: int) -> Workflow:
    """A chain of `count` diamonds: 3 nodes each, 2**count paths."""
    nodes, edges = [Node(id="start", type="start")], []
    last = "start"
    for i in range(count):
        left, right, join = f"l{i}", f"r{i}", f"j{i}"
        nodes += [Node(id=node_id, type="noop") for node_id in (left, right, join)]
        edges += [Edge(last, left), Edge(last, right), Edge(left, join), Edge(right, join)]
        last = join
    return Workflow(id="diamonds", nodes=tuple(nodes), edges=tuple(edges))


def iteration(items: int) -> Workflow:
    """Two tasks for each item, ten items at a time."""
    body = {"nodes": [{"id": "a", "type": "noop"}, {"id": "b", "type": "noop"}]}
    config = {"items": list(range(items)), "concurrency": 10, **body}
    return prepare({"id": "items", "nodes": [{"id": "e", "type": "iteration", "config": config}]})[
        0
    ]


def owned(workflow: Workflow) -> float:
    """Microseconds an event in which its owner folds it and decides."""
    sim = Sim(compile_plan(workflow))
    sim.run()
    assert sim.state.status == "succeeded"

    def work() -> None:
        state, touched = begin(sim.plan, sim.started, 1, sim.log[0].time)
        decide(sim.plan, state, touched)
        for record in sim.log[1:]:
            state, touched = evolve(sim.plan, state, record)
            if touched:
                decide(sim.plan, state, touched)

    return round(median_ms(work) * 1e3 / len(sim.log), 1)


def median_ms(work: object) -> float:
    """The median of some rounds, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1e3)
    return round(statistics.median(taken), 1)


def measure() -> dict[str, float]:
    """All figures of this module."""
    sim = Sim(compile_plan(chain(4_999)))
    sim.run()
    assert sim.state.status == "succeeded"
    graph = diamonds(333)
    return {
        "plan_1000_nodes_ms": median_ms(lambda: compile_plan(graph)),
        "fold_10000_events_ms": median_ms(lambda: refold(sim.plan, sim.log[:10_000])),
        "events": len(sim.log),
        "fold_and_decide_an_event_of_a_chain_us": owned(chain(999)),
        "fold_and_decide_an_event_of_an_iteration_us": owned(iteration(300)),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
