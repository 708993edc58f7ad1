"""Durations and instants as authors write them: `90`, `"1h30m"`, `"2026-11-21T09:00:00Z"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from runfold.contracts.secrecy import masked
from runfold.errors import ExpressionFailed
from runfold.values.references import is_computed

LONGEST = 10 * 366 * 86_400.0
"""Seconds of the longest duration: ten years."""
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_LAST = 253_402_300_799
"""The last second of the year 9999."""
_SHOWN = 60
"""Characters shown of a value in a message."""
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def parse_duration(value: Any) -> float:
    """Seconds of a duration: a number of seconds, or text of number-unit pairs.

    Raises:
        ExpressionFailed: When it is neither, negative, or longer than ten years.
    """
    seconds = _seconds(value)
    if seconds is not None and 0 <= seconds <= LONGEST:
        return float(seconds)
    shown = masked(repr(value))[:_SHOWN]
    if seconds is not None and seconds > LONGEST:
        message = f"{shown} is too long: the longest duration is ten years"
    else:
        message = f"{shown} is not a duration: write seconds, or text such as '90s' or '1h30m'"
    raise ExpressionFailed(message, code="duration.invalid", kind="input")


def unreadable(
    config: dict[str, Any], parse: Callable[[Any], float], *fields: str
) -> Iterator[tuple[str, str]]:
    """Fields of a configuration that do not parse, and why. Templates are passed over."""
    for name in fields:
        value = config.get(name)
        if value is None or is_computed(value):
            continue
        try:
            parse(value)
        except ExpressionFailed as error:
            yield name, error.message


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def parse_instant(value: Any) -> float:
    """Unix seconds of an instant: a number, or ISO 8601 text; without an offset it is UTC.

    Raises:
        ExpressionFailed: When it is neither, or not between the years 1970 and 9999.
    """
    seconds = _unix_seconds(value)
    if seconds is not None and 0 <= seconds <= _LAST:
        return float(seconds)
    shown = masked(repr(value))[:_SHOWN]
    if seconds is None:
        message = f"{shown} is not an instant: write ISO 8601, such as '2026-11-21T09:00:00Z'"
    else:
        message = f"{shown} is not between the years 1970 and 9999"
    raise ExpressionFailed(message, code="instant.invalid", kind="input")


def due_at(value: Any, now: float) -> float:
    """Unix seconds of a deadline: an instant, or text of a duration, which counts from `now`.

    Raises:
        ExpressionFailed: When it is neither.
    """
    if isinstance(value, str) and _seconds(value) is not None:
        return now + parse_duration(value)
    return parse_instant(value)


def _unix_seconds(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
