"""A definition as one list of nodes and edges, those of bodies included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.graph.definition import Edge, Node
from runfold.graph.findings import Findings
from runfold.graph.reading.edges import read_edges
from runfold.graph.reading.nodes import read_nodes
from runfold.importers.repair import nodes_in

BODY = ("nodes", "edges")


class Placed(msgspec.Struct, frozen=True):
    """One node, and where it is."""

    node: Node
    """In canonical spelling; of a container, without its body."""
    within: str
    """Id of the container around it; empty: none."""
    position: dict[str, Any]


class Flat(msgspec.Struct, frozen=True):
    """All nodes and edges of a definition."""

    nodes: dict[str, Placed]
    edges: tuple[Edge, ...]
    twice: tuple[str, ...]
    """Ids that stand in several bodies: the first one is in `nodes`."""

    def inside(self, container: str) -> list[str]:
        """Ids of the nodes of one body; of the definition itself by an empty id."""
        return [node_id for node_id, one in self.nodes.items() if one.within == container]

    def around(self, node_id: str) -> Iterator[Node]:
        """The containers around a node, the innermost first."""
        within = self.nodes[node_id].within if node_id in self.nodes else ""
        while within:
            yield self.nodes[within].node
            within = self.nodes[within].within


def flat(definition: dict[str, Any]) -> Flat:
    """A definition, flattened. Whether it is sound, the loader has said before."""
    positions = {
        str(one.get("id")): one["position"]
        for one in nodes_in(definition)
        if isinstance(one.get("position"), dict)
    }
    found = Findings()
    nodes = read_nodes(definition.get("nodes"), "nodes", found)
    edges = read_edges(definition.get("edges"), nodes, "", found)
    placed: dict[str, Placed] = {}
    drawn: list[Edge] = []
    twice: list[str] = []
    waiting = [("", nodes, edges)]
    while waiting:
        within, nodes, edges = waiting.pop(0)
        drawn += edges
        for node in nodes:
            if node.id in placed:
                twice.append(node.id)
                continue
            body = _body(node)
            if body is not None:
                waiting.append((node.id, *body))
                rest = {key: one for key, one in node.config.items() if key not in BODY}
                node = msgspec.structs.replace(node, config=rest)  # noqa: PLW2901
            placed[node.id] = Placed(node, within, positions.get(node.id, {}))
    return Flat(placed, tuple(drawn), tuple(twice))


def _body(node: Node) -> tuple[tuple[Node, ...], tuple[Edge, ...]] | None:
    written = node.config.get("nodes")
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        return None
    nodes = msgspec.convert(written, tuple[Node, ...])
    edges = msgspec.convert(node.config.get("edges", []), tuple[Edge, ...])
    return nodes, edges
