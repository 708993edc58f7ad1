"""`dateTime`: Date & Time. Formats dates, counts with them, takes them apart.

Version 1 has formats of Moment, version 2 of Luxon. Times without an offset are in the time zone
of the workflow; of version 1 in UTC, unless it names a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from runfold_executor_code.items.date_formats import iso, luxon, moment, written_as
from runfold_executor_code.items.date_reading import read_as
from runfold_executor_code.items.date_sums import between, iso_span, plus, start_of, unit_of
from runfold_executor_code.items.dates import moment_of, of_milliseconds, zone_of
from runfold_executor_code.items.javascript_values import is_nan, number, said, text
from runfold_executor_code.items.parameters import flag, options_of, word
from runfold_executor_code.items.paths import copied, put
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_NEW = 2
_SECONDS_DIGITS = 12
"""A whole number with fewer digits is of seconds."""
_FAILED = 'The date input format could not be recognized. Please set the "From Format" field'


def run(step: Step) -> list[list[Made]]:
    """Each item with a date in a field."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            made.append(
                _new(step, written, item, index)
                if step.version >= _NEW
                else _old(step, written, item, index)
            )
    return [made]


def _read(
    step: Step,
    value: Any,
    index: int,
    written: str = "",
    zone: str = "",
    *,
    loose_is_utc: bool = False,
) -> datetime:
    """A value as a date in a time zone: that of the workflow, where none is named."""
    zone = zone or step.timezone
    place = zone_of(zone) or UTC
    is_luxon = step.version >= _NEW
    if isinstance(value, str) and written:
        parts = luxon(written) if is_luxon else moment(written)
        today = of_milliseconds(step.now, place) or datetime(1970, 1, 1, tzinfo=place)
        found = read_as(value, parts, today, strict=is_luxon)
    else:
        found = _instant(value, zone, loose_is_utc=loose_is_utc)
    if found is None:
        raise ItemFailed(index, f"{_FAILED}: it is {said(value)}")
    return found.astimezone(place)


def _instant(value: Any, zone: str, *, loose_is_utc: bool) -> datetime | None:
    """A date, or a number of seconds or milliseconds."""
    stamp = number(value) if isinstance(value, str | int | float) and value != "" else number("x")
    if is_nan(stamp) or isinstance(value, bool):
        return moment_of(value, zone, loose_is_utc=loose_is_utc)
    if stamp != int(stamp):
        return of_milliseconds(stamp * 1000, zone_of(zone) or UTC)
    if len(str(abs(int(stamp)))) < _SECONDS_DIGITS:
        stamp *= 1000
    return of_milliseconds(stamp, zone_of(zone) or UTC)


# --- version 2 --------------------------------------------------------------------------------

Way = Callable[[Step, Mapping[str, Any], int], Any]


def _new(step: Step, written: Mapping[str, Any], item: Item, index: int) -> Made:
    operation = word(written.get("operation"), "getCurrentDate")
    known = _WAYS.get(operation)
    if known is None:
        raise ItemFailed(index, f"there is no operation {operation!r}")
    way, name = known
    json = copied(item["json"]) if flag(options_of(written).get("includeInputFields")) else {}
    put(json, word(written.get("outputFieldName"), name), way(step, written, index), dotted=False)
    return Made(json, paired=(0, index))


def _now(step: Step, written: Mapping[str, Any], _index: int) -> Any:
    zone = word(options_of(written).get("timezone"), step.timezone)
    now = of_milliseconds(step.now, zone_of(zone) or UTC)
    if now is None:
        return None
    return iso(now if flag(written.get("includeTime"), default=True) else start_of(now, "days"))


def _shifted(step: Step, written: Mapping[str, Any], index: int) -> Any:
    sign = -1 if written.get("operation") == "subtractFromDate" else 1
    date = _read(step, written.get("magnitude"), index)
    amount = number(written.get("duration", 0))
    unit = unit_of(word(written.get("timeUnit"), "days"))
    if unit is None or is_nan(amount):
        raise ItemFailed(index, f"{said(written.get('duration'))} is no number of a unit of time")
    try:
        return iso(plus(date, sign * amount, unit))
    except (OverflowError, ValueError) as error:
        raise ItemFailed(index, "there is no date as early or late as that") from error


def _formatted(step: Step, written: Mapping[str, Any], index: int) -> Any:
    value = written.get("date")
    if value is None:
        return None
    options = options_of(written)
    date = _read(step, value, index, word(options.get("fromFormat")))
    format_ = word(written.get("format"), "MM/dd/yyyy")
    if format_ == "custom":
        format_ = word(written.get("customFormat"))
    return written_as(date, luxon(format_))


def _rounded(step: Step, written: Mapping[str, Any], index: int) -> Any:
    date = _read(step, written.get("date"), index)
    if word(written.get("mode"), "roundDown") == "roundDown":
        return iso(start_of(date, unit_of(word(written.get("toNearest"), "month")) or "days"))
    unit = unit_of(word(written.get("to"), "month")) or "months"
    return iso(start_of(plus(date, 1, unit), unit))


def _difference(step: Step, written: Mapping[str, Any], index: int) -> Any:
    start = _read(step, written.get("startDate"), index)
    end = _read(step, written.get("endDate"), index)
    asked = written.get("units", ["day"])
    units = [unit_of(text(one)) for one in (asked if isinstance(asked, list) else [asked])]
    values = between(start, end, [one for one in units if one is not None])
    return iso_span(values) if flag(options_of(written).get("isoString")) else values


def _part(step: Step, written: Mapping[str, Any], index: int) -> Any:
    date = _read(step, written.get("date"), index)
    match word(written.get("part"), "month"):
        case "week":
            return date.isocalendar().week
        case "millisecond":
            return date.microsecond // 1000
        case "weekday":
            return date.isoweekday()
        case "year" | "month" | "day" | "hour" | "minute" | "second" as name:
            return getattr(date, name)
        case other:
            raise ItemFailed(index, f"there is no part {other!r} of a date")


_WAYS: Mapping[str, tuple[Way, str]] = {
    "addToDate": (_shifted, "newDate"),
    "extractDate": (_part, "datePart"),
    "formatDate": (_formatted, "formattedDate"),
    "getCurrentDate": (_now, "currentDate"),
    "getTimeBetweenDates": (_difference, "timeDifference"),
    "roundDate": (_rounded, "roundedDate"),
    "subtractFromDate": (_shifted, "newDate"),
}

# --- version 1 --------------------------------------------------------------------------------


def _old(step: Step, written: Mapping[str, Any], item: Item, index: int) -> Made:
    options = options_of(written)
    value = written.get("value")
    json = copied(item["json"])
    name = text(written.get("dataPropertyName", "data"))
    zones = {word(options.get(name)) for name in ("fromTimezone", "toTimezone")} - {""}
    # Without any of the two, Moment reads and writes in the zone of n8n's machine.
    usual = step.timezone if zones else "UTC"
    from_zone = word(options.get("fromTimezone"), usual)
    from_format = word(options.get("fromFormat"))
    date = _read(step, value, index, from_format, from_zone, loose_is_utc=True)
    if word(written.get("action"), "format") == "calculate":
        put(json, name, _calculated(written, date, index), dotted=False)
    else:
        to_zone = zone_of(word(options.get("toTimezone"), usual)) or UTC
        format_ = text(written.get("toFormat", "MM/DD/YYYY"))
        put(json, name, written_as(date.astimezone(to_zone), moment(format_)), dotted=False)
    return Made(json, item.get("binary"), paired=(0, index))


def _calculated(written: Mapping[str, Any], date: datetime, index: int) -> str:
    sign = -1 if written.get("operation") == "subtract" else 1
    amount = number(written.get("duration", 0))
    unit = unit_of(word(written.get("timeUnit"), "days"))
    if unit is None or is_nan(amount):
        raise ItemFailed(index, f"{said(written.get('duration'))} is no number of a unit of time")
    try:
        return iso(plus(date, sign * amount, unit).astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise ItemFailed(index, "there is no date as early or late as that") from error
