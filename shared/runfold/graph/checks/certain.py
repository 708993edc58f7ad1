"""Which nodes have certainly ended with outputs when another one of their graph begins.

Certain only: where this says no, a node may still have run each time that anybody looked. A node
is certain for another when every way to that one goes through it, or when what must be so for the
other one to run is enough for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from runfold.graph.checks.ways import MOST_CHOICES, NO_ERROR, Facts, facts_of, has_choice, way_of
from runfold.graph.definition import ERROR, Edge, Node
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.join import needed

MOST_CONDITIONS = 16
"""Conditions, each enough for a node to run, that are kept of it: losing one loses certainty."""

Condition = frozenset[tuple[str, str]]
"""Nodes and the ways that they must have gone."""


class Certain:
    """What is certain in one graph.

    Args:
        by_id: Its nodes.
        edges: Its edges.
    """

    def __init__(self, by_id: Mapping[str, Node], edges: tuple[Edge, ...]) -> None:
        incoming: dict[str, list[Edge]] = {node_id: [] for node_id in by_id}
        for edge in edges:
            if edge.source in by_id and edge.target in by_id:
                incoming[edge.target].append(edge)
        self._by_id = by_id
        self._incoming = incoming
        self._bits = {node_id: 1 << index for index, node_id in enumerate(by_id)}
        self._through: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._enough: dict[str, list[Condition]] = {}
        self._facts: Mapping[str, Facts] = {}
        self._lossy: set[str] = set()
        """Joins that go on without branches that failed, and what comes after them."""
        sources = {node_id: {edge.source for edge in into} for node_id, into in incoming.items()}
        try:
            order = list(TopologicalSorter(sources).static_order())
        except CycleError:
            return
        if sum(map(has_choice, by_id.values())) <= MOST_CHOICES:
            self._facts = facts_of(by_id, incoming) or {}
        for node_id in order:
            self._follow(node_id)

    def has_run(self, source: str, node: str) -> bool:
        """Whether `source` has certainly run, and ended, when `node` begins."""
        bit = self._bits[source]
        if self._through.get(node, 0) & bit:
            return True
        facts = self._facts.get(node)
        if facts is None or not self._ended.get(node, 0) & bit:
            return False
        return any(condition <= facts.items() for condition in self._enough[source])

    def has_outputs(self, source: str, node: str) -> bool:
        """Whether `source` has run by then and has its own outputs, not those of a failure."""
        strategy = self._by_id[source].on_error.strategy
        if strategy == "error_branch":
            way = self._facts.get(node, {}).get(source, ERROR)
            return way != ERROR and self.has_run(source, node)
        return strategy == "fail" and self.has_run(source, node)

    def _follow(self, node_id: str) -> None:
        """What holds when a node begins, by what holds for those that lead to it."""
        node, into = self._by_id[node_id], self._incoming[node_id]
        through = [self._through[edge.source] | self._bits[edge.source] for edge in into]
        ended = [self._ended[edge.source] | self._bits[edge.source] for edge in into]
        enough = [self._of_edge(edge) for edge in into]
        if node.type == "join" and node.config.get("ignore_errors"):
            # A branch may be lost anywhere on its way.
            self._lossy.add(node_id)
            self._through[node_id] = self._ended[node_id] = 0
            self._enough[node_id] = []
            return
        waits = node.type != "join" or _needs_all(node, len(into))
        self._through[node_id] = _common(through)
        if any(edge.source in self._lossy for edge in into):
            # What was lost before the join need not have been as it must be for the join.
            self._lossy.add(node_id)
            self._ended[node_id] = 0
        else:
            self._ended[node_id] = _any(ended) if waits else _common(ended)
        if not into:
            self._enough[node_id] = [frozenset()]
        elif node.type == "join" and not _needs_one(node, len(into)):
            self._enough[node_id] = _all_of(enough)
        else:
            self._enough[node_id] = self._one_of(enough)

    def _of_edge(self, edge: Edge) -> list[Condition]:
        """What is enough for an edge to be taken; nothing where it may be left out all the same."""
        source, enough = self._by_id[edge.source], self._enough[edge.source]
        kind = kind_of(source.type)
        ports = kind.ports(source.config) if kind is not None else ()
        way = way_of(source, edge.port)
        if way is None:
            is_only = tuple(ports) == (edge.port,)
            return enough if is_only else []
        if way == NO_ERROR and len(ports) != 1:
            return []
        return [condition | {(edge.source, way)} for condition in enough]

    def _one_of(self, conditions: list[list[Condition]]) -> list[Condition]:
        """Conditions of which one is enough, with those merged that leave no way out."""
        found = dict.fromkeys(
            _shortest(list(dict.fromkeys(one for each in conditions for one in each)))
        )
        merged = True
        while merged:
            merged = False
            for one in list(found):
                for node_id, _ in one:
                    rest = frozenset(fact for fact in one if fact[0] != node_id)
                    ways = self._ways(node_id)
                    if rest not in found and all(rest | {(node_id, way)} in found for way in ways):
                        found[rest] = None
                        merged = True
        return _shortest(list(found))

    def _ways(self, node_id: str) -> frozenset[str]:
        """All ways out of a node that exclude each other."""
        node = self._by_id[node_id]
        kind = kind_of(node.type)
        ports = (*(kind.ports(node.config) if kind is not None else ()),)
        errors = (ERROR,) if node.on_error.strategy == "error_branch" else ()
        return frozenset(way for port in (*ports, *errors) if (way := way_of(node, port)))


def _needs_all(node: Node, incoming: int) -> bool:
    mode = node.config.get("mode", "all")
    counted = node.config.get(mode) if isinstance(mode, str) else None
    if mode == "all":
        return True
    is_counted = isinstance(counted, int | float) and not isinstance(counted, bool)
    return mode in ("n", "percentage") and is_counted and needed(node.config, incoming) >= incoming


def _needs_one(node: Node, incoming: int) -> bool:
    return incoming <= 1 or node.config.get("mode") == "any"


def _common(sets: list[int]) -> int:
    if not sets:
        return 0
    found = sets[0]
    for one in sets[1:]:
        found &= one
    return found


def _any(sets: list[int]) -> int:
    found = 0
    for one in sets:
        found |= one
    return found


def _all_of(conditions: list[list[Condition]]) -> list[Condition]:
    """Conditions of which one of each list is needed."""
    found: list[Condition] = [frozenset()]
    for each in conditions:
        found = [one | other for one in found for other in each]
        if len(found) > MOST_CONDITIONS:
            return []
    return _shortest(found)


def _shortest(conditions: list[Condition]) -> list[Condition]:
    """Those that ask for least, without those that ask for more than another."""
    kept: list[Condition] = []
    for one in sorted(conditions, key=len):
        if not any(other <= one for other in kept):
            kept.append(one)
        if len(kept) == MOST_CONDITIONS:
            break
    return kept
