"""A definition as boxes on a canvas: how large each is, where its author had it, what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from runfold.graph.bodies import inside
from runfold.graph.kinds import kind_of
from runfold.graph.layouts import coordinate
from runfold.importers.places.units import HEIGHT, PORT, WIDTH, Units

Point = tuple[float, float]


class Box(msgspec.Struct):
    """One node on its way to a place."""

    id: str
    at: Point | None
    """Where its author had it, in units of the studio; None: nowhere, or where nothing can be."""
    width: float = WIDTH
    height: float = HEIGHT
    spread: Point | None = None
    """How large it was in the source."""


class Body(msgspec.Struct, frozen=True):
    """The nodes and edges of one graph as written."""

    nodes: list[dict[str, Any]]
    edges: list[tuple[str, str]]
    ports: Mapping[str, int]
    """Node → ports that edges leave it at."""


def body_of(written: Mapping[str, Any]) -> Body:
    """What stands under `nodes` and `edges`."""
    nodes = [one for one in _objects(written.get("nodes")) if isinstance(one.get("id"), str)]
    edges = list(_objects(written.get("edges")))
    ports: dict[str, set[str]] = {}
    for one in edges:
        ports.setdefault(str(one.get("source")), set()).add(str(one.get("port", "out")))
    ids = {one["id"] for one in nodes}
    drawn = [(str(one.get("source")), str(one.get("target"))) for one in edges]
    return Body(
        nodes,
        [(source, target) for source, target in drawn if source in ids and target in ids],
        {name: len(found) for name, found in ports.items()},
    )


def bodies_in(node: Mapping[str, Any]) -> dict[str, Body]:
    """The bodies of a composite by name; a single one has none."""
    kind, config = kind_of(str(node.get("type"))), node.get("config")
    if kind is None or not isinstance(config, dict):
        return {}
    found = {name: inside(config, keys) for name, keys in kind.bodies(config).items()}
    return {name: body_of(one) for name, one in found.items() if one is not None}


def box_of(node: Mapping[str, Any], ports: int, units: Units) -> Box:
    """The box of a node that is no composite."""
    height = HEIGHT + PORT * ports if ports > 1 else HEIGHT
    return Box(str(node["id"]), _author_put(node.get("position"), units), WIDTH, height)


def _author_put(position: Any, units: Units) -> Point | None:
    if not isinstance(position, dict):
        return None
    x, y = coordinate(position.get("x")), coordinate(position.get("y"))
    if x is None or y is None:
        return None
    left = x - units.width / 2 if units.is_centred else x
    return left * units.x, y * units.y


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()
