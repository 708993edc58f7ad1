"""Durations and instants as authors write them: `90`, `"1h30m"`, `"2026-11-21T09:00:00Z"`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from runfold.errors import ExpressionFailed

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def parse_duration(value: Any) -> float:
    """Seconds of a duration: a number of seconds, or text of number-unit pairs.

    Raises:
        ExpressionFailed: When it is neither, or negative.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if isinstance(value, str):
        text = value.strip().lower()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        parts = _PART.findall(text)
        if parts and _PART.sub("", text).strip() == "":
            return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    message = f"{value!r} is not a duration: write seconds, or text such as '90s', '5m' or '1h30m'"
    raise ExpressionFailed(message, code="duration.invalid", kind="input")


def parse_instant(value: Any) -> float:
    """Unix seconds of an instant: a number, or ISO 8601 text; without an offset it is UTC.

    Raises:
        ExpressionFailed: When it is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        message = f"{value!r} is not an instant: write ISO 8601, such as '2026-11-21T09:00:00Z'"
        raise ExpressionFailed(message, code="instant.invalid", kind="input") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
