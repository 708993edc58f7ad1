"""The runs of a step: n8n runs a node once for each connection on which items come to it.

An arrival is what came along one connection in one run of the node before. A node with one input
has a run for each; of several inputs the first arrivals of all make one run, the second ones the
next.

A run has a name: the places of the connections, from the beginning to it, where there was more than
one. n8n goes into the depth, so the names of runs are in the order in which it runs them; where it
goes into the breadth, a name begins with how far the run is from the beginning. Which run an item
was made in stands in its links, so that nodes after it tell runs apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from runfold.graph.kinds.items import ItemsConfig
from runfold_executor_code.items.reading import Input, Way, at_once
from runfold_executor_code.items.step import RUN_IN_PLACE, Links, Run

MOST_RUNS = 1000
"""Runs of one step: what arrives in more is taken at once."""
_LATE = 1_000_000_000
"""Begins the name of a run that waited until nothing else was left to do."""
_LONGEST = 64
"""Places in the name of a run: those of items that lost what they were made of grow each round."""
_AT_ONCE = frozenset(("last", "splitInBatches", "trigger"))
"""Operations for which all that arrives is one list."""


def runs_of(config: ItemsConfig, arrivals: Sequence[Sequence[Input]]) -> list[tuple[Input, ...]]:
    """What comes in at each run, in the order in which n8n would run them; one at least.

    Args:
        config: The step.
        arrivals: Of each input, what came along each of its connections.
    """
    separate = [
        sorted((part for one in listed for part in _apart(one, config)), key=lambda one: one.run)
        for listed in arrivals
    ]
    whole = [tuple(at_once(one) for one in separate)]
    if config.operation in _AT_ONCE or not any(separate):
        return whole
    if config.results is not None and not _fits(config.results, whole[0]):
        return whole
    found = _filled(separate)
    if _needs_all(config):
        found = [one for one in found if all(input_.items for input_ in one)] or found[:1]
    return found if len(found) <= MOST_RUNS else whole


def run_of(inputs: tuple[Input, ...]) -> Run:
    """The name of a run: that of its last arrival; where one is missing, it comes after all."""
    there = [one for one in inputs if one.items]
    if len(there) == len(inputs):
        return max(there, key=lambda one: one.came).run
    return (_LATE, *min(one.run for one in there)) if there else ()


def _filled(separate: Sequence[Sequence[Input]]) -> list[tuple[Input, ...]]:
    """The runs that arrivals fill: one is complete when something came at each input."""
    if len(separate) == 1:
        return [(one,) for one in separate[0]]
    complete: list[tuple[Input, ...]] = []
    waiting: list[list[Input]] = []
    in_time = [(one.came, place, one) for place, listed in enumerate(separate) for one in listed]
    for _, place, one in sorted(in_time, key=lambda found: found[:2]):
        slot = next((one for one in waiting if not one[place].items), None)
        if slot is None:
            slot = [Input([], []) for _ in separate]
            waiting.append(slot)
        slot[place] = one
        if all(input_.items for input_ in slot):
            complete.append(tuple(slot))
            waiting.remove(slot)
    return complete + [tuple(one) for one in waiting]


def others_of(others: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Nodes that are read, those that had several runs with the places of each and the one to read.

    Args:
        others: By name, `{ports, links}`.
        run: The run that reads them.
    """
    return {name: _with_runs(name, one, run) for name, one in others.items()}


def place_run(links: Links, name: str) -> Run:
    """The run of a node in which the item was made that another one comes from."""
    place = links.get(name)
    run = place[RUN_IN_PLACE:] if isinstance(place, list) else ()
    if run and isinstance(run[0], list) and all(isinstance(one, int) for one in run[0]):
        return tuple(run[0])
    return ()


def _fits(results: Any, inputs: tuple[Input, ...]) -> bool:
    """Whether results have one for each item, so that they can be told apart by run."""
    output = results.get("output") if isinstance(results, Mapping) else None
    return isinstance(output, list) and bool(inputs) and len(output) == len(inputs[0].items)


def _needs_all(config: ItemsConfig) -> bool:
    """Whether n8n waits for every input, also when nothing else is left to do."""
    return config.operation == "merge" and config.parameters.get("mode") == "chooseBranch"


def _apart(arrival: Input, config: ItemsConfig) -> Iterator[Input]:
    """The items of an arrival by the run that they were made in."""
    paired = list(zip(arrival.items, arrival.links, strict=True))
    paired.sort(key=lambda one: place_run(one[1], arrival.node))
    for run, group in groupby(paired, key=lambda one: place_run(one[1], arrival.node)):
        items, links = zip(*group, strict=True)
        yield replace(
            arrival,
            items=list(items),
            links=list(links),
            came=_time(run, arrival.way),
            run=_next(run, arrival.way, place_run(links[0], config.node), config.run_index),
        )


def _time(run: Run, way: Way) -> Run:
    """When items came: with the run that made them, at the place of their connection.

    Into the depth the last connection comes first, so that the first one is on top of the others.
    """
    rank = way.rank or 0
    return (*run, rank if way.is_wide else -rank)


def _next(run: Run, way: Way, own: Run, round_: int) -> Run:
    """The name of the run that items begin.

    Args:
        run: In which they were made.
        way: How they came.
        own: The run of this step that they come from, in a loop.
        round_: The round of the loop.
    """
    if way.into_loop == "back" and own:
        return (*own[:-1], round_)
    if way.is_wide:
        run = (run[0] + 1, *run[1:]) if run else (1,)
    if way.rank is not None:
        run = (*run, way.rank)
    return (*run, round_)[:_LONGEST] if way.into_loop else run[:_LONGEST]


def _with_runs(name: str, other: Any, run: Run) -> Any:
    links = other.get("links") if isinstance(other, Mapping) else None
    if not isinstance(links, Mapping):
        return other
    places: dict[Run, dict[str, list[int]]] = {}
    for port, listed in links.items():
        for at, one in enumerate(listed if isinstance(listed, list) else ()):
            made_in = place_run(one if isinstance(one, Mapping) else {}, name)
            bounds = places.setdefault(made_in, {}).setdefault(port, [at, at])
            bounds[1] = at + 1
    if len(places) <= 1:
        return other
    order = sorted(places)
    before = [one for one in order if one <= run]
    return {
        **other,
        "runs": [places[one] for one in order],
        "run": order.index((before or order[:1])[-1]),
    }
