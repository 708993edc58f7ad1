"""Cron expressions as workflows are scheduled by: checked, and in the broker's six fields."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runfold.errors import ExpressionFailed

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)
_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every (\d+(?:\.\d+)?(?:ms|s|m|h))+")
_PART = re.compile(r"(\*|\?|[0-9a-z]+(?:-[0-9a-z]+)?)(?:/(\d+))?")


def broker_cron(text: str) -> str:
    """A cron expression with a field for seconds: five fields mean second 0.

    Raises:
        ExpressionFailed: Naming the field that is wrong.
    """
    text = " ".join(text.split()).lower()
    if text in _NAMED or _EVERY.fullmatch(text):
        return text
    fields = text.split()
    if len(fields) == len(_FIELDS) - 1:
        fields = ["0", *fields]
    if len(fields) != len(_FIELDS):
        message = (
            f"{text!r} is no cron expression: write five fields (minute hour day month weekday), "
            "six with seconds first, @daily and the like, or '@every 5m'"
        )
        raise _wrong(message)
    for field, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            found = _PART.fullmatch(part)
            ends = found.group(1).split("-") if found else [""]
            if not all(one in ("*", "?") or _is_within(one, low, high, words) for one in ends):
                message = f"{text!r}: {part!r} is no {name}: those are {low} to {high}"
                raise _wrong(message)
    return " ".join(fields)


def checked_zone(name: str) -> str:
    """A time zone's name as it is, when there is such a zone.

    Raises:
        ExpressionFailed: When there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name!r} is no time zone: write one such as 'Europe/Berlin'"
        raise _wrong(message) from None
    return name


def _is_within(text: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    return text in words or (text.isdigit() and low <= int(text) <= high)


def _wrong(message: str) -> ExpressionFailed:
    return ExpressionFailed(message, code="cron.invalid", kind="input")
