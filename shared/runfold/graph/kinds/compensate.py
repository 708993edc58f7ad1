"""`compensate`: gives the run up, so that all it has completed is undone."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register


class CompensateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `compensate` node."""

    reason: Any = ""
    """Why, for people and for the compensation nodes: a template."""


KIND = register(
    Kind(
        type="compensate",
        group=INLINE,
        config=CompensateConfig,
        summary="Give the run up and undo what it has completed",
        outputs=(),
    )
)
