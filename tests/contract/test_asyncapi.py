"""The AsyncAPI document: complete, true to the subjects and the codec, and unchanged unawares.

After a change on purpose: `python -m tests.contract.test_asyncapi` writes the snapshot anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runfold.contracts import subjects
from runfold.contracts.events import AnyEvent
from runfold.contracts.requests import REQUEST_VERBS
from runfold.ids import partition_of
from runfold.service.app import ServiceApp
from runfold.service.asyncapi import document
from runfold.service.catalog import NAMES, app_of
from runfold.service.channels import CHANNELS, channels_of
from runfold.settings import Settings

SNAPSHOT = Path(__file__).with_name("asyncapi.json")
RUN = "0190a5e0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    return document()


def test_snapshot(page: dict[str, Any]) -> None:
    assert page == json.loads(SNAPSHOT.read_text())


def test_every_service_is_in_it() -> None:
    assert set(CHANNELS) == set(NAMES)


def test_every_family_of_subjects_is_in_it() -> None:
    used = {channel.family for channels in CHANNELS.values() for channel in channels}
    assert set(subjects.PATTERNS) <= used
    # `dead` is read by people and by `runfold doctor`, `published` by whoever wants to know.
    read = {c.family for cs in CHANNELS.values() for c in cs if c.direction == "receive"}
    assert set(subjects.PATTERNS) - read == {"chunks", "dead", "published", "timers"}


def test_every_event_and_request_is_described(page: dict[str, Any]) -> None:
    described = page["components"]["schemas"]
    for kind in (*AnyEvent.__args__, *REQUEST_VERBS.values()):
        assert described[kind.__name__]["properties"], kind


def test_every_reference_leads_somewhere(page: dict[str, Any]) -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(ref := value.get("$ref"), str):
                target: Any = page
                for step in ref.removeprefix("#/").split("/"):
                    target = target[step]
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)

    check(page)


def test_patterns_say_what_the_functions_spell() -> None:
    tokens = {
        "partition": f"{partition_of(RUN):02d}",
        "workflow_id": "flow",
        "run_id": RUN,
        "type": "run_started",
        "group": "text",
        "node_type": "noop",
        "verb": "run",
        "stream": "tasks",
        "timer": subjects.timer("flow", RUN, "t").rpartition(".")[2],
    }
    spelled = {
        "events": subjects.event("flow", RUN, "run_started"),
        "chunks": subjects.chunks("flow", RUN),
        "timers": subjects.timer("flow", RUN, "t"),
        "tasks": subjects.task("text", "noop"),
        "requests": subjects.request("run"),
        "dead": subjects.dead(subjects.TASKS),
        "archive": subjects.archive("flow", RUN),
        "live": subjects.live_event("run_started", RUN),
        "query": subjects.query("run"),
        "published": subjects.published("flow"),
        "status": subjects.STATUS,
    }
    assert {
        family: pattern.format(**tokens) for family, pattern in subjects.PATTERNS.items()
    } == spelled


@pytest.mark.parametrize("name", [*NAMES, "executor-custom"])
def test_what_an_application_answers_itself_is_declared(name: str) -> None:
    app = app_of(name, Settings())
    assert isinstance(app, ServiceApp)
    assert app.broker is not None
    live = {channel.address for one in app.broker.subscribers for channel in one.schema().values()}
    declared = {channel.address for channel in channels_of(name) if channel.direction == "receive"}
    assert live <= declared
    assert app.schema.to_specification().to_jsonable()["channels"]


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(document(), indent=1) + "\n")
