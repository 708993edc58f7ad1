"""Which nodes of a graph undo others: they run for nothing else, so they have no edges."""

from __future__ import annotations

from collections.abc import Iterable

from runfold.graph.definition import Node

ERROR_NAME = "error"
"""What a compensation node reads the reason by, unless a node or value has the name."""


def compensation_nodes(nodes: Iterable[Node]) -> dict[str, Node]:
    """The nodes that undo others, by id → the node each undoes."""
    nodes = tuple(nodes)
    ids = {node.id for node in nodes}
    return {
        node.compensate: node
        for node in nodes
        if node.id and node.compensate in ids and node.compensate != node.id
    }
