"""The circles of a document as loops, one inside another.

A circle is a set of nodes each of which leads to every other. It becomes a loop whose `header` is
the node at which it is entered; what leads back to the header goes on in the next round. Without
those connections, what is inside has no circle any more, or smaller ones: these are loops inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from runfold.importers.n8n.document import Link


class Region(msgspec.Struct):
    """A part of the graph without circles: the whole document, or the body of a loop."""

    header: str
    """Where a round begins; empty: this is the document."""
    members: list[str]
    """Nodes that are in no loop inside, in an order in which they can run."""
    inner: list[Region]
    nodes: frozenset[str]
    """All nodes, those of loops inside included."""

    def holds(self, name: str) -> bool:
        """Whether a node is in it, at any depth."""
        return name in self.nodes


DEEPEST = 4
"""Loops inside one another that a document becomes."""


def regions_of(
    nodes: Sequence[str], links: Iterable[Link], entries: Iterable[str], batches: frozenset[str]
) -> tuple[Region, tuple[Link, ...]]:
    """The whole document as one region, and the connections of circles that are too deep inside.

    Args:
        nodes: Its steps.
        links: The connections of items between them.
        entries: Where runs begin.
        batches: Nodes that are made to head a loop: the first choice where several are entered.
    """
    cut: list[Link] = []
    region = _region("", nodes, list(links), set(entries), batches, 0, cut)
    return region, tuple(cut)


def _region(
    header: str,
    nodes: Sequence[str],
    links: Sequence[Link],
    entered: set[str],
    batches: frozenset[str],
    depth: int,
    cut: list[Link],
) -> Region:
    known = set(nodes)
    inside = [
        link
        for link in links
        if link.source in known and link.target in known and link.target != header
    ]
    to_themselves = {link.source for link in inside if link.source == link.target}
    members, inner = [], []
    for circle in _circles(nodes, inside):
        if len(circle) == 1 and circle[0] not in to_themselves:
            members.append(circle[0])
            continue
        held = set(circle)
        if depth >= DEEPEST:
            cut += _backward(circle, inside)
            members += circle
            continue
        ways_in = entered | {
            link.target for link in inside if link.target in held and link.source not in held
        }
        head = _header(circle, ways_in, batches)
        inner.append(_region(head, circle, inside, ways_in & held, batches, depth + 1, cut))
    return Region(header, members, inner, frozenset(known))


def _backward(circle: Sequence[str], links: Sequence[Link]) -> list[Link]:
    """The connections against the order of a circle's nodes: without them it is none."""
    place = {name: at for at, name in enumerate(circle)}
    return [
        link
        for link in links
        if link.source in place
        and link.target in place
        and place[link.target] <= place[link.source]
    ]


def _header(circle: Sequence[str], entered: set[str], batches: frozenset[str]) -> str:
    ranked = sorted(circle, key=lambda name: (name not in entered, name not in batches))
    return ranked[0]


def _circles(nodes: Sequence[str], links: Sequence[Link]) -> list[list[str]]:
    """Sets of nodes that lead to each other, in an order in which they can run (Tarjan's)."""
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for link in links:
        after[link.source].append(link.target)
    order = {name: place for place, name in enumerate(nodes)}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    found: list[list[str]] = []
    for root in nodes:
        if root in number:
            continue
        work = [(root, iter(after[root]))]
        _enter(root, number, low, open_, is_open)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in number:
                    _enter(target, number, low, open_, is_open)
                    work.append((target, iter(after[target])))
                    break
                if target in is_open:
                    low[name] = min(low[name], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    found.append(sorted(_closed(name, open_, is_open), key=order.__getitem__))
    return found[::-1]


def _enter(
    name: str, number: dict[str, int], low: dict[str, int], open_: list[str], is_open: set[str]
) -> None:
    number[name] = low[name] = len(number)
    open_.append(name)
    is_open.add(name)


def _closed(name: str, open_: list[str], is_open: set[str]) -> list[str]:
    circle = []
    while True:
        last = open_.pop()
        is_open.discard(last)
        circle.append(last)
        if last == name:
            return circle
