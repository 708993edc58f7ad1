"""Whether a server holds work that goes on by itself once services run on it.

It is asked by a command that brings a model for its own runs alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import nats.errors
from nats.js.errors import Error as JetStreamError

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.topology.api import call, reason_of
from runfold.contracts import subjects
from runfold.contracts.events import RUN_ENDINGS
from runfold.errors import BusUnavailable

STARTED = "runfold.events.*.*.*.run_started"
CRONS = "runfold.timers.cron.>"
RUN_TOKEN = 4
"""Where an event's subject has its run."""


async def unfinished(bus: JetStreamBus) -> str:
    """What is left to do, in words; empty when there is nothing.

    Raises:
        BusUnavailable: When the server does not answer.
    """
    ended: set[str] = set()
    for type_ in RUN_ENDINGS:
        ended |= _runs(await _subjects(bus, subjects.EVENTS, f"runfold.events.*.*.*.{type_}"))
    runs = len(_runs(await _subjects(bus, subjects.EVENTS, STARTED)) - ended)
    waiting = len(await _subjects(bus, subjects.REQUESTS, subjects.REQUESTS_ALL))
    schedules = len(await _subjects(bus, subjects.TIMERS, CRONS))
    counted = {"unfinished run": runs + waiting, "schedule": schedules}
    return " and ".join(
        f"{count} {what}{'s' if count > 1 else ''}" for what, count in counted.items() if count
    )


def _runs(found: Iterable[str]) -> set[str]:
    return {subject.split(".")[RUN_TOKEN] for subject in found}


async def _subjects(bus: JetStreamBus, stream: str, filter_subject: str) -> set[str]:
    """Every subject of a stream that fits a filter."""
    found: set[str] = set()
    while True:
        wanted = {"subjects_filter": filter_subject, "offset": len(found)}
        try:
            page = await call(bus.nc, f"STREAM.INFO.{stream}", wanted)
        except (JetStreamError, nats.errors.Error, TimeoutError) as error:
            raise BusUnavailable(f"cannot read {stream}: {reason_of(error)}") from error
        listed = page["state"].get("subjects") or {}
        found |= set(listed)
        if not listed or len(found) >= page.get("total", 0):
            return found
