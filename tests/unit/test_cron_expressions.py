"""Which cron expressions are taken, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.graph.loader import load_workflow
from runfold.values.cron import broker_cron, checked_zone
from tests.support.crons import TAKEN


@pytest.mark.parametrize(("text", "fields"), TAKEN.items())
def test_what_is_taken(text: str, fields: str) -> None:
    assert broker_cron(text) == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write five fields"),
        ("* * *", "write five fields"),
        ("0 0 9 * * * 2027", "write five fields"),
        ("60 * * * *", "0 to 59"),
        ("* 24 * * *", "0 to 23"),
        ("* * 0 * *", "1 to 31"),
        ("* * * 13 *", "1 to 12"),
        ("* * * * 8", "0 to 6"),
        ("* * mon * *", "not a day"),
        ("a * * * *", "not a minute"),
        ("1-99 * * * *", "not a minute"),
        ("1/x * * * *", "not a minute"),
        ("+5 * * * *", "not a minute"),
        ("1, * * * *", "not a minute"),
        ("*/99999999999999999999 * * * *", "not a minute"),
        ("\u0663 * * * *", "not a minute"),
        ("0 0 L * *", "not a day"),
        ("0 0 * * 5#3", "not a weekday"),
        ("*/0 * * * *", "the step of '*/0' is 0"),
        ("0 9 * * 5-1", "ends before it begins"),
        ("0 9 * * fri-mon", "ends before it begins"),
        ("10-5 * * * *", "ends before it begins"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 30,31 2 *", "never comes"),
        ("0 0 31 4,6,9,11 ?", "never comes"),
        ("@sometimes", "write five fields"),
        ("@reboot", "write five fields"),
        ("@every", "'@every 1h30m'"),
        ("@every 1d", "'@every 1h30m'"),
        ("@every 90", "'@every 1h30m'"),
        ("@every 1h 30m", "'@every 1h30m'"),
        ("@every 1ms", "from 1 second"),
        ("@every 0s", "from 1 second"),
        ("@every 999ms", "from 1 second"),
        ("@every 10000000h", "366 days"),
        ("TZ=UTC 0 0 0 * * *", "write five fields"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        broker_cron(text)
    assert caught.value.code == "cron.invalid"
    assert said in caught.value.message
    assert ("cron.invalid", "settings.schedules[0].cron") in errors({"cron": text})


def test_time_zones() -> None:
    assert checked_zone("Europe/Berlin") == "Europe/Berlin"
    for zone in ("Mars/Olympus", "europe/berlin ", "+02:00", "../etc/passwd", "tzdata.zi"):
        with pytest.raises(ExpressionFailed):
            checked_zone(zone)
    place = ("cron.invalid", "settings.schedules[0].timezone")
    assert errors({"cron": "@daily", "timezone": "Mars/Olympus"}) == [place]
    assert errors({"cron": "@every 5m", "timezone": "UTC"}) == [place]


def test_inputs_of_schedules_fit_the_workflow() -> None:
    found = findings(
        {"cron": "@daily"},
        {"cron": "@weekly", "inputs": {"a": "many"}},
        {"cron": "@weekly", "inputs": {"a": 1}},
        {"cron": "@weekly", "inputs": {"a": 1}},
        {"cron": "@weekly", "inputs": {"a": 1, "b": 2}},
        inputs={"a": {"type": "integer", "required": True}},
    )
    assert found == [
        ("schedule.inputs", "settings.schedules[0].inputs"),
        ("schedule.inputs", "settings.schedules[1].inputs"),
        ("schedule.twice", "settings.schedules[3]"),
        ("schedule.inputs", "settings.schedules[4].inputs"),
    ]


def errors(schedule: dict[str, Any]) -> list[tuple[str, str]]:
    return findings(schedule)


def findings(*schedules: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    document = {
        "id": "ticking",
        "settings": {"schedules": list(schedules)},
        "nodes": [{"id": "n", "type": "noop"}],
        **more,
    }
    return [(f.code, f.path) for f in load_workflow(document).findings if f.level != "info"]
