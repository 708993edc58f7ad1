"""Ways through a graph that lead nowhere: joins that never have enough, failures without an edge.

A node that takes one of its ports excludes what only the others lead to. What is found here is
certain: a join is reported when no choice of ports gives it the branches that it needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from runfold.graph.definition import ERROR, Edge, Node
from runfold.graph.findings import Findings
from runfold.graph.kinds import INLINE, kind_of
from runfold.graph.kinds.join import needed
from runfold.graph.selecting import takes_several

MOST_CHOICES = 256
"""Nodes with a choice of ports up to which the joins of a graph are checked: costs their square."""

NO_ERROR = "no error"
"""The way of a node that an executor runs, when it is not that of its failure."""

Facts = dict[str, str]
"""Node → the way it must have gone."""


def check_ways(nodes: Iterable[Node], edges: list[Edge], prefix: str, found: Findings) -> None:
    """The error branches and joins of one graph whose edges are sound."""
    by_id = {node.id: node for node in nodes if node.id}
    for index, node in enumerate(nodes):
        path = f"{prefix}nodes[{index}]"
        if node.on_error.strategy == "error_branch" and not any(
            edge.source == node.id and edge.port == ERROR for edge in edges
        ):
            message = f"no edge leaves node {node.id!r} at port 'error': its failure leads nowhere"
            hint = "add an edge with `port: error`, or take another strategy"
            found.warning("edge.error_missing", f"{path}.on_error", message, hint)
    incoming: dict[str, list[Edge]] = {node_id: [] for node_id in by_id}
    for edge in edges:
        incoming[edge.target].append(edge)
    joins = [(index, node) for index, node in enumerate(nodes) if _wants_several(node, incoming)]
    if not joins or sum(has_choice(node) for node in nodes) > MOST_CHOICES:
        return
    facts = facts_of(by_id, incoming)
    if facts is None:
        return
    for index, node in joins:
        ways = [_along(edge, by_id, facts) for edge in incoming[node.id]]
        need = needed(node.config, len(ways))
        most, between = _most(ways)
        if most < need:
            message = (
                f"join {node.id!r} needs {need} branches, and at most {most} of the {len(ways)} "
                f"that lead to it can come: {between!r} goes one way only"
            )
            hint = "use mode `any`, or leave the join out: a node runs once any edge to it is taken"
            found.error("join.exclusive", f"{prefix}nodes[{index}]", message, hint)


def _wants_several(node: Node, incoming: Mapping[str, list[Edge]]) -> bool:
    mode = node.config.get("mode", "all")
    if node.type != "join" or len(incoming.get(node.id, ())) < 2:  # noqa: PLR2004 -- several
        return False
    if mode == "all" and node.config.get("ignore_errors"):
        return False
    counted = node.config.get(mode) if isinstance(mode, str) else None
    return mode == "all" or (mode in ("n", "percentage") and isinstance(counted, int | float))


def has_choice(node: Node) -> bool:
    """Whether a node may be left in more than one way."""
    kind = kind_of(node.type)
    several = kind is not None and len(kind.ports(node.config)) > 1
    return several or node.on_error.strategy == "error_branch"


def way_of(node: Node, port: str) -> str | None:
    """The way out of a node that excludes its others; None when it excludes none.

    Nodes that executors run may take several ports at once; only their failure excludes the rest.
    """
    if port == ERROR:
        return ERROR
    kind = kind_of(node.type)
    if kind is None or not has_choice(node):
        return None
    if kind.group == INLINE and not takes_several(node.config.get("strategy")):
        return port
    return NO_ERROR if node.on_error.strategy == "error_branch" else None


def _along(edge: Edge, by_id: Mapping[str, Node], facts: Mapping[str, Facts]) -> Facts:
    """What must be so for an edge to be taken."""
    way = way_of(by_id[edge.source], edge.port)
    here = facts[edge.source]
    return here if way is None else {**here, edge.source: way}


def facts_of(
    by_id: Mapping[str, Node], incoming: Mapping[str, list[Edge]]
) -> dict[str, Facts] | None:
    """What must be so for each node to run; None for a graph that goes in circles."""
    before = {node_id: [edge.source for edge in edges] for node_id, edges in incoming.items()}
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError:
        return None
    facts: dict[str, Facts] = {}
    for node_id in order:
        ways = [_along(edge, by_id, facts) for edge in incoming[node_id]]
        facts[node_id] = _common(ways)
    return facts


def _common(ways: list[Facts]) -> Facts:
    """What is so whichever way is gone."""
    if not ways:
        return {}
    first, *others = ways
    return {one: way for one, way in first.items() if all(w.get(one) == way for w in others)}


def _most(ways: list[Facts]) -> tuple[int, str]:
    """A bound of how many ways can be gone together, and the node that sets it."""
    bounds = [(len(ways), "")]
    for node_id in dict.fromkeys(one for way in ways for one in way):
        counted = Counter(way[node_id] for way in ways if node_id in way)
        bounds.append((len(ways) - counted.total() + max(counted.values()), node_id))
    return min(bounds, key=lambda bound: bound[0])
