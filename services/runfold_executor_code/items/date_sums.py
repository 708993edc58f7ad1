"""Dates plus and minus spans, the beginnings of spans, and what lies between two dates."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from runfold_executor_code.items.javascript_values import number_text, plain

ORDER = (
    *("years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds"),
    "milliseconds",
)
"""Units from the longest to the shortest."""
_MONTHS = {"years": 12, "quarters": 3, "months": 1}
_DAYS = {"weeks": 7, "days": 1}
_MILLISECONDS = {"hours": 3_600_000, "minutes": 60_000, "seconds": 1000, "milliseconds": 1}
_MOST = 10**7


def unit_of(written: str) -> str | None:
    """The name of a unit in the plural; None for what is none."""
    name = written.strip().lower()
    name = name if name.endswith("s") else f"{name}s"
    return name if name in ORDER else None


def plus(moment: datetime, amount: float, unit: str) -> datetime:
    """A date so much later. Months and days are of the calendar, at the same time of the day.

    Raises:
        OverflowError: The date is out of range.
    """
    if abs(amount) > _MOST * 10**6:
        raise OverflowError
    whole, rest = divmod(amount, 1)
    if unit in _MONTHS:
        at = moment.year * 12 + moment.month - 1 + int(whole) * _MONTHS[unit]
        year, month = divmod(at, 12)
        if not 1 <= year <= 9999:  # noqa: PLR2004 -- years that there are
            raise OverflowError
        last = calendar.monthrange(year, month + 1)[1]
        made = moment.replace(year=year, month=month + 1, day=min(moment.day, last))
        return plus(made, rest * _MONTHS[unit] * 30, "days") if rest else made
    if unit in _DAYS:
        made = moment + timedelta(days=int(whole) * _DAYS[unit])
        return plus(made, rest * _DAYS[unit] * 24, "hours") if rest else made
    passed = timedelta(milliseconds=amount * _MILLISECONDS[unit])
    return (moment.astimezone(UTC) + passed).astimezone(moment.tzinfo)


def start_of(moment: datetime, unit: str) -> datetime:
    """The first instant of the span that a date is in."""
    zero = {"microsecond": 0}
    match unit:
        case "milliseconds":
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        case "seconds":
            return moment.replace(**zero)  # type: ignore[arg-type]
        case "minutes":
            return moment.replace(second=0, microsecond=0)
        case "hours":
            return moment.replace(minute=0, second=0, microsecond=0)
        case _:
            return _start_of_days(moment, unit)


def _start_of_days(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "weeks":
            return day - timedelta(days=day.weekday())
        case "months":
            return day.replace(day=1)
        case "quarters":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "years":
            return day.replace(month=1, day=1)
        case _:
            return day


def between(start: datetime, end: datetime, units: list[str]) -> dict[str, float]:
    """How far two dates are apart, in units; the last one has a fraction."""
    if end < start:
        return {unit: plain(-value) or 0 for unit, value in between(end, start, units).items()}
    asked = [unit for unit in ORDER if unit in units]
    end = end.astimezone(start.tzinfo)
    made: dict[str, float] = {}
    at = start
    for place, unit in enumerate(asked):
        if unit in _MILLISECONDS:
            left = (end.astimezone(UTC) - at.astimezone(UTC)) / timedelta(milliseconds=1)
            made |= _in_time(left, asked[place:])
            break
        count = _most(at, end, unit)
        reached = plus(at, count, unit)
        if place == len(asked) - 1:
            longer = plus(at, count + 1, unit)
            whole = (longer.astimezone(UTC) - reached.astimezone(UTC)).total_seconds()
            part = (end.astimezone(UTC) - reached.astimezone(UTC)).total_seconds()
            made[unit] = plain(count + part / whole)
        else:
            made[unit] = count
        at = reached
    return made


def _most(start: datetime, end: datetime, unit: str) -> int:
    """How many whole units fit."""
    days = (end - start).days
    count = days // _DAYS[unit] if unit in _DAYS else days // (31 * _MONTHS[unit])
    while plus(start, count + 1, unit) <= end:
        count += 1
    while plus(start, count, unit) > end:
        count -= 1
    return count


def _in_time(milliseconds: float, units: list[str]) -> dict[str, float]:
    made: dict[str, float] = {}
    for place, unit in enumerate(units):
        value = milliseconds / _MILLISECONDS[unit]
        if place < len(units) - 1:
            value = float(int(value))
            milliseconds -= value * _MILLISECONDS[unit]
        made[unit] = plain(value)
    return made


_LETTERS = {"years": "Y", "quarters": "M", "months": "M", "weeks": "W", "days": "D"}
_TIME_LETTERS = {"hours": "H", "minutes": "M", "seconds": "S"}


def iso_span(values: Mapping[str, float]) -> str:
    """A span as ISO 8601 writes it: `P1M2DT3H`."""
    counted = dict(values)
    if "quarters" in counted:
        counted["months"] = counted.get("months", 0) + counted.pop("quarters") * 3
    if "milliseconds" in counted:
        counted["seconds"] = counted.get("seconds", 0) + counted.pop("milliseconds") / 1000
    days = "".join(
        f"{_said(counted[one])}{letter}"
        for one, letter in _LETTERS.items()
        if one != "quarters" and counted.get(one)
    )
    time = "".join(
        f"{_said(counted[one])}{letter}"
        for one, letter in _TIME_LETTERS.items()
        if counted.get(one)
    )
    return f"P{days}{'T' + time if time else ''}" if days or time else "PT0S"


def _said(value: float) -> str:
    return number_text(value)
