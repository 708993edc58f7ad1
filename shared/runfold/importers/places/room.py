"""Room between boxes that are larger here than in the source: what follows is moved as a whole.

So what was left of something, or above it, stays so, and what stood in a line does.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from runfold.importers.places.blocks import Block
from runfold.importers.places.units import GAP_X, GAP_Y

MOST = 1500
"""Blocks for which room is made."""


class Stretch(msgspec.Struct):
    """What was put in along one axis: places behind a mark are farther on than in the source."""

    marks: list[float] = []
    added: list[float] = []

    def of(self, value: float) -> float:
        """Where something stands that stood at a value."""
        return value + sum(self.added[: bisect_right(self.marks, value)])

    def put_in(self, mark: float, room: float) -> None:
        """Put room in behind a mark; marks come in their order."""
        self.marks.append(mark)
        self.added.append(room)


def make_room(blocks: list[Block]) -> tuple[Stretch, Stretch]:
    """Move blocks until none lies over another; what was put in along x, and along y."""
    if len(blocks) > MOST:
        return Stretch([], []), Stretch([], [])
    return _across(blocks), _down(blocks)


def _across(blocks: list[Block]) -> Stretch:
    """Move blocks to the right of those that are beside them in the source."""
    made = Stretch([], [])
    shift = 0.0
    before: list[Block] = []
    ahead = max(one.source[0] - one.x for one in blocks)
    for block in sorted(blocks, key=lambda one: one.source):
        mark = block.source[0]
        block.x += shift
        # None of those to come begins farther left than this.
        left = mark + shift - ahead
        before = [one for one in before if one.x + one.width + GAP_X > left]
        need = max(
            (
                one.x + one.width + GAP_X - block.x
                for one in before
                if _beside(one, block) and _level(one, block)
            ),
            default=0.0,
        )
        if need > 0:
            made.put_in(mark, need)
            shift += need
            block.x += need
        before.append(block)
    return made


def _down(blocks: list[Block]) -> Stretch:
    """Move blocks below those that they would lie over."""
    made = Stretch([], [])
    shift = 0.0
    before: list[Block] = []
    for block in sorted(blocks, key=lambda one: (one.y, one.x)):
        mark = block.y
        block.y += shift
        before = [one for one in before if one.y + one.height + GAP_Y > block.y]
        need = max(
            (
                one.y + one.height + GAP_Y - block.y
                for one in before
                if one.x < block.x + block.width and block.x < one.x + one.width
            ),
            default=0.0,
        )
        if need > 0:
            made.put_in(mark, need)
            shift += need
            block.y += need
        before.append(block)
    return made


def _beside(one: Block, other: Block) -> bool:
    """Whether the other one begins right of the middle of the first in the source."""
    return other.source[0] >= one.source[0] + one.spread[0] / 2


def _level(one: Block, other: Block) -> bool:
    return one.y < other.y + other.height and other.y < one.y + one.height
