"""`break`: ends the loop around it; what else its round was doing is given up."""

from __future__ import annotations

import msgspec

from runfold.graph.kinds.hints import Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class BreakConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `break` node: none."""


KIND = register(
    Kind(
        type="break",
        group=INLINE,
        config=BreakConfig,
        summary="End the loop",
        outputs=(),
        hints=Hints(
            category="flow",
            output_types={"output": "any"},
        ),
    )
)
