"""Time zones as data for JavaScript, which has none of its own: from when on which offset holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_NAME = re.compile(r"\b[A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}\b")
_FIRST, _LAST = 1970, 2050
"""Years between which changes are known; outside the nearest one's offset holds."""
_MOST = 40
"""Zones that one program is given."""

Table = tuple[tuple[int, int, int], ...]
"""Milliseconds since 1970, minutes east of UTC, 1 in summer time; by time."""


def zones_in(*texts: str, also: str = "") -> dict[str, Table]:
    """The tables of all zones that are named in texts: there they may come from, and no other way.

    Args:
        texts: Programs, expressions and data.
        also: One more name.
    """
    known = _known()
    names = dict.fromkeys([also] if also in known else [])
    for text in texts:
        for found in _NAME.finditer(text):
            if found.group() in known:
                names[found.group()] = None
            if len(names) == _MOST:
                break
    return {name: table for name in names if (table := _table(name))}


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _table(name: str) -> Table:
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ()
    start, end = datetime(_FIRST, 1, 1, tzinfo=UTC), datetime(_LAST, 1, 1, tzinfo=UTC)
    found = [(int(start.timestamp()), *_at(zone, start))]
    at, step = start, timedelta(days=14)
    while at < end:
        after = at + step
        if _at(zone, after) != _at(zone, at):
            changed = _change(zone, at, after)
            found.append((int(changed.timestamp()), *_at(zone, changed)))
        at = after
    return tuple((seconds * 1000, minutes, summer) for seconds, minutes, summer in found)


def _at(zone: ZoneInfo, instant: datetime) -> tuple[int, int]:
    here = instant.astimezone(zone)
    offset = here.utcoffset() or timedelta()
    return round(offset.total_seconds() / 60), int(bool(here.dst()))


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """When the offset changes between two instants, to the minute."""
    one = timedelta(minutes=1)
    while after - before > one:
        middle = before + timedelta(minutes=((after - before) // one) // 2)
        if _at(zone, middle) == _at(zone, before):
            before = middle
        else:
            after = middle
    return after
