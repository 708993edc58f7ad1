"""`wait`: goes on after a time, or at one."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.graph.kinds.registry import INLINE, Kind, register


class WaitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `wait` node: one of the two."""

    duration: Any = msgspec.UNSET
    """`"90s"`, `"1h30m"`, or seconds."""
    until: Any = msgspec.UNSET
    """ISO 8601 text, or Unix seconds."""


KIND = register(
    Kind(type="wait", group=INLINE, config=WaitConfig, summary="Wait for a time", outputs=("due",))
)
