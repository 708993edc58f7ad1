"""When cron expressions come next: time zones, clocks that are moved, days and intervals."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.values.cron import broker_cron
from runfold.values.cron_times import cron_times
from tests.support.crons import TAKEN


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def first(cron: str, zone: str, after: str, count: int = 1) -> list[str]:
    found = islice(cron_times(broker_cron(cron), zone, at(after), None), count)
    return [datetime.fromtimestamp(one, UTC).isoformat() for one in found]


@pytest.mark.parametrize(
    ("cron", "zone", "after", "comes"),
    [
        # kestra#3227: the zone was left out of the next time.
        ("12 13 * * *", "Asia/Kolkata", "2024-03-07T00:00:00+00:00", "2024-03-07T07:42:00+00:00"),
        # kestra#18477: without a zone it is UTC, whatever the machine's is.
        ("0 3 * * *", "", "2026-08-21T20:00:00+00:00", "2026-08-22T03:00:00+00:00"),
        # quartz#587: a weekly time stays the same on the clock when the clock is moved.
        (
            "11 7 * * 0",
            "America/New_York",
            "2017-11-04T12:00:00+00:00",
            "2017-11-05T12:11:00+00:00",
        ),
        (
            "11 7 * * 0",
            "America/New_York",
            "2017-10-29T12:00:00+00:00",
            "2017-11-05T12:11:00+00:00",
        ),
        # cronexpr#23: what falls into the hour that is skipped comes the next day, not never.
        (
            "2 2 * * *",
            "America/Los_Angeles",
            "2016-03-12T10:03:00+00:00",
            "2016-03-14T09:02:00+00:00",
        ),
        # cron-utils#112: the first minute of the hour that comes twice does not go back in time.
        (
            "* * * * *",
            "America/Sao_Paulo",
            "2016-02-21T02:00:00+00:00",
            "2016-02-21T02:01:00+00:00",
        ),
        # A day of 23 hours whose first hour is the one that is skipped.
        (
            "30 0 * * *",
            "America/Sao_Paulo",
            "2018-11-03T12:00:00-03:00",
            "2018-11-05T02:30:00+00:00",
        ),
        ("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00+00:00", "2026-04-24T21:00:00+00:00"),
        # Clocks that are moved by half an hour, and that are three quarters of one off.
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T00:00:00+00:00",
            "2026-04-04T14:45:00+00:00",
        ),
        ("0 12 * * *", "Asia/Kathmandu", "2026-01-01T00:00:00+00:00", "2026-01-01T06:15:00+00:00"),
        # A month without its 30th: the clock went over the date line.
        ("0 0 1 1 *", "Pacific/Apia", "2011-12-02T00:00:00-10:00", "2011-12-31T10:00:00+00:00"),
        ("0 0 31 12 *", "Pacific/Apia", "2011-02-01T00:00:00+00:00", "2011-12-30T10:00:00+00:00"),
        # A month that is stepped over begins and ends in another offset.
        (
            "15 0 1 4,11 *",
            "Europe/Berlin",
            "2026-02-28T23:59:59+00:00",
            "2026-03-31T22:15:00+00:00",
        ),
        ("0 0 29 2 *", "", "2097-01-01T00:00:00+00:00", "2104-02-29T00:00:00+00:00"),
        ("@yearly", "", "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
        ("@weekly", "", "2026-11-28T00:00:00+00:00", "2026-11-29T00:00:00+00:00"),
        # A day of the month or of the week, where both are named; else both.
        ("0 0 13 * fri", "", "2026-11-28T00:00:00+00:00", "2026-12-04T00:00:00+00:00"),
        ("0 0 */2 * fri", "", "2026-11-28T00:00:00+00:00", "2026-11-29T00:00:00+00:00"),
        ("0 0 ? 1 7", "", "2026-11-28T00:00:00+00:00", "2027-01-03T00:00:00+00:00"),
    ],
)
def test_the_next_time(cron: str, zone: str, after: str, comes: str) -> None:
    assert first(cron, zone, after) == [comes]


def test_an_hour_that_comes_twice_has_its_times_twice() -> None:
    assert first("30 1 * * *", "America/New_York", "2026-11-01T00:00:00-04:00", 3) == [
        "2026-11-01T05:30:00+00:00",
        "2026-11-01T06:30:00+00:00",
        "2026-11-02T06:30:00+00:00",
    ]


@pytest.mark.parametrize(
    ("every", "since", "after", "times"),
    [
        ("@every 2s", 59.013, 0.0, [61, 63, 65]),
        ("@every 3s", 4.836, 8.5, [11, 14, 17]),
        ("@every 3s", 4.836, 8.0, [11, 14, 17]),
        ("@every 1.5s", 4.81, 0.0, [6.5, 8.5, 10.5]),
        ("@every 2500ms", 4.818, 8.0, [10.5, 13.5, 16.5]),
        ("@every 1h30m", 0.0, 1_000_000.0, [1_004_400, 1_009_800, 1_015_200]),
    ],
)
def test_intervals_count_from_when_the_broker_has_them(
    every: str, since: float, after: float, times: list[float]
) -> None:
    # The first rows were read off a broker.
    assert [*islice(cron_times(broker_cron(every), "", after, since), 3)] == times
    assert [*cron_times(broker_cron(every), "", after, None)] == []


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_the_zone_of_the_machine_does_not_count(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    before = first("0 3 * * *", "", "2026-08-21T20:00:00+00:00")
    was = os.environ.get("TZ")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert first("0 3 * * *", "", "2026-08-21T20:00:00+00:00") == before
    finally:
        monkeypatch.undo()
        assert os.environ.get("TZ") == was
        time.tzset()


@settings(max_examples=60, deadline=None)
@given(
    cron=st.sampled_from([one for one in TAKEN if not one.startswith("@every")]),
    zone=st.sampled_from(["", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]),
    after=st.integers(0, 2**32),
)
def test_times_rise_and_none_is_left_out(cron: str, zone: str, after: int) -> None:
    """Begun anew behind each time, the same times come."""
    broker = broker_cron(cron)
    times = [*islice(cron_times(broker, zone, after, None), 3)]
    assert times == sorted(set(times))
    assert times[0] > after
    assert next(cron_times(broker, zone, times[0] - 1, None)) == times[0]
    assert next(cron_times(broker, zone, times[0], None)) == times[1]


MOVED = {
    "Europe/Berlin": ("2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"),
    "America/Sao_Paulo": ("2018-11-04T03:00:00+00:00", "2019-02-17T02:00:00+00:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00:00+00:00", "2026-10-03T15:30:00+00:00"),
    "Africa/Cairo": ("2026-04-23T22:00:00+00:00", "2026-10-29T21:00:00+00:00"),
    "America/Scoresbysund": ("2024-03-31T00:00:00+00:00", "2026-10-25T01:00:00+00:00"),
}
"""Zone → instants at which its clock is moved."""


@settings(max_examples=80, deadline=None)
@given(
    zone=st.sampled_from(sorted(MOVED)),
    spring=st.booleans(),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=4),
    minutes=st.sets(st.sampled_from([0, 1, 15, 29, 30, 45, 59]), min_size=1),
    weekdays=st.sets(st.integers(0, 6), max_size=3),
    before=st.integers(0, 50),
)
def test_times_are_those_at_which_the_clock_shows_them(
    zone: str,
    spring: bool,
    hours: set[int],
    minutes: set[int],
    weekdays: set[int],
    before: int,
) -> None:
    begin = int(at(MOVED[zone][0 if spring else 1])) - before * 3600
    end = begin + 3 * 86_400
    shown = [
        float(second)
        for second in range(begin + 60, end, 60)
        for local in [datetime.fromtimestamp(second, ZoneInfo(zone))]
        if local.hour in hours
        and local.minute in minutes
        and (not weekdays or local.isoweekday() % 7 in weekdays)
    ]
    fields = [",".join(map(str, sorted(one))) or "*" for one in (minutes, hours, weekdays)]
    cron = broker_cron(f"{fields[0]} {fields[1]} * * {fields[2]}")
    assert [*takewhile(lambda one: one < end, cron_times(cron, zone, begin, None))] == shown
