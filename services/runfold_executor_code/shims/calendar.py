"""`calendar`: `isleap`, `leapdays`, `monthrange`, `weekday`, `timegm`, and the names."""

from datetime import date
from typing import Any

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 2, 3, 4, 5, 6
day_name = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
day_abbr = [name[:3] for name in day_name]
month_name = ["", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]  # fmt: skip
month_abbr = [name[:3] for name in month_name]
_DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def isleap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def leapdays(y1: int, y2: int) -> int:
    y1 -= 1
    y2 -= 1
    return (y2 // 4 - y1 // 4) - (y2 // 100 - y1 // 100) + (y2 // 400 - y1 // 400)


def weekday(year: int, month: int, day: int) -> int:
    return date(year, month, day).weekday()


def monthrange(year: int, month: int) -> Any:
    if not 1 <= month <= 12:
        raise ValueError("bad month number " + str(month) + "; must be 1-12")
    return weekday(year, month, 1), _DAYS[month] + (month == 2 and isleap(year))


def timegm(when: Any) -> int:
    year, month, day, hour, minute, second = list(when)[:6]
    days = 365 * (year - 1970) + leapdays(1970, year) + sum(_DAYS[:month]) + day - 1
    days += month > 2 and isleap(year)
    return int(((days * 24 + hour) * 60 + minute) * 60 + second)
