"""Schedule, Cron and Interval triggers as lines of cron, where these say the same."""

from __future__ import annotations

from typing import Any

from runfold.errors import RunfoldError
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_count, as_list, as_text, at, objects_in
from runfold.values.cron import broker_cron, checked_zone

_UNITS = {"seconds": "s", "minutes": "m", "hours": "h"}
_SIXTY, _DAY = 60, 24


def crons_of(node: Node) -> list[str]:
    """The lines of cron of a trigger, those that are right."""
    match node.kind:
        case "interval":
            found = [_every(node.parameters.get("interval"), node.parameters.get("unit"))]
        case "cron":
            rows = objects_in(at(node.parameters, "triggerTimes", "item"))
            found = [_old(one) for one in rows]
        case _:
            rows = objects_in(at(node.parameters, "rule", "interval")) or [{}]
            found = [_new(one) for one in rows]
    return [one for one in dict.fromkeys(found) if one and _is_right(one)]


def _is_right(cron: str) -> bool:
    try:
        broker_cron(cron)
    except RunfoldError:
        return False
    return True


def zone_of(written: str, cron: str) -> str:
    """The time zone of a line, where there is one of that name and the line has a time of day."""
    if cron.startswith("@every"):
        return ""
    try:
        return checked_zone(written, cron)
    except RunfoldError:
        return ""


def _every(amount: Any, unit: Any) -> str:
    letter = _UNITS.get(as_text(unit, "seconds"), "s")
    return f"@every {as_count(amount, 1, least=1)}{letter}"


def _new(row: dict[str, Any]) -> str:
    """One interval of a Schedule Trigger; those that skip days, weeks or months have no line."""
    minute = as_count(row.get("triggerAtMinute"), 0, most=59)
    hour = as_count(row.get("triggerAtHour"), 0, most=23)
    match as_text(row.get("field"), "days"):
        case "seconds":
            return f"@every {as_count(row.get('secondsInterval'), 30, least=1)}s"
        case "minutes":
            every = as_count(row.get("minutesInterval"), 5, least=1)
            return (
                f"*/{every} * * * *"
                if _SIXTY % every == 0 and every < _SIXTY
                else f"@every {every}m"
            )
        case "hours":
            every = as_count(row.get("hoursInterval"), 1, least=1)
            return f"{minute} */{every} * * *" if _DAY % every == 0 else f"@every {every}h"
        case "days":
            once = as_count(row.get("daysInterval"), 1, least=1) == 1
            return f"{minute} {hour} * * *" if once else ""
        case "weeks":
            days = ",".join(
                str(as_count(one, 0, most=6)) for one in as_list(row.get("triggerAtDay"))
            )
            once = as_count(row.get("weeksInterval"), 1, least=1) == 1
            return f"{minute} {hour} * * {days or '0'}" if once else ""
        case "months":
            day = as_count(row.get("triggerAtDayOfMonth"), 1, least=1, most=31)
            once = as_count(row.get("monthsInterval"), 1, least=1) == 1
            return f"{minute} {hour} {day} * *" if once else ""
        case "cronExpression":
            return as_text(row.get("expression")).lstrip("=")
        case _:
            return ""


def _old(row: dict[str, Any]) -> str:
    """One time of a Cron node."""
    minute = as_count(row.get("minute"), 0, most=59)
    hour = as_count(row.get("hour"), 14, most=23)
    match as_text(row.get("mode"), "everyDay"):
        case "everyMinute":
            return "* * * * *"
        case "everyHour":
            return f"{minute} * * * *"
        case "everyDay":
            return f"{minute} {hour} * * *"
        case "everyWeek":
            return f"{minute} {hour} * * {as_count(row.get('weekday'), 1, most=7)}"
        case "everyMonth":
            return f"{minute} {hour} {as_count(row.get('dayOfMonth'), 1, least=1, most=31)} * *"
        case "everyX":
            return _every(row.get("value"), as_text(row.get("unit"), "hours"))
        case "custom":
            return as_text(row.get("cronExpression")).lstrip("=")
        case _:
            return ""
