"""`condition`: goes on at `true` or at `false`."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register


class ConditionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `condition` node."""

    condition: Any
    """Structured, decided at once; or Python expression text, decided in the code sandbox."""


KIND = register(
    Kind(
        type="condition",
        group=INLINE,
        config=ConditionConfig,
        summary="Go on at `true` or at `false`",
        ports=lambda _config: ("true", "false"),
        outputs=("result", "branch"),
        raw=("condition",),
    )
)
