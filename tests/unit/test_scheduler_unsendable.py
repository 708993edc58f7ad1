"""Events and tasks that cannot be written: the node or the run fails, and says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.codec import encode
from runfold.contracts.json_reader import WIRE
from runfold.engine.decide.effects import Append
from runfold.errors import Failure, PayloadTooLarge, Unencodable
from runfold_scheduler.outbox.unsendable import failed_to_send
from tests.support.one_scheduler import OneScheduler, on_virtual_time


def nested(inner: Any, depth: int) -> Any:
    for _ in range(depth):
        inner = [inner]
    return inner


DEEP = nested(1, 120)
TOO_DEEP = nested("{{x}}", 80)
"""With `DEEP` inside, deeper than a message may be."""


def flow(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"id": "deep", "inputs": {"x": "any", "y": "any"}, "nodes": list(nodes)}


async def events_of(
    here: OneScheduler, document: dict[str, Any], **inputs: Any
) -> list[e.AnyEvent]:
    await here.run(document, "r", x=DEEP, **inputs)
    await asyncio.sleep(60)
    return [record.event for record in await here.bus.events.read_run("r")]


ROUNDS = {
    "id": "rounds",
    "type": "loop",
    "config": {
        "count": 300,
        "variables": {"v": []},
        "nodes": [
            {
                "id": "wrap",
                "type": "assign",
                "config": {"assignments": [{"variable": "v", "value": ["{{v}}"]}]},
            }
        ],
    },
}


@pytest.mark.parametrize(
    ("node", "fails"),
    [
        ({"id": "end", "type": "end", "config": {"outputs": {"deep": TOO_DEEP}}}, "end"),
        (
            {
                "id": "set",
                "type": "assign",
                "config": {"assignments": [{"variable": "x", "value": TOO_DEEP}]},
            },
            "set",
        ),
        (ROUNDS, "wrap"),
    ],
    ids=["end", "assign", "loop"],
)
def test_a_value_too_deep_fails_its_node_and_the_run(node: dict[str, Any], fails: str) -> None:
    async def story(here: OneScheduler) -> None:
        found = await events_of(here, flow(node))
        failed = next(event for event in found if isinstance(event, e.NodeRunFailed))
        assert failed.node_id == fails
        assert failed.error.code == "json.too_deep"
        assert repr(fails) in failed.error.message
        assert f"the limit is {WIRE.depth}" in failed.error.message
        assert isinstance(found[-1], e.RunFailed)
        assert found[-1].error.code == "json.too_deep"

    on_virtual_time(story)()


def test_the_failure_may_be_handled() -> None:
    async def story(here: OneScheduler) -> None:
        end = {"id": "end", "type": "end", "config": {"outputs": {"why": "{{set.error.code}}"}}}
        set_ = {
            "id": "set",
            "type": "assign",
            "config": {"assignments": [{"variable": "x", "value": TOO_DEEP}]},
            "on_error": {"strategy": "continue"},
        }
        found = await events_of(here, flow(set_, end))
        assert isinstance(found[-1], e.RunPartialSucceeded)
        assert found[-1].outputs == {"why": "json.too_deep"}

    on_virtual_time(story)()


@pytest.mark.parametrize(
    ("value", "code"), [(TOO_DEEP, "json.too_deep"), (["{{y}}"] * 8, "payload.too_large")]
)
def test_what_was_decided_after_it_does_not_count(value: Any, code: str) -> None:
    set_ = {
        "id": "set",
        "type": "assign",
        "config": {"assignments": [{"variable": "x", "value": value}]},
    }
    end = {"id": "end", "type": "end", "config": {"outputs": {"sound": 1}}}

    async def story(here: OneScheduler) -> None:
        found = await events_of(here, flow(set_, end), y="y" * 300_000)
        assert [e.event_type(event) for event in found] == [
            "run_started",
            "node_run_failed",
            "run_failed",
        ]
        assert isinstance(found[-1], e.RunFailed)
        assert (found[-1].error.code, found[-1].node_id) == (code, "set")

    on_virtual_time(story, max_payload=2_000_000)()


ABOUT = {"run_id": "r", "workflow_id": "w"}
HALF = Failure(code="x", message="half \ud83d")


@pytest.mark.parametrize(
    "event",
    [
        e.RunSucceeded(id="r:s", outputs={"a": "\ud83d"}, **ABOUT),
        e.RunFailed(id="r:f", error=HALF, **ABOUT),
        e.NodeRunSucceeded(id="r:n", node_id="n", outputs={"a": float("nan")}, **ABOUT),
        e.NodeRunFailed(id="r:n", node_id="n", error=HALF, **ABOUT),
    ],
)
def test_whatever_cannot_be_written_something_can(event: e.AnyEvent) -> None:
    with pytest.raises(Unencodable) as raised:
        encode(event)
    failure = failed_to_send(Append(event), raised.value)
    assert failure is not None
    assert encode(failure)
    assert isinstance(failure, e.NodeRunFailed if isinstance(event, e.NodeEvent) else e.RunFailed)
    assert failure.error.code == raised.value.code
    assert failed_to_send(Append(failure), PayloadTooLarge("too")) is None
