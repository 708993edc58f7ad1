"""The nodes and edges of one scope, put together: of the graph, or of a container's inside."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import PROFILE, Flow, Made, Node, absent, edge
from runfold.importers.dify.node_types import nearest
from runfold.importers.dify.scopes import Scope
from runfold.importers.dify.source import SourceEdge, SourceNode
from runfold.importers.dify.strategies import guard, strategy_of

Graph = tuple[list[Node], list[dict[str, str]]]


def body_of(flow: Flow, container: SourceNode) -> Graph:
    """The inside of a container; never without a node."""
    nodes, edges = assembled(flow, flow.scoping.scope(container.id))
    if container.id in flow.captured:
        keeper = flow.aux(container, "item")
        targets = {one["target"] for one in edges}
        roots = [node["id"] for node in nodes if node["id"] not in targets]
        names = {"item": "{{item}}", "index": "{{index}}"}
        if container.type == "loop":
            del names["item"]
        nodes = [_values(keeper, names), *nodes]
        edges = [*(edge(keeper, root) for root in roots), *edges]
    if not nodes:
        nodes = [_values(flow.aux(container, "nothing"), {})]
    return nodes, edges


def assembled(flow: Flow, scope: Scope) -> Graph:
    """The nodes that run in a scope, and the edges among them."""
    nodes: list[Node] = []
    edges: list[dict[str, str]] = []
    for node in scope.nodes:
        made = flow.made[node.id] = _made(flow, node)
        if made is not None:
            nodes += made.nodes
            edges += made.edges
    drawn = [one for placed in scope.edges for one in _drawn(flow, placed)]
    once = {(one["source"], one["target"], one.get("port", "")): one for one in drawn}
    return nodes, [*edges, *once.values()]


def _made(flow: Flow, node: SourceNode) -> Made | None:
    kind = flow.kinds.get(node.type)
    if kind is not None:
        made = kind.make(node, flow)
        if made is not None and [one["type"] for one in made.nodes] == ["placeholder"]:
            _guarded(node, made)
        return made
    reason = (
        f"Dify has no node type {node.written!r}; the nearest is {nearest(node.written)!r}: "
        "put a node in its place that does what was meant"
    )
    return absent(flow, node, f"a node of type {node.written!r}", reason, result="unsupported")


def _guarded(node: SourceNode, made: Made) -> None:
    """Let a placeholder that is reached fail as its node would have failed."""
    stand_in = made.nodes[0]
    if strategy_of(node) and "on_error" not in stand_in:
        guard(node, stand_in, made.exits)
        stand_in.pop("retry", None)


def _drawn(flow: Flow, placed: SourceEdge) -> list[dict[str, str]]:
    source, target = flow.made.get(placed.source), flow.made.get(placed.target)
    if source is None or target is None:
        return []
    ways = source.exits.get(placed.handle)
    if ways is None:  # a placeholder, which goes on at none of its ports
        ways = next(iter(source.exits.values()), [])
    return [edge(node_id, target.entry, port) for node_id, port in ways]


def _values(node_id: str, outputs: dict[str, Any]) -> Node:
    return {"id": node_id, "type": "values", "config": {"outputs": outputs}, "profile": PROFILE}
