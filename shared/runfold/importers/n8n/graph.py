"""Native nodes and edges of a document: each region's own, loops with their bodies in them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from runfold.graph.definition import OUT
from runfold.graph.item_ports import ports_of
from runfold.importers.draft import Draft
from runfold.importers.n8n.circles import Region
from runfold.importers.n8n.document import Link
from runfold.importers.n8n.loops import gate_of, keeping, loop_node, ways_out_of
from runfold.importers.n8n.room import Part
from runfold.importers.n8n.sources import Loop, Places


class Graph:
    """Nodes and edges of one region while they are written.

    Args:
        places: In which loops nodes are.
        parts: What each node became.
        draft: The definition.
    """

    def __init__(self, places: Places, parts: Mapping[str, Part], draft: Draft) -> None:
        self.places = places
        self.parts = parts
        self.draft = draft
        self.gates: dict[str, str] = {}
        """Loop → the node after it that goes on where items left."""
        self.unplaced: list[Link] = []
        """Connections from outputs that their node does not have."""

    def region(self, region: Region, loop: Loop | None) -> tuple[list[Any], list[dict[str, str]]]:
        """Nodes and edges of a region, those of loops inside as one node each."""
        depth = 0 if loop is None else len(self.places.chain(region.header))
        nodes: list[Any] = []
        edges: list[dict[str, str]] = []
        for name in region.members:
            part = self.parts[name]
            nodes += part.nodes
            edges += _inside(part)
        inner = [one for one in self.places.loops if one.region in region.inner]
        for one in inner:
            nodes += self._loop(one, edges)
        held = {one.id: one for one in inner}
        for link in self.places.wiring.main:
            if region.holds(link.source) and region.holds(link.target):
                edges += self._edges(link, depth, held)
        return nodes, _each_once(edges)

    def _loop(self, loop: Loop, edges: list[dict[str, str]]) -> list[dict[str, Any]]:
        """The native loop, and the gate after it."""
        nodes, inside = self.region(loop.region, loop)
        begin = gate_of(loop, self.places, self.draft)
        if begin is not None:
            nodes.insert(0, begin)
            inside += self._begins(loop, str(begin["id"]))
        more, to_them = keeping(loop, self.places, self.parts, self.draft, self.gates, begin)
        nodes += more
        made = [loop_node(loop, self.places, nodes, _each_once([*inside, *to_them]))]
        gate = ways_out_of(loop, self.draft)
        if gate is not None:
            self.gates[loop.id] = str(gate["id"])
            edges.append(edge(loop.id, str(gate["id"])))
            made.append(gate)
        return made

    def _begins(self, loop: Loop, gate: str) -> list[dict[str, str]]:
        """Edges from the gate of a loop to the nodes at which its rounds begin."""
        names = dict.fromkeys([loop.region.header, *(name for name, _ in loop.ways_in)])
        return [edge(gate, self._entered(name, loop), self.places.ids[name]) for name in names]

    def _entered(self, name: str, loop: Loop | None) -> str:
        """The native node that stands for another in the body of a loop: itself, or its loop."""
        chain = self.places.chain(name)
        depth = 0 if loop is None else chain.index(loop) + 1
        return chain[depth].id if len(chain) > depth else self.parts[name].first

    def _edges(self, link: Link, depth: int, held: Mapping[str, Loop]) -> list[dict[str, str]]:
        """The edge of a connection in a region where it joins two of its nodes."""
        mine, theirs = self.places.chain(link.source), self.places.chain(link.target)
        if self.places.is_back(link) and len(theirs) == depth:
            return []  # it begins the next round
        source = mine[depth] if len(mine) > depth else None
        target = theirs[depth] if len(theirs) > depth else None
        if source is target and source is not None:
            return []  # inside that loop
        to = target.id if target is not None else self.parts[link.target].first
        if source is not None and source.id in held:
            variable = source.ways_out.get((link.source, link.output))
            return [edge(self.gates[source.id], to, variable)] if variable else []
        port = port_of(self.parts[link.source], link.output)
        if port is None:
            if link not in self.unplaced:
                self.unplaced.append(link)
            return []
        return [edge(self.places.ids[link.source], to, port)]


def _each_once(edges: list[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(one.items()): one for one in edges}.values())


def _inside(part: Part) -> list[dict[str, str]]:
    """The edges between the native nodes of one node."""
    if part.edges is not None:
        return [dict(one) for one in part.edges]
    return follow(part.nodes)


def follow(nodes: tuple[dict[str, Any], ...]) -> list[dict[str, str]]:
    """Edges by which native nodes follow one another, whether there are items or not."""
    found = []
    for one, after in pairwise(nodes):
        ports = ports_of(one["config"]) if one["type"] == "items" else (OUT,)
        found += [edge(one["id"], after["id"], port) for port in ports]
    return found


def port_of(part: Part, output: int) -> str | None:
    """The port of a node's output; None when it has no such output."""
    ports = all_ports(part)
    name = OUT if output == 0 and OUT in ports else str(output)
    return name if name in ports else None


def all_ports(part: Part) -> tuple[str, ...]:
    """The ports at which the last native node of a part is left, `none` among them."""
    last = part.nodes[-1]
    if last["type"] == "items":
        return ports_of(last["config"])
    return (OUT, *last["config"].get("ports", ()))


def edge(source: str, target: str, port: str | None = OUT) -> dict[str, str]:
    """An edge."""
    made = {"source": source, "target": target}
    return made if port in (OUT, None) else {**made, "port": str(port)}
