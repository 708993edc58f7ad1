"""How large boxes are, on the canvas of each source and on that of the studio."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from runfold.importers.report import Format

WIDTH, HEIGHT, PORT = 208.0, 72.0, 22.0
"""A box of the studio, and what each of several ports adds to its height."""
SIDE, HEAD, FOOT, BETWEEN = 20.0, 48.0, 20.0, 34.0
"""Space in a frame around its bodies, and between them."""
EMPTY = (200.0, 60.0)
"""A body without nodes."""
GAP_X, GAP_Y = 40.0, 28.0
"""Least space between boxes."""


class Units(msgspec.Struct, frozen=True):
    """What one unit of a source is here, so that boxes are as far from each other as there."""

    x: float = 1.0
    y: float = 1.0
    width: float = WIDTH
    """Of a node there."""
    height: float = HEIGHT
    is_centred: bool = False
    """Whether a position is the middle of the upper edge, and not the corner."""
    is_absolute: bool = False
    """Whether positions inside a composite count from the canvas' origin."""


UNITS: Mapping[Format, Units] = {
    "dify": Units(width=244, height=90),
    "coze": Units(x=0.6, y=0.6, width=360, height=160, is_centred=True),
    "n8n": Units(x=1.3, width=100, height=100, is_absolute=True),
}
"""Of a format that is not here a unit is one of the studio."""
