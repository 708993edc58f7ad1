"""`continue`: ends the round or item it is in; what else that was doing is given up."""

from __future__ import annotations

import msgspec

from runfold.graph.kinds.hints import Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class ContinueConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `continue` node: none."""


KIND = register(
    Kind(
        type="continue",
        group=INLINE,
        config=ContinueConfig,
        summary="End this round or item",
        outputs=(),
        hints=Hints(
            category="flow",
            output_types={"output": "any"},
        ),
    )
)
