"""Nodes that their author never placed stand beside one that he did: a block of columns.

One node of a source may be several here, and some are only here: what a run begins with, what ends
a loop. Each goes with the placed node that it is for or that it is joined to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from runfold.importers.places.bodies import Box, Point
from runfold.importers.places.units import GAP_X, GAP_Y, HEIGHT, WIDTH

Edges = Sequence[tuple[str, str]]


class Block(msgspec.Struct):
    """A placed box, with others before and after it in columns."""

    x: float
    y: float
    """Of the whole block; moved until there is room."""
    width: float
    height: float
    source: Point
    """Where its author had the placed box."""
    spread: Point
    """How large that was there."""
    members: dict[str, Point]
    """Box → its place in the block."""


def blocks_of(
    boxes: Mapping[str, Box], edges: Edges, owners: Mapping[str, str], spread: Point
) -> list[Block]:
    """The blocks of a graph; what is joined to no placed box stands below all of them.

    Args:
        boxes: By id; at least one of them is placed.
        edges: Between them.
        owners: Id → node of the source that it is for.
        spread: How large a node of the source is.
    """
    placed = {name: box.at for name, box in boxes.items() if box.at is not None}
    columns: dict[str, dict[int, list[str]]] = {name: {0: [name]} for name in placed}
    alone: list[str] = []
    for name, (anchor, column) in _joined(boxes, edges, owners, placed).items():
        columns[anchor].setdefault(column, []).append(name)
    known = {name for found in columns.values() for column in found.values() for name in column}
    alone = [name for name in boxes if name not in known]
    blocks = [_block(boxes, anchor, placed[anchor], columns[anchor], spread) for anchor in placed]
    if alone:
        bottom = max(one.y + one.height for one in blocks) + 2 * GAP_Y
        left = min(one.x for one in blocks)
        for at, name in enumerate(alone):
            place = (left + at * (WIDTH + GAP_X), bottom)
            blocks.append(_block(boxes, name, place, {0: [name]}, spread))
    return blocks


def _joined(
    boxes: Mapping[str, Box], edges: Edges, owners: Mapping[str, str], placed: Mapping[str, Point]
) -> dict[str, tuple[str, int]]:
    """Box without a place → the placed one it goes with, and how many columns behind it."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for source, target in edges:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    leftmost = sorted(placed, key=lambda name: placed[name])
    ahead = _reached(leftmost, before, placed)
    behind = _reached(leftmost[::-1], after, placed)
    of_source = {owners[name]: name for name in reversed(leftmost) if name in owners}
    found: dict[str, tuple[str, int]] = {}
    for name in boxes:
        if name in placed:
            continue
        mine = of_source.get(owners.get(name, ""))
        to, back = ahead.get(name), behind.get(name)
        if mine is not None:
            # The nodes that stand for one are few, and follow each other.
            column = -to[1] if to is not None and to[0] == mine else None
            found[name] = mine, column if column is not None else back[1] if back else 1
        elif back is not None and (to is None or back[1] <= to[1]):
            found[name] = back
        elif to is not None:
            found[name] = to[0], -to[1]
    return found


def _reached(
    begun: Iterable[str], ways: Mapping[str, list[str]], placed: Mapping[str, Point]
) -> dict[str, tuple[str, int]]:
    """Box without a place → the nearest placed one along `ways`, and how many steps it is."""
    found: dict[str, tuple[str, int]] = {}
    frontier = [(name, name, 0) for name in begun]
    while frontier:
        following = []
        for name, anchor, steps in frontier:
            for one in ways.get(name, ()):
                if one not in placed and one not in found:
                    found[one] = anchor, steps + 1
                    following.append((one, anchor, steps + 1))
        frontier = following
    return found


def _block(
    boxes: Mapping[str, Box],
    anchor: str,
    at: Point,
    columns: Mapping[int, Sequence[str]],
    spread: Point,
) -> Block:
    members: dict[str, Point] = {}
    along, height = 0.0, HEIGHT
    for column in sorted(columns):
        across = 0.0
        for name in columns[column]:
            members[name] = along, across
            across += boxes[name].height + GAP_Y
        height = max(height, across - GAP_Y)
        along += max(boxes[name].width for name in columns[column]) + GAP_X
    box = boxes[anchor]
    x = at[0] - members[anchor][0]
    return Block(x, at[1], along - GAP_X, height, at, box.spread or spread, members)
