"""The layout of an imported definition: its boxes placed body by body, the innermost first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from runfold.graph.layouts import Layout, NodePlace
from runfold.importers.places.blocks import blocks_of
from runfold.importers.places.bodies import Body, Box, Point, bodies_in, body_of, box_of
from runfold.importers.places.notes import Window, arranged
from runfold.importers.places.room import Stretch, make_room
from runfold.importers.places.units import (
    BETWEEN,
    EMPTY,
    FOOT,
    GAP_X,
    GAP_Y,
    HEAD,
    SIDE,
    UNITS,
    WIDTH,
    Units,
)
from runfold.importers.report import Format, Imported, Line, status_of

MOST_BYTES = 900 * 1024
"""Of a layout as it is stored."""
_MOST_LAYERS = 60
"""Layers that are told apart where only about how large they are is asked."""


class Arranged(msgspec.Struct, frozen=True):
    """One body with everything in it."""

    width: float
    height: float
    corner: Point | None
    """Where its author had its upper left corner; None: nowhere."""
    places: dict[str, Point]
    """By address, from that corner; nodes within nodes from their composite's."""
    region: tuple[Point, Point] | None
    """The part of its author's canvas that its nodes took, from corner to corner."""
    stretch: tuple[Stretch, Stretch]
    within: dict[str, Arranged] = {}
    """The bodies of its frames that show a part of the same canvas, by the frames' addresses."""


def layout_of(definition: Mapping[str, Any]) -> Layout:
    """The layout that a definition has of itself, without notes.

    One that was imported is placed as by the import, wherever it was in between.
    """
    origin = definition.get("origin")
    written = origin.get("format") if isinstance(origin, dict) else None
    source: Format = next((one for one in get_args(Format) if one == written), "native")
    return placed(Imported(source, "", "complete", (), (), dict(definition))).layout


def placed(imported: Imported) -> Imported:
    """The import with its layout; an empty one where the source places nothing.

    Its notes are in units of the source before, and in those of the studio after.
    """
    units = UNITS.get(imported.format, Units())
    definition = imported.definition
    if imported.format == "native":
        return replace(imported, layout=Layout(_as_written(body_of(definition), "")))
    origin = definition.get("origin")
    kept = origin.get("nodes") if isinstance(origin, dict) else None
    named = kept.items() if isinstance(kept, dict) else ()
    owners = {name: source for name, source in named if isinstance(source, str)}
    main = _arranged(body_of(definition), "", units, owners)
    nodes = _at_corner(main)
    library = definition.get("workflows")
    for name, one in library.items() if isinstance(library, dict) else ():
        if isinstance(one, dict):
            nodes |= _at_corner(_arranged(body_of(one), f"{name}:", units, owners))
    notes = arranged(imported.layout.notes, units, main.stretch, _windows(main))
    return _bounded(replace(imported, layout=Layout(nodes, notes)))


def stored_layout(imported: Imported) -> bytes | None:
    """The layout as it is stored beside the definition; None where there is none to store.

    A definition of runfold's own says itself where its nodes stand.
    """
    if imported.format == "native" or imported.layout == Layout():
        return None
    return msgspec.json.encode(imported.layout)


def _bounded(imported: Imported) -> Imported:
    """The import with a layout that can be stored; its report says what is not in it."""
    choices = {
        "": imported.layout,
        "notes": Layout(imported.layout.nodes),
        "places of the nodes": Layout(),
    }
    fits = (what for what, one in choices.items() if len(msgspec.json.encode(one)) <= MOST_BYTES)
    what = next(fits)
    if not what:
        return imported
    why = f"the {what} are more than is stored of them: they are in the original"
    report = (*imported.report, Line("", "layout", "approximated", why))
    return replace(imported, layout=choices[what], report=report, status=status_of(report))


def _windows(body: Arranged) -> list[Window]:
    """The frames of a body through which a part of its author's canvas is seen."""
    left, top = body.corner or (0.0, 0.0)
    found = []
    for address, inner in body.within.items():
        if inner.region is not None and inner.corner is not None and address in body.places:
            x, y = body.places[address]
            by = left + x + SIDE - inner.corner[0], top + y + HEAD - inner.corner[1]
            found.append(Window(inner.region, inner.stretch, by))
    return found


def _at_corner(body: Arranged) -> dict[str, NodePlace]:
    """The places of a whole graph, with its own nodes where their author had them."""
    x, y = body.corner or (0.0, 0.0)
    found = {}
    for address, (left, top) in body.places.items():
        is_inner = "/" in address
        place = (left, top) if is_inner else (left + x, top + y)
        found[address] = NodePlace(round(place[0]), round(place[1]))
    return found


def _arranged(body: Body, around: str, units: Units, owners: Mapping[str, str]) -> Arranged:
    boxes: dict[str, Box] = {}
    inner: dict[str, Point] = {}
    within: dict[str, Arranged] = {}
    taken: set[tuple[str, Point]] = set()
    for node in body.nodes:
        box = box_of(node, body.ports.get(node["id"], 1), units)
        bodies = bodies_in(node)
        if bodies:
            address = f"{around}{box.id}"
            found, seen = _framed(box, bodies, address, units, owners)
            inner |= found
            if seen is not None:
                within[address] = seen
        boxes[box.id] = box
        # What one node of the source became has its place once; the others stand beside it.
        owner = owners.get(box.id)
        if owner is not None and box.at is not None:
            place = owner, box.at
            box.at = None if place in taken else box.at
            taken.add(place)
    own, size, corner, stretch = _own(boxes, body.edges, units, owners)
    places = {f"{around}{name}": place for name, place in own.items()}
    return Arranged(*size, corner, {**places, **inner}, _region(boxes, units), stretch, within)


def _region(boxes: Mapping[str, Box], units: Units) -> tuple[Point, Point] | None:
    """The part of the author's canvas that the boxes took, from corner to corner."""
    at = [box.at for box in boxes.values() if box.at is not None]
    if not at:
        return None
    width, height = units.width * units.x, units.height * units.y
    left, top = min(x for x, _ in at), min(y for _, y in at)
    return (left, top), (max(x for x, _ in at) + width, max(y for _, y in at) + height)


def _framed(
    box: Box, bodies: Mapping[str, Body], address: str, units: Units, owners: Mapping[str, str]
) -> tuple[dict[str, Point], Arranged | None]:
    """Make a box as large as its bodies need.

    Returns:
        The places of what is in them, and the body that shows a part of its author's canvas.
    """
    found: dict[str, Point] = {}
    width, top = WIDTH, HEAD
    seen: Arranged | None = None
    for name, body in bodies.items():
        prefix = f"{address}[{name}]/" if name else f"{address}/"
        made = _arranged(body, prefix, units, owners)
        for inner, (x, y) in made.places.items():
            is_deeper = "/" in inner[len(prefix) :]
            found[inner] = (x, y) if is_deeper else (x + SIDE, y + top)
        width = max(width, made.width + 2 * SIDE)
        top += made.height + BETWEEN
        if seen is None and made.corner is not None and units.is_absolute:
            seen = made
    box.width, box.height = width, top - BETWEEN + FOOT
    if box.at is None and seen is not None and seen.region is not None:
        (left, upper), (right, lower) = seen.region
        box.at = left - SIDE, upper - HEAD
        box.spread = right - left + SIDE, lower - upper + HEAD
    return found, seen


def _own(
    boxes: Mapping[str, Box],
    edges: list[tuple[str, str]],
    units: Units,
    owners: Mapping[str, str],
) -> tuple[dict[str, Point], Point, Point | None, tuple[Stretch, Stretch]]:
    """The places of a body's own boxes, the size of all, its corner, and what was put in."""
    stretch = Stretch([], []), Stretch([], [])
    at = [box.at for box in boxes.values() if box.at is not None]
    is_heap = len(at) > 1 and len(set(at)) == 1
    if not at or is_heap:
        return {}, _estimated(boxes, edges), None, stretch
    spread = units.width * units.x, units.height * units.y
    blocks = blocks_of(boxes, edges, owners, spread)
    stretch = make_room(blocks)
    left, top = min(one.x for one in blocks), min(one.y for one in blocks)
    places = {
        name: (block.x - left + x, block.y - top + y)
        for block in blocks
        for name, (x, y) in block.members.items()
    }
    right = max(places[name][0] + box.width for name, box in boxes.items())
    bottom = max(places[name][1] + box.height for name, box in boxes.items())
    return places, (right, bottom), (left, top), stretch


def _estimated(boxes: Mapping[str, Box], edges: list[tuple[str, str]]) -> Point:
    """About how large a body is that is laid out when it is shown: in layers."""
    if not boxes:
        return EMPTY
    layer = dict.fromkeys(boxes, 0)
    for _ in range(min(len(boxes), _MOST_LAYERS)):
        before = dict(layer)
        for source, target in edges:
            layer[target] = max(layer[target], min(layer[source] + 1, len(boxes) - 1))
        if layer == before:
            break
    widths: dict[int, float] = {}
    heights: dict[int, float] = {}
    for name, box in boxes.items():
        widths[layer[name]] = max(widths.get(layer[name], 0), box.width)
        heights[layer[name]] = heights.get(layer[name], -GAP_Y) + box.height + GAP_Y
    return sum(widths.values()) + (len(widths) - 1) * (GAP_X + 20), max(heights.values())


def _as_written(body: Body, around: str) -> dict[str, NodePlace]:
    """The places of a definition that is runfold's own: as it says."""
    found: dict[str, NodePlace] = {}
    for node in body.nodes:
        address = f"{around}{node['id']}"
        at = box_of(node, 1, Units()).at
        if at is not None:
            found[address] = NodePlace(*at)
        for name, inner in bodies_in(node).items():
            found |= _as_written(inner, f"{address}[{name}]/" if name else f"{address}/")
    return found
