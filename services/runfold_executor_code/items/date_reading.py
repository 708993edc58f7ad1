"""Dates that texts say by a format: the other way round of `date_formats`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from runfold_executor_code.items.date_formats import DAYS, MONTHS, NOON, Part
from runfold_executor_code.items.dates import of_milliseconds, zone_of

_PIVOT = 60
"""Two digits of a year up to here are of this century."""
_MONTH_NAMES = "|".join(one[:3] + f"(?:{one[3:]})?" for one in MONTHS)
_DAY_NAMES = "|".join(one[:3] + f"(?:{one[3:]})?" for one in DAYS)
_READ: Mapping[str, str] = {
    "year": r"[+-]?\d{1,6}",
    "month_name": _MONTH_NAMES,
    "weekday_name": f"{_DAY_NAMES}|[A-Z][a-z]?",
    "half": r"[AaPp]\.?[Mm]\.?",
    "fraction": r"\d{1,9}",
    "offset": r"Z|[+-]\d{1,2}:?(?:\d\d)?",
    "zone": r"[A-Za-z]+(?:/[A-Za-z_+-]+)*",
    "seconds": r"-?\d+(?:\.\d+)?",
    "milliseconds": r"-?\d+",
    "era": "AD|BC|Anno Domini|Before Christ",
    "day_of_year": r"\d{1,3}",
}


@lru_cache(maxsize=256)
def _reader(parts: tuple[Part, ...], *, strict: bool) -> tuple[re.Pattern[str], list[Part]]:
    pattern = ""
    named: list[Part] = []
    for kind, way in parts:
        if kind == "text":
            pattern += re.escape(way) if strict else r"\W*" if not way.isalnum() else re.escape(way)
            continue
        if kind == "year" and way == "4":
            inner = r"\d{4}"
        elif kind == "year" and way == "two":
            inner = r"\d{2}(?:\d{2})?"
        else:
            inner = _READ.get(kind, r"\d{2}" if strict and way == "2" else r"\d{1,2}")
        pattern += f"({inner})" + ("(?:st|nd|rd|th)?" if way == "nth" else "")
        named.append((kind, way))
    return re.compile(pattern, re.IGNORECASE), named


def read_as(
    written: str, parts: tuple[Part, ...], today: datetime, *, strict: bool
) -> datetime | None:
    """The date that a text says by the parts of a format; None when it does not fit.

    Args:
        written: The text.
        parts: Of the format.
        today: What a text says nothing of is of this day; its time zone is the text's.
        strict: Whether signs between the parts must be as they are written, to the end.
    """
    pattern, named = _reader(parts, strict=strict)
    match = pattern.fullmatch(written.strip()) if strict else pattern.match(written.strip())
    if match is None:
        return None
    values = {kind: value for (kind, _way), value in zip(named, match.groups(), strict=True)}
    ways = dict(named)
    if "seconds" in values:
        return of_milliseconds(float(values["seconds"]) * 1000, today.tzinfo or UTC)
    if "milliseconds" in values:
        return of_milliseconds(float(values["milliseconds"]), today.tzinfo or UTC)
    try:
        return _made(values, ways, today)
    except (ValueError, OverflowError):
        return None


def _made(values: Mapping[str, str], ways: Mapping[str, str], today: datetime) -> datetime:
    year = int(values["year"]) if "year" in values else today.year
    if ways.get("year") == "two" and len(values["year"]) == 2:  # noqa: PLR2004 -- digits
        year += 2000 if year <= _PIVOT else 1900
    month = int(values.get("month", 1))
    if "month_name" in values:
        known = values["month_name"][:3].title()
        month = next(at for at, name in enumerate(MONTHS, 1) if name[:3] == known)
    hour = int(values.get("hour", values.get("hour_from_1", 0))) % 24
    if "half_hour" in values:
        is_late = values.get("half", "am").lower().startswith("p")
        hour = int(values["half_hour"]) % NOON + (NOON if is_late else 0)
    zone = _zone_in(values) or today.tzinfo
    fraction = values.get("fraction", "0").ljust(6, "0")[:6]
    day = datetime(
        year,
        month,
        int(values.get("day", 1)),
        hour,
        int(values.get("minute", 0)),
        int(values.get("second", 0)),
        int(fraction),
        tzinfo=zone,
    )
    if "day_of_year" in values:
        day = day.replace(month=1, day=1) + timedelta(days=int(values["day_of_year"]) - 1)
    return day


def _zone_in(values: Mapping[str, str]) -> tzinfo | None:
    if "zone" in values:
        return zone_of(values["zone"])
    written = values.get("offset")
    if written is None:
        return None
    if written.upper() == "Z":
        return UTC
    sign = -1 if written.startswith("-") else 1
    digits = written[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")  # noqa: PLR2004 -- hours alone
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
