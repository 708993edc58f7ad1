"""A detached `sub_workflow` of a stored workflow: it begins, or its caller's node says why not."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.definitions.store import DefinitionStore
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.one_scheduler import OneScheduler, on_virtual_time

CHILD = {
    "id": "child",
    "inputs": {"i": {"type": "integer", "required": True}},
    "closed_inputs": True,
    "nodes": [{"id": "end", "type": "end", "config": {"outputs": {"got": "{{i}}"}}}],
}


def parent(*, on_error: str = "fail", **config: Any) -> dict[str, Any]:
    config = {"workflow": "child", "mode": "detached", "inputs": {"i": 7}, **config}
    go = {"id": "go", "type": "sub_workflow", "config": config, "on_error": {"strategy": on_error}}
    end = {"id": "end", "type": "end", "config": {"outputs": {"child": "{{go.run_id}}"}}}
    return {"id": "parent", "nodes": [go, end]}


async def ask(here: OneScheduler, document: dict[str, Any], **more: Any) -> list[e.AnyEvent]:
    """Store the child, run a document, and give its events."""
    store = DefinitionStore(here.bus.definitions)
    child, _ = prepare(CHILD)
    await store.save_draft(child)
    await store.publish("child")
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    await here.bus.requests.send(
        RunRequest(workflow_id=workflow.id, run_id="r", definition=definition, **more)
    )
    await asyncio.sleep(5)
    return [record.event for record in await here.bus.events.read_run("r")]


def only(events: list[e.AnyEvent], kind: type[Any]) -> Any:
    (found,) = (event for event in events if isinstance(event, kind))
    return found


def test_it_really_begins_with_its_inputs_and_labels() -> None:
    async def story(here: OneScheduler) -> None:
        events = await ask(here, parent(), labels={"team": "a"}, priority=3)
        child_id = only(events, e.RunSucceeded).outputs["child"]
        child = [record.event for record in await here.bus.events.read_run(child_id)]
        started = only(child, e.RunStarted)
        assert (started.version, started.labels, started.priority) == ("1", {"team": "a"}, 3)
        assert only(child, e.RunSucceeded).outputs == {"got": 7}
        assert await here.bus.dead.list() == []

    on_virtual_time(story)()


@pytest.mark.parametrize(
    ("config", "code", "says"),
    [
        ({"workflow": "nowhere"}, "sub_workflow.unknown", "nowhere"),
        ({"version": "9"}, "sub_workflow.unknown", "9"),
        ({"inputs": {}}, "sub_workflow.inputs", "missing: i"),
        ({"inputs": {"i": "seven"}}, "sub_workflow.inputs", "must be integer, is string"),
        ({"inputs": {"i": 1, "j": 2}}, "sub_workflow.inputs", "surplus: j"),
    ],
)
def test_what_cannot_begin_fails_the_node_that_asks(
    config: dict[str, Any], code: str, says: str
) -> None:
    async def story(here: OneScheduler) -> None:
        events = await ask(here, parent(**config))
        failure = only(events, e.NodeRunFailed).error
        assert (failure.code, failure.kind) == (code, "input")
        assert failure.message.startswith("node 'go': ")
        assert says in failure.message
        assert failure.details["node"] == "go"
        assert failure.details["workflow"] == config.get("workflow", "child")
        assert only(events, e.RunFailed).error.code == code
        assert await here.bus.dead.list() == []

    on_virtual_time(story)()


def test_the_failure_may_be_handled() -> None:
    async def story(here: OneScheduler) -> None:
        events = await ask(here, parent(workflow="nowhere", on_error="continue"))
        assert only(events, e.NodeRunException).error.code == "sub_workflow.unknown"

    on_virtual_time(story)()
