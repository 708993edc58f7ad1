"""The sources of each node's inputs, in the order of the document's connections."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.loops import back_of, backs
from runfold.importers.n8n.sources import Places

_MOST_INPUTS = 20


def feeds_of(places: Places) -> dict[str, list[list[Any]]]:
    """For each step, a list for each input: references to what comes from each node."""
    fed: dict[str, dict[int, list[Any]]] = {name: {} for name in places.home}
    for loop in places.loops:
        for (name, input_), variable in loop.ways_in.items():
            if places.home[name] is loop:
                fed[name].setdefault(input_, []).append("{{" + variable + "}}")
        header = loop.region.header
        for input_ in sorted({link.input for link in backs(loop, places)}):
            variable = back_of(places, loop, input_)
            fed[header].setdefault(input_, []).append("{{" + variable + "}}")
    for link in places.wiring.main:
        if places.is_back(link):
            continue
        depth = len(places.chain(link.target))
        if places.common(link.source, link.target) == depth:
            seen = places.seen_from(link, depth)
            fed[link.target].setdefault(link.input, []).append(seen)
    return {name: _listed(inputs) for name, inputs in fed.items()}


def _listed(inputs: dict[int, list[Any]]) -> list[list[Any]]:
    count = min(_MOST_INPUTS, max(inputs, default=-1) + 1)
    return [inputs.get(place, []) for place in range(count)]


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
