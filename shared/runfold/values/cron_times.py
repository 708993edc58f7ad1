"""When a cron expression comes next, as the broker reckons it.

An expression comes at each whole second at which its time zone's clock shows it. So what falls
into the hour that a clock skips does not come that day, and what falls into the hour that it shows
twice comes twice.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from runfold.values.cron import Fields, cron_fields

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SPARE = 3 * _HOUR
"""More than any clock is ever moved by, so that no step over a day passes a day's first hours."""
_HORIZON = 9 * 366 * _DAY
"""The 29th of February comes once in eight years at worst."""


def cron_times(broker: str, zone: str, after: float, since: float | None) -> Iterator[float]:
    """The times at which an expression comes, in Unix seconds.

    Args:
        broker: The expression, as `broker_cron` writes it.
        zone: A time zone's name; empty: UTC.
        after: The first one is later than this.
        since: From when an `@every` counts: when the broker was given it. None: it is not known,
            and it has no times.
    """
    fields = cron_fields(broker)
    if isinstance(fields, Fields):
        yield from _clock_times(fields, ZoneInfo(zone or "UTC"), after)
    elif since is not None:
        # The broker rounds to the second what it counts from: the time it was given the schedule,
        # then each time that it came.
        first, period = math.floor(since + 0.5) + fields, math.floor(fields + 0.5)
        skipped = max(0, math.floor((after - first) / period) + 1)
        yield from count(first + skipped * period, period)


def _clock_times(fields: Fields, zone: ZoneInfo, after: float) -> Iterator[float]:
    now = math.floor(after) + 1
    end = now + _HORIZON
    while now < end:
        local = datetime.fromtimestamp(now, zone)
        if not _is_day(fields, local):
            now += _to_another_day(fields, local)
        elif local.hour not in fields.hours:
            now += _to_next_hour(local)
        elif local.minute not in fields.minutes:
            now += _MINUTE - local.second
        elif local.second not in fields.seconds:
            now += 1
        else:
            yield float(now)
            now += 1
            end = now + _HORIZON


def _is_day(fields: Fields, local: datetime) -> bool:
    is_day = local.day in fields.days
    is_weekday = local.isoweekday() % 7 in fields.weekdays
    fits = is_day or is_weekday if fields.either_day else is_day and is_weekday
    return local.month in fields.months and fits


def _to_another_day(fields: Fields, local: datetime) -> int:
    """Seconds to a moment before the next day that may fit, or to the next hour if that is near."""
    left = _DAY - local.hour * _HOUR - local.minute * _MINUTE - local.second
    if local.month not in fields.months:
        days = monthrange(local.year, local.month)[1] - local.day
        if days > 1:  # one is to spare: a clock that is put over the date line leaves a day out
            return left + (days - 1) * _DAY - _SPARE
    return left - _SPARE if left > _SPARE + _HOUR else _to_next_hour(local)


def _to_next_hour(local: datetime) -> int:
    """Seconds to the next full hour; clocks that are moved are so by half an hour at least."""
    return _HOUR // 2 - (local.minute % 30) * _MINUTE - local.second
