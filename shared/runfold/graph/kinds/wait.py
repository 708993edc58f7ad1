"""`wait`: goes on after a time, or at one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.graph.durations import parse_duration, parse_instant, unreadable
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class WaitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `wait` node: one of the two."""

    duration: Any = msgspec.UNSET
    """`"90s"`, `"1h30m"`, or seconds."""
    until: Any = msgspec.UNSET
    """ISO 8601 text, or Unix seconds."""


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    given = [name for name in ("duration", "until") if name in config]
    if not given:
        yield Problem("duration", "wait needs 'duration' or 'until'", "config.missing")
    elif len(given) > 1:
        yield Problem("until", "wait takes 'duration' or 'until', not both")
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "duration"))
    yield from (Problem(*one) for one in unreadable(config, parse_instant, "until"))


KIND = register(
    Kind(
        type="wait",
        group=INLINE,
        config=WaitConfig,
        summary="Wait for a time",
        outputs=("due",),
        rules=_rules,
    )
)
