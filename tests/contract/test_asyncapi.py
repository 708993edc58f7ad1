"""The AsyncAPI document: valid, complete, true to the subjects and the codec.

What services really subscribe to and publish is held against it in
`tests/integration/test_asyncapi_is_true.py`. After a change on purpose:
`python -m tests.contract.test_asyncapi` writes the snapshot anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from runfold.archive.record import Header
from runfold.contracts import codec, subjects
from runfold.contracts import queries as q
from runfold.contracts.conversations import AnyMessage
from runfold.contracts.events import AnyEvent
from runfold.contracts.fetching import Fetch, Fetched
from runfold.contracts.knowledge_queries import KnowledgeAnswer, Question
from runfold.contracts.requests import REQUEST_VERBS
from runfold.contracts.status import ServiceStatus
from runfold.ids import partition_of
from runfold.service import apps
from runfold.service.app import ServiceApp
from runfold.service.apps import document
from runfold.service.catalog import NAMES
from runfold.service.channels import CHANNELS, channels_of
from runfold.settings import Settings

HERE = Path(__file__).parent
SNAPSHOT = HERE / "asyncapi.json"
SPECIFICATION = HERE / "asyncapi_spec" / "3.0.0.json"
RUN = "0190a5e0-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    return document()


def test_snapshot(page: dict[str, Any]) -> None:
    assert page == json.loads(SNAPSHOT.read_text())


def test_it_is_valid(page: dict[str, Any]) -> None:
    assert errors_of(page) == []


def test_a_schema_of_another_standard_is_not(page: dict[str, Any]) -> None:
    schemas = {"Task": {"discriminator": {"propertyName": "type"}}}
    components = {**page["components"], "schemas": {**page["components"]["schemas"], **schemas}}
    assert errors_of({**page, "components": components})


def errors_of(page: dict[str, Any]) -> list[str]:
    """What the official schema finds, as written and with references put in place."""
    validator = jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text()))
    return [
        f"{error.json_path}: {error.message[:200]}"
        for one in (page, resolved(page, page))
        for error in validator.iter_errors(one)
    ]


def resolved(value: Any, page: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """The value with what its references lead to; a reference to what it is part of stays."""
    if isinstance(value, list):
        return [resolved(one, page, within) for one in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("$ref")
    if not isinstance(ref, str):
        return {key: resolved(one, page, within) for key, one in value.items()}
    if ref in within or ref.startswith("#/channels/"):  # which an operation must refer to
        return value
    return resolved(target_of(page, ref), page, (*within, ref))


def target_of(page: dict[str, Any], ref: str) -> Any:
    target: Any = page
    for step in ref.removeprefix("#/").split("/"):
        target = target[step]
    return target


def test_what_the_schema_cannot_say(page: dict[str, Any]) -> None:
    """The official parser's further rules."""
    for key, channel in page["channels"].items():
        assert not set("?#") & set(key)
        tokens = set(re.findall(r"\{(\w+)\}", channel["address"] or ""))
        assert set(channel.get("parameters", {})) == tokens, key
    for key, operation in page["operations"].items():
        for side in (operation, *filter(None, [operation.get("reply")])):
            channel = side["channel"]["$ref"]
            assert channel.startswith("#/channels/")
            assert side["messages"], key
            for message in side["messages"]:
                assert message["$ref"].startswith(f"{channel}/messages/"), key


def test_nothing_in_it_is_unused(page: dict[str, Any]) -> None:
    used = set(references(page))
    for part, named in page["components"].items():
        assert {f"#/components/{part}/{name}" for name in named} <= used
    assert {f"#/channels/{key}" for key in page["channels"]} <= used


def test_every_message_has_an_example_that_fits_and_decodes(page: dict[str, Any]) -> None:
    for name, message in page["components"]["messages"].items():
        assert message["examples"], name
        for example in message["examples"]:
            payload = example["payload"]
            schema = {**message["payload"], "components": page["components"]}
            jsonschema.Draft202012Validator(schema).validate(payload)
            if name != "Empty":
                assert decoded(name, payload) == payload, name


def decoded(name: str, payload: dict[str, Any]) -> Any:
    """What the codec makes of an example, as plain values again: a field it drops is missed."""
    body = json.dumps(payload).encode()
    verbs = {kind.__name__: verb for verb, kind in REQUEST_VERBS.items()}
    others: dict[str, type] = {
        kind.__name__: kind
        for kind in (
            *(Header, ServiceStatus, q.Answer, q.GetRun, q.ListRuns, q.GetWaiting),
            *(Question, KnowledgeAnswer, Fetch, Fetched),
            q.ListConversations,
            q.ListFailures,
            q.ListFamily,
        )
    }
    if name in verbs:
        return codec.to_json(codec.decode_request(verbs[name], body))
    if name in others:
        return codec.to_json(msgspec.json.decode(body, type=others[name]))
    by_name = {
        "Task": codec.decode_task,
        "DeadLetter": codec.decode_dead_letter,
        "StreamChunk": codec.decode_chunk,
        "Refused": codec.decode_failure,
        **{kind.__name__: codec.decode_message for kind in AnyMessage.__args__},
    }
    return codec.to_json(by_name.get(name, codec.decode_event)(body))


def test_every_service_is_in_it() -> None:
    assert set(CHANNELS) == set(NAMES)


def test_every_family_of_subjects_is_in_it() -> None:
    used = {channel.family for channels in CHANNELS.values() for channel in channels}
    assert used == set(subjects.PATTERNS)
    # The broker itself reads these schedules.
    read = {c.family for cs in CHANNELS.values() for c in cs if c.direction == "receive"}
    assert set(subjects.PATTERNS) - read == {"timers"}


def test_every_event_and_request_is_described(page: dict[str, Any]) -> None:
    described = page["components"]["schemas"]
    for kind in (*AnyEvent.__args__, *REQUEST_VERBS.values()):
        assert described[kind.__name__]["properties"], kind


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(ref := value.get("$ref"), str):
            yield ref
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere(page: dict[str, Any]) -> None:
    for ref in references(page):
        target_of(page, ref)


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
        "schedule": "daily",
        "conversation": subjects.message("c", "*").split(".")[2],
        "part": "turn",
    }
    spelled = {
        "events": subjects.event("flow", RUN, "run_started"),
        "chunks": subjects.chunks("flow", RUN),
        "timers": subjects.timer("flow", RUN, "t"),
        "crons": subjects.cron("flow", "daily"),
        "due_events": subjects.timer_due("flow", RUN),
        "due_requests": subjects.cron_due("flow"),
        "tasks": subjects.task("text", "noop"),
        "requests": subjects.request("run"),
        "dead": subjects.dead(subjects.TASKS),
        "refused": subjects.refused(RUN),
        "archive": subjects.archive("flow", RUN),
        "messages": subjects.message("c", "turn"),
        "live": subjects.live_event("run_started", RUN),
        "query": subjects.query("run"),
        "status": subjects.STATUS,
    }
    assert {
        family: pattern.format(**tokens) for family, pattern in subjects.PATTERNS.items()
    } == spelled


@pytest.mark.parametrize("name", [*NAMES, "executor-custom"])
def test_what_an_application_answers_is_what_is_declared(name: str) -> None:
    app = getattr(apps, name.replace("-", "_"))
    assert isinstance(app, ServiceApp)
    assert app.broker is not None
    live = {channel.address for one in app.broker.subscribers for channel in one.schema().values()}
    declared = {
        channel.address
        for channel in channels_of(name)
        if channel.direction == "receive" and channel.reply is not None
    }
    assert live == declared
    shown = app.schema.to_specification()
    assert json.loads(shown.to_json()) == shown.to_jsonable()
    assert all(key.startswith(f"{name}.") for key in shown.to_jsonable()["operations"])


def test_a_subscriber_that_is_gone_is_gone_from_the_page() -> None:
    app = ServiceApp("projection", Settings())
    assert app.broker is not None
    app._queries.clear()
    app.broker._answered.pop()  # type: ignore[attr-defined]
    operations = app.schema.to_specification().to_jsonable()["operations"]
    assert "projection.receive.query.list_runs" in operations
    assert "projection.receive.query.list_family" not in operations


def test_an_application_that_does_not_exist() -> None:
    assert "executor_llm" in dir(apps)
    with pytest.raises(AttributeError, match="no service 'executer-llm'"):
        _ = apps.executer_llm


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(document(), indent=1) + "\n")
