"""Notes of a source as those of the studio, over what they were drawn over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from runfold.graph.layouts import Note
from runfold.importers.places.bodies import Point
from runfold.importers.places.room import Stretch
from runfold.importers.places.units import Units

Stretches = tuple[Stretch, Stretch]
"""What was put in along x, and along y."""
LEAST = (120.0, 48.0)
"""A note that can still be read."""


class Window(msgspec.Struct, frozen=True):
    """A frame that shows a part of its author's canvas, with room of its own between its boxes."""

    region: tuple[Point, Point]
    """That part, from corner to corner."""
    stretch: Stretches
    by: Point
    """How far it is from where it was, once it is stretched."""

    def shows(self, first: Point, last: Point) -> bool:
        """Whether a part of it is in a rectangle."""
        (left, top), (right, bottom) = self.region
        return first[0] < right and last[0] > left and first[1] < bottom and last[1] > top

    def of(self, axis: int, value: float) -> float | None:
        """Where something is that stood at a value of an axis; None, when that is before it."""
        if value < self.region[0][axis]:
            return None
        return self.stretch[axis].of(value) + self.by[axis]

    def holds(self, axis: int, value: float) -> bool:
        """Whether a value of an axis is in its part of the canvas."""
        return self.region[0][axis] <= value <= self.region[1][axis]


def arranged(
    notes: Iterable[Note],
    units: Units,
    stretch: Stretches,
    windows: Sequence[Window] = (),
) -> tuple[Note, ...]:
    """Notes in units of the studio, stretched with the boxes under them."""
    found: list[Note] = []
    taken: set[str] = set()
    for note in notes:
        first = note.x * units.x, note.y * units.y
        last = first[0] + note.width * units.x, first[1] + note.height * units.y
        seen = [one for one in windows if one.shows(first, last)]
        left, top = (_begun(axis, first[axis], stretch, seen) for axis in (0, 1))
        right, bottom = (_ended(axis, last[axis], stretch, seen) for axis in (0, 1))
        name, number = note.id, 2
        while name in taken:
            name, number = f"{note.id}_{number}", number + 1
        taken.add(name)
        width, height = max(right - left, LEAST[0]), max(bottom - top, LEAST[1])
        found.append(
            Note(
                name,
                note.text,
                round(left),
                round(top),
                round(width),
                round(height),
                note.color,
            )
        )
    return tuple(found)


def _begun(axis: int, value: float, stretch: Stretches, windows: Sequence[Window]) -> float:
    """Where a note begins: with what is in a frame, or with the frames."""
    inside = (one.of(axis, value) for one in windows if one.holds(axis, value))
    return next((one for one in inside if one is not None), stretch[axis].of(value))


def _ended(axis: int, value: float, stretch: Stretches, windows: Sequence[Window]) -> float:
    """Where a note ends: never before what it was drawn over in a frame."""
    inside = [one.of(axis, value) for one in windows]
    known = [one for one in inside if one is not None]
    if any(one.holds(axis, value) for one in windows):
        return max(known)
    return max([stretch[axis].of(value), *known])
