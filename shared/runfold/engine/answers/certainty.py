"""Which nodes will run unless something fails, long before they are reached."""

from __future__ import annotations

from collections.abc import Container

from runfold.engine.answers.graph_context import GraphContext
from runfold.engine.state.nodes import ENDED, NodeState
from runfold.graph.definition import OUT
from runfold.graph.plan.plan import Plan, PlanNode


def is_certain(
    ctx: GraphContext, node_id: str, known: dict[str, bool], barriers: Container[str] = ()
) -> bool:
    """Whether a node will run: every edge of some path to it is taken, or can only be taken.

    Args:
        ctx: The graph.
        node_id: The node.
        known: What was found for other nodes in this state; added to.
        barriers: Nodes behind which nothing is certain until they have ended.
    """
    sources = _sources(ctx.graph)
    stack = [node_id]
    while stack:
        current = stack[-1]
        held = ctx.node(current)
        if current in known or held is not None:
            is_reached = held is not None and held.status not in ("skipped", "skipping")
            known.setdefault(current, is_reached)
            stack.pop()
            continue
        unknown = [source for source, _ in sources[current] if source not in known]
        if unknown:
            stack += unknown
            continue
        known[current] = any(
            known[source]
            and _leads(ctx.graph.nodes[source], ctx.node(source), port, source in barriers)
            for source, port in sources[current]
        )
        stack.pop()
    return known[node_id]


def _sources(graph: Plan) -> dict[str, list[tuple[str, str]]]:
    """Node → the nodes and ports whose edges lead to it."""
    found: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in graph.nodes}
    for node in graph.nodes.values():
        for port, targets in node.targets.items():
            for target in targets:
                found[target].append((node.id, port))
    return found


def _leads(source: PlanNode, held: NodeState | None, port: str, is_barrier: bool) -> bool:  # noqa: FBT001
    """Whether the edges of a port are taken, or can only be taken."""
    if held is not None and held.status in ENDED:
        return port in (held.ports or (held.port,))
    return not is_barrier and source.ports == (OUT,) and port == OUT
