"""Cron expressions of schedules: checked, and written in the broker's six fields.

What passes here is what the broker takes (`tests/integration/test_schedules.py` holds the two
together); what it would refuse, or what would never come, is named with its field.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runfold.errors import ExpressionFailed


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _DAYS),
)
_DAY, _MONTH, _WEEKDAY = 3, 4, 5
_SUNDAY = 7
"""As Vixie cron and most others write it; the broker knows 0 alone."""
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WRITTEN_OUT = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_EVERY = re.compile(r"@every ((?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+)")
_EVERY_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_EVERY = 366 * 24 * 3600.0
_PART = re.compile(r"([*?]|[0-9a-z]{1,3}(?:-[0-9a-z]{1,3})?)(?:/([0-9]{1,3}))?")
_ANY = ("*", "?")


def broker_cron(text: str) -> str:
    """A cron expression with a field for seconds: five fields mean second 0.

    Raises:
        ExpressionFailed: `cron.invalid`, naming the field that is wrong.
    """
    text = " ".join(text.split()).lower()
    if text in _WRITTEN_OUT:
        return text
    if text.startswith("@every"):
        return _checked_every(text)
    fields = text.split()
    if len(fields) == len(_FIELDS) - 1:
        fields = ["0", *fields]
    if len(fields) != len(_FIELDS):
        message = (
            f"{text!r} is not a cron expression: write five fields (minute hour day month "
            "weekday), six with seconds first, @daily and the like, or '@every 5m'"
        )
        raise _invalid(message)
    values = _all_values(text, fields)
    _check_that_it_comes(text, fields, values)
    if any(part.endswith("7") or "7/" in part for part in fields[_WEEKDAY].split(",")):
        fields[_WEEKDAY] = ",".join(map(str, sorted(values[_WEEKDAY])))
    return " ".join(fields)


class Fields(NamedTuple):
    """The values that each field of an expression names."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """Sunday is 0."""
    either_day: bool
    """Whether a day of the month or of the week is enough: both are named."""


def cron_fields(broker: str) -> Fields | float:
    """What an expression of `broker_cron` names; of `@every`, its seconds."""
    if broker.startswith("@every"):
        return _seconds_of(broker)
    fields = _WRITTEN_OUT.get(broker, broker).split()
    seconds, minutes, hours, days, months, weekdays = map(frozenset, _all_values(broker, fields))
    either_day = not any(_is_any(fields[one]) for one in (_DAY, _WEEKDAY))
    return Fields(seconds, minutes, hours, days, months, weekdays, either_day)


def checked_zone(name: str, cron: str = "") -> str:
    """A time zone's name as it is, when there is such a zone.

    Raises:
        ExpressionFailed: `cron.invalid`: there is none, or `cron` is an interval, which has none.
    """
    if name and cron.strip().lower().startswith("@every"):
        raise _invalid(f"{cron!r} is an interval, which has no time zone: leave {name!r} out")
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name!r} is not a time zone: write one such as 'Europe/Berlin'"
        raise _invalid(message) from None
    return name


def _checked_every(text: str) -> str:
    found = _EVERY.fullmatch(text)
    if found is None:
        raise _invalid(f"{text!r}: write an interval of h, m and s, such as '@every 1h30m'")
    seconds = _seconds_of(text)
    if not 1 <= seconds <= _LONGEST_EVERY:
        raise _invalid(f"{text!r}: an interval is from 1 second to 366 days")
    return text


def _seconds_of(text: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _EVERY_PART.findall(text))


def _all_values(text: str, fields: list[str]) -> list[set[int]]:
    return [_values(text, written, known) for written, known in zip(fields, _FIELDS, strict=True)]


def _is_any(field: str) -> bool:
    """Whether a field names no day in particular, as the broker sees it."""
    return any(part in _ANY or part in ("*/1", "?/1") for part in field.split(","))


def _values(text: str, written: str, field: _Field) -> set[int]:
    """The values that a field names.

    Raises:
        ExpressionFailed: `cron.invalid`.
    """
    values: set[int] = set()
    for part in written.split(","):
        found = _PART.fullmatch(part)
        step = int(found.group(2) or 1) if found else 1
        if step == 0:
            raise _invalid(f"{text!r}: the step of {part!r} is 0; a {field.name} needs 1 or more")
        ends = found.group(1) if found else ""
        if ends in _ANY:
            values.update(range(field.low, field.high + 1, step))
            continue
        first, _, last = ends.partition("-")
        low = _number(first, field)
        open_end = not last and found is not None and found.group(2) is not None
        high = field.high if open_end else _number(last or first, field)
        if low is None or high is None:
            limits = f"{field.low} to {field.high}"
            raise _invalid(f"{text!r}: {part!r} is not a {field.name}; those are {limits}")
        if low > high:
            message = f"{text!r}: the range {part!r} of the {field.name} ends before it begins"
            raise _invalid(message)
        values.update(range(low, high + 1, step))
    return {0 if field.name == "weekday" and value == _SUNDAY else value for value in values}


def _number(text: str, field: _Field) -> int | None:
    if text in field.words:
        return field.words.index(text) + field.low
    if not text.isdigit():
        return None
    number, high = int(text), _SUNDAY if field.name == "weekday" else field.high
    return number if field.low <= number <= high else None


def _check_that_it_comes(text: str, fields: list[str], values: list[set[int]]) -> None:
    # A restricted weekday comes besides the day: either of them is enough.
    if fields[_WEEKDAY][0] in _ANY and all(
        min(values[_DAY]) > _LENGTHS[month - 1] for month in values[_MONTH]
    ):
        raise _invalid(f"{text!r} never comes: no month it names has such a day")


def _invalid(message: str) -> ExpressionFailed:
    return ExpressionFailed(message, code="cron.invalid", kind="input")
