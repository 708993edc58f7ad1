"""Where the items of a node's inputs come from, as references of the native definition.

Inside a region a node's items are read from the node itself; those of a node in a loop are read,
around it, from the loop's variables, which gather what left it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runfold.importers.n8n.circles import Region
from runfold.importers.n8n.document import Document, Link
from runfold.importers.n8n.plain import unrendered
from runfold.importers.n8n.wiring import Wiring


class Loop(msgspec.Struct):
    """What a region that is a loop keeps from round to round, by variable."""

    id: str
    region: Region
    parent: Loop | None
    ways_in: dict[tuple[str, int], str] = {}
    """Node and input that items come to from around → the variable that has them."""
    ways_out: dict[tuple[str, int], str] = {}
    """Node and output whose items leave → the variable that gathers them."""
    kept: dict[str, str] = {}
    """Node that is read from elsewhere or from the round before → the variable with its items."""
    runs: dict[str, str] = {}
    """Node whose runs are told apart elsewhere → the variable with what it gave in each."""


class Places(msgspec.Struct, frozen=True):
    """In which loops the nodes of a document are."""

    document: Document
    wiring: Wiring
    root: Region
    home: dict[str, Loop | None]
    """The innermost loop that a node is in."""
    ids: dict[str, str]
    """Native id of each node."""
    loops: tuple[Loop, ...]
    """All of them, outer ones first."""
    has_runs: bool = False
    """Whether a node can run more than once beside one another."""
    ranks: Mapping[Link, int] = {}
    """The place of a connection among those that leave its node, where it matters."""

    def chain(self, name: str) -> list[Loop]:
        """The loops around a node, the outermost first."""
        found: list[Loop] = []
        loop = self.home[name]
        while loop is not None:
            found.insert(0, loop)
            loop = loop.parent
        return found

    def common(self, one: str, other: str) -> int:
        """How many loops two nodes have in common."""
        count = 0
        for mine, theirs in zip(self.chain(one), self.chain(other), strict=False):
            if mine is not theirs:
                break
            count += 1
        return count

    def seen_from(self, link: Link, depth: int) -> Any:
        """The items of a link's source as a node reads them that is in `depth` of its loops."""
        chain = self.chain(link.source)
        if len(chain) > depth:
            loop = chain[depth]
            return "{{" + f"{loop.id}.{loop.ways_out[link.source, link.output]}" + "}}"
        return source(self.ids[link.source], link.output, link.source)

    def along(self, link: Link, depth: int) -> Any:
        """What `seen_from` gives, with the place of the link where runs are told apart."""
        seen = self.seen_from(link, depth)
        more: dict[str, Any] = {"rank": self.ranks[link]} if link in self.ranks else {}
        if self.has_runs and self.document.order == "v0":
            more["wide"] = True
        if isinstance(seen, dict):
            return {**seen, **more}
        return {"from": seen, **more} if more else seen

    def is_back(self, link: Link) -> bool:
        """Whether a link begins the next round of a loop."""
        home = self.home[link.target]
        return (
            home is not None
            and home.region.header == link.target
            and home.region.holds(link.source)
        )


def source(node_id: str, output: int, name: str = "") -> dict[str, Any]:
    """The items that a native node gives at an output."""
    found: dict[str, Any] = {
        "items": "{{" + f"{node_id}.ports.{output}" + "}}",
        "links": "{{" + f"{node_id}.links.{output}" + "}}",
    }
    return {**found, "node": unrendered(name), "output": output} if name else found


def other(node_id: str, context: str = "", rounds: str = "") -> dict[str, Any]:
    """What expressions read of another node.

    Args:
        node_id: The native node, or the variable that has what it gave.
        context: Its output with what it keeps, of one that keeps anything.
        rounds: The variable of a loop with what it gave in each round.
    """
    found = {"ports": "{{" + node_id + ".ports}}", "links": "{{" + node_id + ".links}}"}
    if rounds:
        found["rounds"] = "{{" + rounds + "}}"
    return found | ({"context": "{{" + f"{node_id}.{context}" + "}}"} if context else {})


def joined(places: Places) -> dict[str, int]:
    """Nodes of whose inputs one has several connections, with the most of them."""
    counts: dict[tuple[str, int], int] = {}
    for link in places.wiring.main:
        if not places.is_back(link):
            counts[link.target, link.input] = counts.get((link.target, link.input), 0) + 1
    found: dict[str, int] = {}
    for (name, _), count in counts.items():
        if count > 1:
            found[name] = max(found.get(name, 0), count)
    return found


def gathered(places: Places) -> frozenset[str]:
    """Nodes of loops whose items leave at an output that goes on inside as well, round by round."""
    found = set()
    for loop in places.loops:
        inside = {
            (link.source, link.output)
            for link in places.wiring.main
            if loop.region.holds(link.source) and loop.region.holds(link.target)
        }
        found |= {way[0] for way in loop.ways_out if way in inside}
    return frozenset(found)
