"""Where an imported workflow's nodes stand on a canvas: as in the source, as far as they fit.

units.py    how large a canvas' boxes are there and here
bodies.py   the definition as boxes, those of composites within each other
blocks.py   nodes that stand for one of the source, or that the source has not, side by side
room.py     what lies over another is moved away, and all behind it
layout.py   all of it together
notes.py    the notes, drawn over what they were drawn over

Pure: a definition in, places out. Positions in the definition stay as they are in the source, which
an export writes back.
"""

from __future__ import annotations

from runfold.importers.places.layout import layout_of, placed, stored_layout

__all__ = ["layout_of", "placed", "stored_layout"]
