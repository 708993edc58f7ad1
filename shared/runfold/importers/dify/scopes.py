"""Scopes: which nodes of one run, by which edges, and where a circle is cut.

A scope is the graph itself or the inside of one container. Dify runs what its root leads to; a node
that nothing leads to would run here at once, so it is left out, and said.
"""

from __future__ import annotations

from typing import NamedTuple

from runfold.importers.dify.node_types import INNER_STARTS, NOTE, ROOTS
from runfold.importers.dify.source import SOURCE, Source, SourceEdge, SourceNode

_SUCCESS = "success-branch"
Handles = dict[str, tuple[str, ...]]
"""Node → handles at which edges may leave it; without an entry, any."""


class Scope(NamedTuple):
    """The nodes of one scope that run, and the edges among them."""

    roots: list[SourceNode]
    nodes: list[SourceNode]
    edges: list[SourceEdge]


class Scoping:
    """The scopes of a graph.

    Args:
        source: The graph.
        handles: Of nodes that branch: the handles that they have.
    """

    def __init__(self, source: Source, handles: Handles) -> None:
        self._source = source
        self._handles = handles
        self.remarks: dict[str, list[str]] = {}
        """Id of a node → what is to be said about its edges."""
        self._edges: dict[str, dict[SourceEdge, None]] = {}
        for edge in source.edges:
            self._place(edge)

    def scope(self, container: str) -> Scope:
        """What runs inside a container; in the graph itself by an empty id."""
        nodes = self._source.within(container)
        edges = list(self._edges.get(container, ()))
        roots = self._roots(container, nodes, edges)
        reached, kept = self._followed(roots, edges)
        return Scope(roots, [node for node in nodes if node.id in reached], kept)

    def _say(self, node_id: str, said: str) -> None:
        known = self.remarks.setdefault(node_id, [])
        if said not in known:
            known.append(said)

    def _place(self, edge: SourceEdge) -> None:
        """Put an edge into the scope that both its ends are in."""
        nodes = self._source.nodes
        source, target = nodes[edge.source], nodes[edge.target]
        if NOTE in (source.type, target.type):
            return
        handle = self._handle(source, edge.handle)
        if handle is None:
            said = f"the edge to {target.id!r} leaves it at {edge.handle!r}, which it does not have"
            self._say(source.id, f"{said}: left out, as Dify never takes it")
            return
        if source.parent != target.parent:
            self._across(source, target, handle)
            return
        placed = SourceEdge(source.id, target.id, handle)
        self._edges.setdefault(source.parent, {})[placed] = None

    def _handle(self, source: SourceNode, written: str) -> str | None:
        known = self._handles.get(source.id)
        if known is None:
            return SOURCE  # it does not branch: Dify takes every edge
        if written in known:
            return written
        if written == _SUCCESS and SOURCE in known:
            return SOURCE
        plain = written.strip().lower()
        if plain in ("true", "yes", "if", "then") and len(known) > 1:
            self._say(source.id, f"handle {written!r} is read as {known[0]!r}")
            return known[0]
        if plain in ("else", "no", "default", "otherwise") and "false" in known:
            self._say(source.id, f"handle {written!r} is read as 'false'")
            return "false"
        return None

    def _across(self, source: SourceNode, target: SourceNode, handle: str) -> None:
        """An edge over the border of a container: drawn between what is in one scope."""
        ways = [
            [node.id, *self._source.around(node)]  # innermost first
            for node in (source, target)
        ]
        parents = {one: self._source.nodes[one].parent for way in ways for one in way}
        for near in ways[0]:
            for far in ways[1]:
                if near == far or parents[near] != parents[far]:
                    continue
                leaves = handle if near == source.id else SOURCE
                said = f"its edge to {target.id!r} crosses the border of a container"
                self._say(source.id, f"{said}: it is drawn from {near!r} to {far!r}")
                placed = SourceEdge(near, far, leaves)
                self._edges.setdefault(parents[near], {})[placed] = None
                return
        if target.type not in INNER_STARTS and source.id not in ways[1]:
            self._say(source.id, f"its edge to {target.id!r}, which it is inside, is left out")

    def _roots(
        self, container: str, nodes: list[SourceNode], edges: list[SourceEdge]
    ) -> list[SourceNode]:
        if container:
            data = self._source.nodes[container].data
            named = [node for node in nodes if node.id == str(data.get("start_node_id"))]
            found = named or [node for node in nodes if node.type in INNER_STARTS]
        else:
            found = [node for node in nodes if node.type in ROOTS]
        if found:
            return found
        targets = {edge.target for edge in edges}
        free = [node for node in nodes if node.type != NOTE and node.id not in targets]
        return free or [node for node in nodes if node.type != NOTE][:1]

    def _followed(
        self, roots: list[SourceNode], edges: list[SourceEdge]
    ) -> tuple[set[str], list[SourceEdge]]:
        """What the roots lead to, and the edges among that without those that go in circles."""
        leaving: dict[str, list[SourceEdge]] = {}
        for edge in edges:
            leaving.setdefault(edge.source, []).append(edge)
        reached: set[str] = set()
        dropped: set[SourceEdge] = set()
        for root in roots:
            if root.id in reached:
                continue
            on_way = {root.id}
            reached.add(root.id)
            stack = [(root.id, iter(leaving.get(root.id, ())))]
            while stack:
                here, rest = stack[-1]
                following = next(rest, None)
                if following is None:
                    stack.pop()
                    on_way.discard(here)
                elif following.target in on_way:
                    dropped.add(following)
                elif following.target not in reached:
                    reached.add(following.target)
                    on_way.add(following.target)
                    stack.append((following.target, iter(leaving.get(following.target, ()))))
        for edge in dropped:
            said = f"its edge to {edge.target!r} goes in a circle, in which Dify never gets on"
            self._say(edge.source, f"{said}: it is cut here")
        kept = [edge for edge in edges if edge.source in reached and edge not in dropped]
        return reached, kept
