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
        header = loop.region.header
        for (name, input_), variable in loop.ways_in.items():
            if places.home[name] is loop:
                read = _begins("in", variable, places) if name == header else _plain(variable)
                fed[name].setdefault(input_, []).append(read)
        for input_ in sorted({link.input for link in backs(loop, places)}):
            variable = back_of(places, loop, input_)
            fed[header].setdefault(input_, []).append(_begins("back", variable, places))
    for link in places.wiring.main:
        if places.is_back(link):
            continue
        depth = len(places.chain(link.target))
        if places.common(link.source, link.target) == depth:
            seen = places.along(link, depth)
            fed[link.target].setdefault(link.input, []).append(seen)
    return {name: _listed(inputs) for name, inputs in fed.items()}


def _plain(variable: str) -> str:
    return "{{" + variable + "}}"


def _begins(how: str, variable: str, places: Places) -> Any:
    """What comes into the header of a loop, with whether it begins the loop or a round."""
    read = _plain(variable)
    return {"from": read, "loop": how} if places.has_runs else read


def _listed(inputs: dict[int, list[Any]]) -> list[list[Any]]:
    count = min(_MOST_INPUTS, max(inputs, default=-1) + 1)
    return [inputs.get(place, []) for place in range(count)]
