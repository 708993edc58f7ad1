"""Which nodes will run unless something fails, long before their turn comes."""

from __future__ import annotations

from collections.abc import Container

from runfold.engine.state.run import ENDED, NodeState, RunState
from runfold.graph.definition import OUT
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of


def is_sure(
    plan: Plan,
    state: RunState,
    scope: str,
    node_id: str,
    known: dict[str, bool],
    turns: Container[str] = (),
) -> bool:
    """Whether a node will run: some path to it is decided all along.

    Args:
        plan: The graph of the scope.
        state: The run.
        scope: Where the node is.
        node_id: The node.
        known: What was found out about this state already; added to.
        turns: Nodes behind which nothing is sure before they have ended.
    """
    sources = _sources(plan)
    stack = [node_id]
    while stack:
        here = stack[-1]
        held = state.nodes.get(address_of(scope, here))
        if here in known or held is not None:
            known.setdefault(here, held is not None and held.status not in ("skipped", "skipping"))
            stack.pop()
            continue
        unknown = [source for source, _ in sources[here] if source not in known]
        if unknown:
            stack += unknown
            continue
        known[here] = any(
            known[source]
            and _leads(
                plan.nodes[source],
                state.nodes.get(address_of(scope, source)),
                port,
                source in turns,
            )
            for source, port in sources[here]
        )
        stack.pop()
    return known[node_id]


def _sources(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in plan.nodes}
    for node in plan.nodes.values():
        for port, targets in node.targets.items():
            for target in targets:
                found[target].append((node.id, port))
    return found


def _leads(source: PlanNode, held: NodeState | None, port: str, waits: bool) -> bool:  # noqa: FBT001
    """Whether an edge is taken, or can be nothing else."""
    if held is not None and held.status in ENDED:
        return port in (held.ports or (held.port,))
    return not waits and source.ports == (OUT,) and port == OUT
