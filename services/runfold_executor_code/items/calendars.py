"""Calendar files: the events in one, and one of an event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from runfold_executor_code.items.date_formats import iso
from runfold_executor_code.items.dates import moment_of

_NAMES = {
    "SUMMARY": "summary",
    "DESCRIPTION": "description",
    "LOCATION": "location",
    "UID": "uid",
    "STATUS": "status",
    "URL": "url",
    "RRULE": "recurrenceRule",
}
_TIMES = {"DTSTART": "start", "DTEND": "end", "DTSTAMP": "stamp"}
_ESCAPES = {"n": "\n", "N": "\n"}
_PLAIN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?")
_WIDTH = 73


def events_in(written: str, zone: str) -> dict[str, Any]:
    """A calendar: `{version, prodId, events}`. Times are `{date, type}`."""
    calendar: dict[str, Any] = {"events": []}
    event: dict[str, Any] | None = None
    for name, options, value in _lines(written):
        if name == "BEGIN" and value.upper() == "VEVENT":
            event = {}
        elif name == "END" and value.upper() == "VEVENT" and event is not None:
            calendar["events"].append(event)
            event = None
        elif event is None:
            if name in ("VERSION", "PRODID"):
                calendar["version" if name == "VERSION" else "prodId"] = value
        elif name in _NAMES:
            event[_NAMES[name]] = re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), value)
        elif name in _TIMES:
            event[_TIMES[name]] = _time(value, options, zone)
    return calendar


def _lines(written: str) -> Iterator[tuple[str, dict[str, str], str]]:
    for line in re.sub(r"\r?\n[ \t]", "", written).splitlines():
        head, colon, value = line.partition(":")
        if not colon:
            continue
        name, *options = head.split(";")
        pairs = (one.partition("=") for one in options)
        yield name.strip().upper(), {key.upper(): text for key, _, text in pairs}, value.strip()


def _time(value: str, options: Mapping[str, str], zone: str) -> dict[str, Any]:
    match = _PLAIN.fullmatch(value)
    if match is None:
        return {"date": value}
    year, month, day, hour, minute, second, utc = match.groups()
    is_day = hour is None
    written = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    moment = moment_of(written, "UTC" if utc or is_day else options.get("TZID", zone))
    date = iso(moment.astimezone(UTC)) if moment else value
    return {"date": date, "type": "DATE" if is_day else "DATE-TIME"}


def calendar_of(event: Mapping[str, Any], start: datetime, end: datetime, stamp: datetime) -> str:
    """A calendar file with one event.

    Args:
        event: `uid`, `summary`, `description`, `location`, `url`, `status`, `all_day`.
        start: When it begins.
        end: When it ends.
        stamp: When the file is made.
    """
    is_day = event.get("all_day") is True
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//runfold//items//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{event.get('uid') or ''}",
        f"DTSTAMP:{_written(stamp, is_day=False)}",
        f"DTSTART{';VALUE=DATE' if is_day else ''}:{_written(start, is_day=is_day)}",
        f"DTEND{';VALUE=DATE' if is_day else ''}:{_written(end, is_day=is_day)}",
    ]
    for name, key in _NAMES.items():
        if name not in ("UID", "RRULE") and event.get(key):
            lines.append(f"{name}:{_escaped(str(event[key]))}")
    if event.get("recurrenceRule"):
        lines.append(f"RRULE:{event['recurrenceRule']}")
    return "".join(map(_folded, [*lines, "END:VEVENT", "END:VCALENDAR"]))


def _written(moment: datetime, *, is_day: bool) -> str:
    return (
        moment.strftime("%Y%m%d") if is_day else moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    )


def _escaped(value: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", value).replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    parts = [line[at : at + _WIDTH] for at in range(0, max(1, len(line)), _WIDTH)]
    return "\r\n ".join(parts) + "\r\n"


def ends_after(start: datetime, end: datetime | None, *, is_day: bool) -> datetime:
    """When an event ends that may not say so."""
    if end is not None and end > start:
        return end
    return start + (timedelta(days=1) if is_day else timedelta(hours=1))
