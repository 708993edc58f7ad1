"""Which graph a scope runs, and whether events inside it still count.

A scope is a path such as `each[3]/inner[0]`; the run's own is empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from runfold.engine.state.rounds import Rounds
from runfold.engine.state.runs import RunState
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import child_scope, split_address, split_step

REMEMBERED = 4096
"""Scopes of a plan whose graph is found without reading the scope's path again."""


def plan_of(plan: Plan, scope: str) -> Plan | None:
    """The graph of a scope, or None when the definition has no such scope."""
    if not scope:
        return plan
    graphs = plan.graphs
    if scope not in graphs:
        if len(graphs) >= REMEMBERED:
            graphs.clear()
        graph: Plan | None = plan
        for step in scope.split("/"):
            node_id, body, _ = split_step(step)
            graph = graph.body(node_id, body) if graph else None
        graphs[scope] = graph
    return graphs[scope]


def planned_at(plan: Plan, address: str) -> PlanNode | None:
    """The planned node at an address, or None when the definition has no such node."""
    scope, node_id = split_address(address)
    graph = plan_of(plan, scope)
    return graph.nodes.get(node_id) if graph else None


def node_at(plan: Plan, address: str) -> PlanNode:
    """The planned node at an address that is known to be in the plan."""
    planned = planned_at(plan, address)
    if planned is None:
        message = f"no node at {address!r}"
        raise LookupError(message)
    return planned


def is_open(state: RunState, scope: str) -> bool:
    """Whether events about nodes of a scope may still change the run.

    Each composite around it must be active. While a run compensates, only those inside the undoing
    node count: the scope that the undoing node itself is in may be closed.
    """
    undoing = state.saga.undoing if state.saga else None
    outermost = split_address(undoing.by)[0] if undoing else ""
    while scope != outermost:
        if scope not in state.scopes:
            return False
        address = scope[: scope.rindex("[")]
        composite = state.nodes.get(address)
        if composite is None or composite.status != "active":
            return False
        scope = address.rpartition("/")[0]
    return True


def undecided(state: RunState) -> Iterator[str]:
    """All that may be due, in a fixed order: open nodes, and rounds that ended.

    A round is decided by itself, without its composite; other scopes are with theirs.
    """
    for address in sorted(state.open):
        yield address
        rounds = state.nodes[address].composite
        if isinstance(rounds, Rounds):
            yield from (child_scope(address, index) for index in sorted(rounds.settled))
