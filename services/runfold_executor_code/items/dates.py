"""Dates and times as they are written in items: ISO, of headers, of SQL, and what browsers read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runfold_executor_code.items.javascript_values import is_number

_ISO = re.compile(
    r"(?P<year>[+-]\d{6}|\d{4})"
    r"(?:-?W(?P<week>\d\d)(?:-?(?P<day_of_week>[1-7]))?"
    r"|-?(?P<day_of_year>\d{3})(?!\d)"
    r"|(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?|(?P<month_>\d\d)(?P<day_>\d\d))?)"
    r"(?:[Tt ](?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)"
    r"(?:[.,](?P<fraction>\d{1,30}))?)?)?"
    r" ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?| ?[A-Za-z]+/[A-Za-z_/+-]+)?)?"
)
_LOOSE = (
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%B %d %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%a %b %d %Y",
    "%A %B %d %Y",
    "%a %d %b %Y",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_GMT = re.compile(r"\s*(?:GMT|UTC)?\s*([+-]\d{2}):?(\d{2})\s*(?:\(.*\))?$|\s*(GMT|UTC|Z)$")
_SUNDAY = 7
_MIDNIGHT = 24


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """A time zone by its name, or by its offset: `Europe/Vienna`, `UTC+2`, `+02:00`."""
    wanted = name.strip()
    if wanted.upper() in ("UTC", "Z", "GMT"):
        return UTC
    match = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?", wanted, re.IGNORECASE)
    if match:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment_of(
    value: Any, zone: str = "UTC", *, day_is_utc: bool = False, loose_is_utc: bool = False
) -> datetime | None:
    """A value as an instant in a time zone; None when it is none.

    Args:
        value: Text, or a number of milliseconds since 1970.
        zone: Where a time without an offset was.
        day_is_utc: Whether a day without a time begins in UTC, as `new Date` has it.
        loose_is_utc: Whether a text in no standard form is of UTC: Moment leaves it to `new Date`.
    """
    place = zone_of(zone) or UTC
    if is_number(value):
        return of_milliseconds(value, place)
    if not isinstance(value, str):
        return None
    written = value.strip()
    found = from_iso(written, UTC if day_is_utc and len(written) <= 10 else place)  # noqa: PLR2004 -- YYYY-MM-DD
    return found or _of_headers(written) or _loose(written, UTC if loose_is_utc else place)


def of_milliseconds(value: float, place: tzinfo = UTC) -> datetime | None:
    """The instant so many milliseconds after 1970."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).astimezone(place)
    except (OverflowError, ValueError):
        return None


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def from_iso(written: str, place: tzinfo) -> datetime | None:
    """A date that is written in the manner of ISO 8601, or of SQL; None for another text."""
    match = _ISO.fullmatch(written)
    if match is None:
        return None
    part = match.groupdict()
    year = int(part["year"])
    hour = int(part["hour"] or 0)
    zone = zone_of(part["zone"].strip()) if part["zone"] else place
    if zone is None:
        return None
    try:
        day = _day(part, year)
        moment = datetime(
            day.year,
            day.month,
            day.day,
            0 if hour == _MIDNIGHT else hour,
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int((part["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=zone,
        )
        return moment + timedelta(days=1) if hour == _MIDNIGHT else moment
    except (ValueError, OverflowError):
        return None


def _day(part: dict[str, str | None], year: int) -> datetime:
    if part["week"]:
        return datetime.fromisocalendar(year, int(part["week"]), int(part["day_of_week"] or 1))
    if part["day_of_year"]:
        at = int(part["day_of_year"])
        found = datetime(year, 1, 1) + timedelta(days=at - 1)  # noqa: DTZ001 -- a day has no zone
        if found.year != year:
            raise ValueError
        return found
    month, day = part["month"] or part["month_"], part["day"] or part["day_"]
    return datetime(year, int(month or 1), int(day or 1))  # noqa: DTZ001 -- a day has no zone


def _of_headers(written: str) -> datetime | None:
    if "," not in written[:10]:
        return None
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _loose(written: str, place: tzinfo) -> datetime | None:
    """Other texts that `new Date` reads."""
    match = _GMT.search(written)
    zone: tzinfo | None = place
    if match:
        written = written[: match.start()]
        zone = zone_of(f"{match[1]}:{match[2]}") if match[1] else UTC
    plain = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", written.replace(",", " "))
    plain = re.sub(r"(\d)\s*([AaPp][Mm])$", r"\1 \2", plain.replace("T", " T ").replace(" T ", "T"))
    plain = re.sub(r"\s+", " ", plain).strip()
    for day in _LOOSE:
        for time in _TIMES:
            try:
                return datetime.strptime(plain, day + time).replace(tzinfo=zone)
            except ValueError:
                continue
    return None
