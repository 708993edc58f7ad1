"""Dates by formats: as Luxon writes them (`yyyy-MM-dd`), and as Moment does (`YYYY-MM-DD`).

Both are read into the same parts, so that each way of writing a part is said once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from runfold_executor_code.items.dates import milliseconds

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOON = 12

Part = tuple[str, str]
"""What a part is, and how it is written: ("year", "4"), or ("text", " at ")."""


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:  # noqa: PLR2004 -- 11th, 12th, 13th
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }".replace(" ", "")


def _offset(moment: datetime, way: str) -> str:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    sign, hours, rest = "+-"[minutes < 0], abs(minutes) // 60, abs(minutes) % 60
    if way == "narrow":
        return f"{sign}{hours}" + (f":{rest:02d}" if rest else "")
    return f"{sign}{hours:02d}{':' if way == 'colon' else ''}{rest:02d}"


def _zone(moment: datetime, way: str) -> str:
    if way == "id":
        return getattr(moment.tzinfo, "key", None) or str(moment.tzinfo)
    return moment.strftime("%Z")


def _padded(number: int, way: str) -> str:
    return str(number).zfill(int(way)) if way.isdecimal() else _ordinal(number)


def _named(names: tuple[str, ...], at: int, way: str) -> str:
    return {"short": names[at][:3], "narrow": names[at][:1], "two": names[at][:2]}.get(
        way, names[at]
    )


def _year(moment: datetime, way: str) -> str:
    return f"{moment.year % 100:02d}" if way == "two" else str(moment.year).zfill(int(way))


def _week_year(moment: datetime, way: str) -> str:
    year = moment.isocalendar().year
    return f"{year % 100:02d}" if way == "two" else str(year).zfill(int(way))


def _fraction(moment: datetime, way: str) -> str:
    digits = f"{moment.microsecond:06d}".ljust(9, "0")
    return str(int(digits[:3])) if way == "plain" else digits[: int(way)]


def _half(moment: datetime, way: str) -> str:
    name = "AM" if moment.hour < NOON else "PM"
    return name.lower() if way == "small" else name


_WRITE: Mapping[str, Callable[[datetime, str], str]] = {
    "text": lambda _moment, way: way,
    "year": _year,
    "week_year": _week_year,
    "quarter": lambda moment, way: _padded((moment.month + 2) // 3, way),
    "month": lambda moment, way: _padded(moment.month, way),
    "month_name": lambda moment, way: _named(MONTHS, moment.month - 1, way),
    "day": lambda moment, way: _padded(moment.day, way),
    "day_of_year": lambda moment, way: _padded(moment.timetuple().tm_yday, way),
    "weekday": lambda moment, way: _padded(moment.isoweekday(), way),
    "weekday_from_sunday": lambda moment, way: _padded(moment.isoweekday() % 7, way),
    "weekday_name": lambda moment, way: _named(DAYS, moment.weekday(), way),
    "week": lambda moment, way: _padded(moment.isocalendar().week, way),
    "hour": lambda moment, way: _padded(moment.hour, way),
    "hour_from_1": lambda moment, way: _padded(moment.hour or 24, way),
    "half_hour": lambda moment, way: _padded((moment.hour - 1) % NOON + 1, way),
    "half": _half,
    "minute": lambda moment, way: _padded(moment.minute, way),
    "second": lambda moment, way: _padded(moment.second, way),
    "fraction": _fraction,
    "offset": _offset,
    "zone": _zone,
    "seconds": lambda moment, _way: str(milliseconds(moment) // 1000),
    "milliseconds": lambda moment, _way: str(milliseconds(moment)),
    "era": lambda _moment, way: "Anno Domini" if way == "long" else "AD",
}

_LUXON: Mapping[str, Part | str] = {
    "S": ("fraction", "plain"),
    "SSS": ("fraction", "3"),
    "u": ("fraction", "3"),
    "uu": ("fraction", "2"),
    "uuu": ("fraction", "1"),
    "s": ("second", "1"),
    "ss": ("second", "2"),
    "m": ("minute", "1"),
    "mm": ("minute", "2"),
    "h": ("half_hour", "1"),
    "hh": ("half_hour", "2"),
    "H": ("hour", "1"),
    "HH": ("hour", "2"),
    "Z": ("offset", "narrow"),
    "ZZ": ("offset", "colon"),
    "ZZZ": ("offset", "plain"),
    "ZZZZ": ("zone", "short"),
    "ZZZZZ": ("zone", "short"),
    "z": ("zone", "id"),
    "a": ("half", "large"),
    "d": ("day", "1"),
    "dd": ("day", "2"),
    "c": ("weekday", "1"),
    "E": ("weekday", "1"),
    "ccc": ("weekday_name", "short"),
    "EEE": ("weekday_name", "short"),
    "cccc": ("weekday_name", "long"),
    "EEEE": ("weekday_name", "long"),
    "ccccc": ("weekday_name", "narrow"),
    "EEEEE": ("weekday_name", "narrow"),
    "L": ("month", "1"),
    "LL": ("month", "2"),
    "M": ("month", "1"),
    "MM": ("month", "2"),
    "LLL": ("month_name", "short"),
    "MMM": ("month_name", "short"),
    "LLLL": ("month_name", "long"),
    "MMMM": ("month_name", "long"),
    "LLLLL": ("month_name", "narrow"),
    "MMMMM": ("month_name", "narrow"),
    "y": ("year", "1"),
    "yy": ("year", "two"),
    "yyyy": ("year", "4"),
    "yyyyyy": ("year", "6"),
    "G": ("era", "short"),
    "GG": ("era", "long"),
    "GGGGG": ("era", "short"),
    "kk": ("week_year", "two"),
    "kkkk": ("week_year", "4"),
    "W": ("week", "1"),
    "WW": ("week", "2"),
    "o": ("day_of_year", "1"),
    "ooo": ("day_of_year", "3"),
    "q": ("quarter", "1"),
    "qq": ("quarter", "2"),
    "X": ("seconds", ""),
    "x": ("milliseconds", ""),
    "D": "M/d/yyyy",
    "DD": "MMM d, yyyy",
    "DDD": "MMMM d, yyyy",
    "DDDD": "EEEE, MMMM d, yyyy",
    "t": "h:mm a",
    "tt": "h:mm:ss a",
    "T": "HH:mm",
    "TT": "HH:mm:ss",
    "f": "M/d/yyyy, h:mm a",
    "ff": "MMM d, yyyy, h:mm a",
    "F": "M/d/yyyy, h:mm:ss a",
    "FF": "MMM d, yyyy, h:mm:ss a",
}
_MOMENT: Mapping[str, Part | str] = {
    "M": ("month", "1"),
    "MM": ("month", "2"),
    "Mo": ("month", "nth"),
    "MMM": ("month_name", "short"),
    "MMMM": ("month_name", "long"),
    "Q": ("quarter", "1"),
    "Qo": ("quarter", "nth"),
    "D": ("day", "1"),
    "DD": ("day", "2"),
    "Do": ("day", "nth"),
    "DDD": ("day_of_year", "1"),
    "DDDD": ("day_of_year", "3"),
    "DDDo": ("day_of_year", "nth"),
    "d": ("weekday_from_sunday", "1"),
    "e": ("weekday_from_sunday", "1"),
    "dd": ("weekday_name", "two"),
    "ddd": ("weekday_name", "short"),
    "dddd": ("weekday_name", "long"),
    "E": ("weekday", "1"),
    "w": ("week", "1"),
    "ww": ("week", "2"),
    "W": ("week", "1"),
    "WW": ("week", "2"),
    "YY": ("year", "two"),
    "YYYY": ("year", "4"),
    "Y": ("year", "1"),
    "YYYYYY": ("year", "6"),
    "GG": ("week_year", "two"),
    "GGGG": ("week_year", "4"),
    "gg": ("week_year", "two"),
    "gggg": ("week_year", "4"),
    "A": ("half", "large"),
    "a": ("half", "small"),
    "H": ("hour", "1"),
    "HH": ("hour", "2"),
    "h": ("half_hour", "1"),
    "hh": ("half_hour", "2"),
    "k": ("hour_from_1", "1"),
    "kk": ("hour_from_1", "2"),
    "m": ("minute", "1"),
    "mm": ("minute", "2"),
    "s": ("second", "1"),
    "ss": ("second", "2"),
    **{"S" * count: ("fraction", str(count)) for count in range(1, 10)},
    "Z": ("offset", "colon"),
    "ZZ": ("offset", "plain"),
    "z": ("zone", "short"),
    "zz": ("zone", "short"),
    "X": ("seconds", ""),
    "x": ("milliseconds", ""),
    "LT": "h:mm A",
    "LTS": "h:mm:ss A",
    "L": "MM/DD/YYYY",
    "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "l": "M/D/YYYY",
}
_MOMENT_TOKEN = re.compile(
    r"\[([^\[\]]*)\]|(DDDo|Do|Mo|Qo|LTS|LT|L{1,4}|l|(?P<run>[MDdwWYGgAaHhkmsSZzXxEeQ])(?P=run)*|.)",
    re.DOTALL,
)
_LUXON_TOKEN = re.compile(r"'((?:[^']|'')*)'|((?P<run>[A-Za-z])(?P=run)*|.)", re.DOTALL)


@lru_cache(maxsize=256)
def luxon(written: str) -> tuple[Part, ...]:
    """The parts of a format of Luxon."""
    return tuple(_parts(written, _LUXON_TOKEN, _LUXON))


@lru_cache(maxsize=256)
def moment(written: str) -> tuple[Part, ...]:
    """The parts of a format of Moment."""
    return tuple(_parts(written, _MOMENT_TOKEN, _MOMENT))


def _parts(
    written: str, tokens: re.Pattern[str], known: Mapping[str, Part | str]
) -> Iterator[Part]:
    for match in tokens.finditer(written):
        quoted, token = match.group(1), match.group(2)
        if quoted is not None:
            yield ("text", quoted)
            continue
        found = known.get(token, ("text", token))
        if isinstance(found, str):
            yield from _parts(found, tokens, known)
        else:
            yield found


def written_as(instant: datetime, parts: tuple[Part, ...]) -> str:
    """A date by the parts of a format."""
    return "".join(_WRITE[kind](instant, way) for kind, way in parts)


def iso(instant: datetime) -> str:
    """A date as Luxon writes it: with milliseconds, and with its offset."""
    offset = "Z" if instant.tzinfo == UTC else _offset(instant, "colon")
    day = f"{instant.year:04d}-{instant.month:02d}-{instant.day:02d}"
    return f"{day}T{instant.strftime('%H:%M:%S')}.{instant.microsecond // 1000:03d}{offset}"
