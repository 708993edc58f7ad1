"""The scheduler over a real nats-server: what survives it, what it refuses, what it cuts off."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.viewer import RunViewer
from runfold.client.runs import RunClient
from runfold.contracts.codec import encode
from runfold.contracts.events import NodeRunStarted, NodeRunWaiting, Recorded, RecordedChunk
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.stack import CORE, running

ASK = {
    "id": "ask",
    "nodes": [
        {"id": "before", "type": "noop", "config": {"output": "b"}},
        {"id": "review", "type": "human", "config": {"message": "ok?"}},
        {
            "id": "after",
            "type": "template",
            "config": {"template": "{{before.output}}{{review.feedback}}"},
        },
    ],
}


def request(document: dict[str, Any], **fields: Any) -> RunRequest:
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    return RunRequest(workflow_id=workflow.id, definition=definition, **fields)


async def waiting_token(bus: Any, run_id: str) -> str:
    async for message in RunViewer(bus).follow(run_id):
        if isinstance(message, Recorded) and isinstance(message.event, NodeRunWaiting):
            return message.event.token
    raise AssertionError("the run ended without waiting")


async def test_a_scheduler_that_is_replaced_mid_run_is_not_missed(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        runs = RunClient(bus)
        async with run_services(bus, settings, CORE):
            run_id = await runs.start(request(ASK))
            token = await waiting_token(bus, run_id)
        await runs.answer(AnswerRequest(token=token, action="approved", feedback="!"))
        async with run_services(bus, settings, CORE):
            view = await runs.wait(run_id, 20)
        assert view is not None
        assert view.status == "succeeded"
        assert view.outputs == {"output": "b!"}
        await bus.close()


async def test_checkpoints_are_only_a_shortcut(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        bus = await connect(settings)
        runs = RunClient(bus)
        async with run_services(bus, settings, CORE):
            run_id = await runs.start(request(ASK))
            token = await waiting_token(bus, run_id)
        assert await bus.checkpoints.get("scheduler")
        await bus.checkpoints.delete("scheduler")
        async with run_services(bus, settings, CORE):
            await runs.answer(AnswerRequest(token=token, action="approved"))
            assert (await runs.wait(run_id, 20)).status == "succeeded"  # type: ignore[union-attr]
        await bus.close()


async def test_two_schedulers_with_a_half_each(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        halves = [settings.model_copy(update={"partitions": p}) for p in ("0-31", "32-63")]
        buses = [await connect(half) for half in halves]
        async with (
            run_services(buses[0], halves[0], CORE),
            run_services(buses[1], halves[1], ("scheduler",)),
        ):
            runs = RunClient(buses[0])
            chain = {"id": "c", "nodes": [{"id": f"n{i}", "type": "noop"} for i in range(4)]}
            started = [await runs.start(request(chain)) for _ in range(20)]
            views = [await runs.wait(run_id, 20) for run_id in started]
        assert {view.status for view in views if view} == {"succeeded"}
        for bus in buses:
            await bus.close()


async def test_two_schedulers_over_the_same_runs_change_nothing(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url, data_dir=tmp_path)
        buses = [await connect(settings) for _ in range(2)]
        async with (
            run_services(buses[0], settings, CORE),
            run_services(buses[1], settings, ("scheduler",)),
        ):
            runs = RunClient(buses[0])
            fan = [{"id": f"n{i}", "type": "noop"} for i in range(10)]
            document = {
                "id": "f",
                "nodes": [*fan, {"id": "end", "type": "end"}],
                "edges": [{"source": node["id"], "target": "end"} for node in fan],
            }
            run_id = await runs.start(request(document))
            view = await runs.wait(run_id, 20)
        assert view is not None
        assert view.status == "succeeded"
        events = await buses[0].events.read_run(run_id)
        starts = [r.event.node_id for r in events if isinstance(r.event, NodeRunStarted)]
        assert sorted(starts) == sorted(node["id"] for node in fan)
        for bus in buses:
            await bus.close()


async def test_what_cannot_be_carried_out_is_among_the_dead_letters() -> None:
    async with running() as stack:
        good = {"id": "g", "nodes": [{"id": "n", "type": "noop"}]}
        await stack.bus.requests.send(RunRequest(workflow_id="nobody", run_id="lost"))
        await stack.bus.requests.send(
            request({**good, "inputs": {"x": {"required": True}}}, inputs={"y": 1})
        )
        await stack.bus.nc.publish("runfold.requests.run", b"{not json")
        await stack.bus.nc.publish("runfold.requests.fly", b"{}")
        run_id = await stack.runs.start(request(good))
        assert (await stack.runs.wait(run_id, 20)).status == "succeeded"  # type: ignore[union-attr]
        letters: dict[str, Any] = {}
        while len(letters) < 3:
            letters = {letter.code: letter for letter in await stack.bus.dead.read()}
        unknown = letters["workflow.not_found"]
        assert json.loads(base64.b64decode(unknown.body))["run_id"] == "lost"
        assert "nobody" in unknown.reason
        assert "missing: x" in letters["run.inputs_invalid"].reason
        assert letters["message.undecodable"].source.startswith("runfold.requests.")
        assert await stack.bus.events.read_run("lost") == []


async def test_one_idempotency_key_is_one_run_even_straight_over_nats() -> None:
    async with running() as stack:
        wanted = request(
            {"id": "g", "nodes": [{"id": "n", "type": "noop"}]}, idempotency_key="order-7"
        )
        for _ in range(3):
            await stack.bus.requests.send(wanted)
        run_id = await stack.runs.start(wanted)
        assert await stack.runs.wait(run_id, 20) is not None
        events = await stack.bus.events.read_run(run_id)
        assert sum(type(record.event).__name__ == "RunStarted" for record in events) == 1


async def test_a_hung_node_is_cut_off_and_retried() -> None:
    code = "result = 0\nwhile True:\n    result += 1"
    node = {"id": "hang", "type": "code", "config": {"code": code}, "timeout": "300ms"}
    retry = {"max_attempts": 2, "delay": "50ms", "retry_on": ["timeout", "limit"]}
    document = {"id": "h", "nodes": [{**node, "retry": retry}]}
    async with running() as stack:
        view, told = await stack.run(document)
    assert view.status == "failed"
    assert view.error is not None
    assert view.error.kind == "timeout"
    kinds = [type(m.event).__name__ for m in told if isinstance(m, Recorded)]
    assert kinds.count("NodeRunRetry") == 1
    assert kinds.count("NodeRunStarted") == 2


async def test_a_cancelled_run_emits_nothing_more() -> None:
    document = {"id": "w", "nodes": [{"id": "w", "type": "wait", "config": {"duration": "1h"}}]}
    async with running() as stack:
        run_id = await stack.runs.start(request(document))
        async for message in RunViewer(stack.bus).follow(run_id):
            if isinstance(message, Recorded) and isinstance(message.event, NodeRunWaiting):
                await stack.runs.cancel(run_id, "enough")
        view = await stack.runs.get(run_id)
        assert view is not None
        assert view.status == "cancelled"


async def test_large_values_travel_by_reference() -> None:
    document = {
        "id": "big",
        "nodes": [
            {"id": "make", "type": "code", "config": {"code": "result = 'x' * 700000"}},
            {
                "id": "size",
                "type": "code",
                "config": {
                    "params": {"text": "{{make.output}}"},
                    "code": "def main(params):\n    return {'size': len(params['text'])}",
                },
            },
            {"id": "end", "type": "end", "config": {"outputs": {"size": "{{size.size}}"}}},
        ],
    }
    async with running() as stack:
        view, _ = await stack.run(document)
    assert view.status == "succeeded", view.error
    assert view.outputs == {"size": 700_000}


async def test_a_payload_over_the_limit_fails_its_node_for_good() -> None:
    document = {
        "id": "big",
        "nodes": [{"id": "make", "type": "code", "config": {"code": "result = 'x' * 700000"}}],
    }
    async with running(max_payload=500_000) as stack:
        view, _ = await stack.run(document)
    assert view.status == "failed"
    assert view.error is not None
    assert view.error.code == "payload.too_large"
    assert view.error.details["limit"] == 500_000


async def test_a_missing_path_fails_its_node_with_all_that_one_needs() -> None:
    document = {
        "id": "m",
        "nodes": [
            {"id": "a", "type": "noop", "config": {"output": {"b": 1}}},
            {"id": "t", "type": "template", "config": {"template": "Hi {{a.output.c.d}}"}},
        ],
    }
    async with running() as stack:
        view, _ = await stack.run(document)
    assert view.error is not None
    assert view.error.kind == "reference"
    assert view.error_node == "t"
    assert "a.output.c" in view.error.message


async def test_an_expression_is_decided_in_the_sandbox() -> None:
    document = {
        "id": "x",
        "variables": {"score": 0.9},
        "nodes": [
            {"id": "c", "type": "condition", "config": {"condition": "{{score}} > 0.8"}},
            {"id": "yes", "type": "noop"},
            {"id": "no", "type": "noop"},
        ],
        "edges": [
            {"source": "c", "target": "yes", "port": "true"},
            {"source": "c", "target": "no", "port": "false"},
        ],
    }
    async with running() as stack:
        view, told = await stack.run(document)
        statuses = {node.address: node.status for node in view.nodes}
        assert (statuses["yes"], statuses["no"]) == ("succeeded", "skipped")
        document["nodes"][0]["config"]["condition"] = "{{score}} + 'x' > 1"  # type: ignore[index]
        view, told = await stack.run(document)
    assert view.error is not None
    assert view.error.kind == "expression"
    assert view.error_node == "c"
    assert not any(isinstance(message, RecordedChunk) for message in told)


async def test_an_undecodable_event_parks_its_run_alone() -> None:
    async with running() as stack:
        run_id = await stack.runs.start(request(ASK, run_id="bad-run"))
        token = await waiting_token(stack.bus, run_id)
        first = await stack.bus.events.first_event(run_id)
        assert first is not None
        js = stack.bus.nc.jetstream()
        from runfold.contracts import subjects

        await js.publish(subjects.event("ask", run_id, "node_run_succeeded"), b"garbage")
        view, _ = await stack.run({"id": "ok", "nodes": [{"id": "n", "type": "noop"}]})
        assert view.status == "succeeded"
        letters = []
        while not letters:
            letters = [x for x in await stack.bus.dead.read() if x.run_id == run_id]
        assert letters[0].code == "message.undecodable"
        await stack.runs.answer(AnswerRequest(token=token, action="approved"))
        await stack.runs.cancel(run_id)
        assert (await asyncio.wait_for(stack.runs.wait(run_id, 20), 20)).status == "cancelled"  # type: ignore[union-attr]
        assert encode(letters[0])
