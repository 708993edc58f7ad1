"""`start`: where a run begins. `{{start.name}}` reads the run's inputs, as `{{name}}` does."""

from __future__ import annotations

import msgspec

from runfold.graph.kinds.hints import Hints
from runfold.graph.kinds.registry import INLINE, Kind, register


class StartConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `start` node has no configuration."""


KIND = register(
    Kind(
        type="start",
        group=INLINE,
        config=StartConfig,
        summary="Where a run begins",
        hints=Hints(
            category="flow",
        ),
    )
)
