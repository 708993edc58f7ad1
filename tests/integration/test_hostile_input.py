"""No input ends or holds a service: hostile requests, messages and values against real processes.

Each test leaves the services as it found them: all run, and a run goes through.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.cli.torture.cluster import Cluster
from runfold.client.runs import RunClient
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.events import NodeRunWaiting, RunPaused, RunStarted, event_type
from runfold.contracts.requests import AnswerRequest, SignalRequest
from runfold.contracts.tasks import Task
from runfold.engine.views.runs import RunView
from runfold.settings import Settings
from tests.unit.test_json_schema import FAN_OUT
from tests.unit.test_template_bounds import DEEP

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = {
    name: name
    for name in (
        *("scheduler", "projection", "gateway", "archiver"),
        *("executor-code", "executor-text"),
    )
}
SMALL = {
    "id": "small",
    "inputs": {"x": "any"},
    "nodes": [
        {"id": "t", "type": "template", "config": {"template": "{{x}}!"}},
        {"id": "end", "type": "end", "config": {"output": "{{t.output}}"}},
    ],
}
NESTED = b"[" * 1_100 + b"]" * 1_100
DEEPEST = b"[" * 10_000


class Here:
    """The processes, a client of theirs, and what tests do with them."""

    def __init__(self, cluster: Cluster, bus: JetStreamBus, api: httpx.AsyncClient) -> None:
        self.cluster = cluster
        self.bus = bus
        self.api = api
        self.runs = RunClient(bus)

    async def goes_on(self) -> None:
        """All services run, and a run goes through."""
        view = await self.run(SMALL, {"x": "a"})
        assert view.outputs == {"output": "a!"}
        for name, process in self.cluster.processes.items():
            assert process.running, (name, process.said[-5:])

    async def start(self, document: dict[str, Any], inputs: dict[str, Any] | None = None) -> str:
        """Store a workflow and run it; the run's id."""
        stored = await self.api.post("/workflows", json=document)
        assert stored.status_code == 201, stored.text
        begun = await self.api.post(
            f"/workflows/{document['id']}/run", json={"inputs": inputs or {}}
        )
        assert begun.status_code == 202, begun.text
        return str(begun.json()["run_id"])

    async def run(self, document: dict[str, Any], inputs: dict[str, Any] | None = None) -> RunView:
        """A run's state at its end."""
        return await self.ended(await self.start(document, inputs))

    async def ended(self, run_id: str) -> RunView:
        """A run's state at its end."""
        view = await self.runs.wait(run_id, 60)
        assert view is not None, run_id
        return view

    async def findings(self, document: Any) -> list[dict[str, Any]]:
        """What the check of a document says."""
        answer = await self.api.post("/workflows/validate", content=msgspec.json.encode(document))
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["findings"] if one["level"] == "error"]

    async def dead(self, source: str, reason: str, known: int = 0) -> None:
        """Wait until a dead letter came on a subject, after some that were known."""
        async with asyncio.timeout(60):
            while True:
                letters = [
                    one for one in await self.bus.dead.read(limit=500) if one.source == source
                ]
                if len(letters) > known:
                    assert reason in letters[-1].reason, letters[-1].reason
                    return
                await asyncio.sleep(0.05)

    async def buried(self, source: str) -> int:
        """How many dead letters came on a subject so far."""
        return sum(one.source == source for one in await self.bus.dead.read(limit=500))

    async def restart(self) -> None:
        """Kill all services, and start them again."""
        await asyncio.gather(*map(self.cluster.restart, SERVICES))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Here]:
    directory: Path = tmp_path_factory.mktemp("hostile")
    environment = {"RUNFOLD_ACK_WAIT": "2", "RUNFOLD_CODE__TIMEOUT": "20"}
    async with Cluster(directory, SERVICES, environment) as cluster:
        bus = await connect(Settings(nats_url=cluster.nats.url))
        url = f"http://127.0.0.1:{cluster.gateway_port}/api"
        async with httpx.AsyncClient(base_url=url, timeout=60) as api:
            try:
                yield Here(cluster, bus, api)
            finally:
                await bus.close()


# --- templates ----------------------------------------------------------------------------------


def templated(text: str, kind: str = "template") -> dict[str, Any]:
    field = "template" if kind == "template" else "output"
    node = {"id": "n", "type": kind, "config": {field: text}}
    return {"id": "deep", "inputs": {"x": "any"}, "nodes": [node]}


async def test_a_template_that_is_too_deep_is_a_finding(here: Here) -> None:
    for construct, make in DEEP.items():
        for kind in ("template", "end"):
            found = await here.findings(templated(make(20_000), kind))
            paths = {one["path"] for one in found}
            assert any(path.startswith("nodes[0].config.") for path in paths), (construct, found)
    refused = await here.api.post("/workflows", json=templated(DEEP["minus"](50_000)))
    assert refused.status_code == 422
    await here.goes_on()


async def test_health_answers_while_a_large_document_is_checked(here: Here) -> None:
    """Answers are counted, not timed: a gateway that is held up gives none."""
    nodes = [
        {"id": f"n{i}", "type": "template", "config": {"template": f"{{{{ x|upper }}}} {i}"}}
        for i in range(4_900)
    ]
    large = {"id": "large", "inputs": {"x": "any"}, "nodes": nodes}
    checking = asyncio.create_task(here.findings(large))
    answers = 0
    while not checking.done():
        assert (await here.api.get("/workflows")).status_code == 200
        answers += 1
    assert answers > 2
    assert await checking == []
    [found] = await here.findings(templated("{%" * 1_200_000))
    assert found["path"] == "nodes[0].config.template"
    values = b"id: w\nnodes:\n- {id: n, type: noop, config: {output: [" + b"1," * 390_000 + b"]}}"
    answer = await here.api.post("/workflows/validate", content=values)
    assert answer.json()["findings"][0]["code"] == "document.too_large"
    await here.goes_on()


async def test_a_template_that_nests_without_end_fails_its_node(here: Here) -> None:
    text = (
        "{% set ns = namespace(x=1) %}"
        + "{% for i in range(20000) %}{% set ns.x = [ns.x] %}{% endfor %}" * 2
        + "{{ ns.x }}"
    )
    view = await here.run(templated(text), {"x": 1})
    assert view.status == "failed"
    assert view.error is not None
    assert view.error.code == "template.too_long"
    await here.goes_on()


async def test_what_an_end_would_multiply_is_counted_first(here: Here) -> None:
    big = "y" * 2_000_000
    text = "{{ [" + "x," * 50 + "]|tojson }}"
    before = _peak(here, "scheduler")
    view = await here.run(templated(text, "end"), {"x": big})
    assert view.error is not None
    assert view.error.code == "template.too_long"
    many = {
        "id": "many",
        "inputs": {"x": "any"},
        "nodes": [
            {
                "id": "end",
                "type": "end",
                "config": {"outputs": {f"o{i}": "{{x}}" for i in range(50)}},
            }
        ],
    }
    view = await here.run(many, {"x": big})
    assert view.error is not None
    assert view.error.code == "template.too_long"
    assert _peak(here, "scheduler") - before < 100 * 1024
    await here.goes_on()


def _peak(here: Here, name: str) -> int:
    """KiB of memory that a service has used at most."""
    status = Path(f"/proc/{here.cluster.processes[name].pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


async def test_a_definition_in_a_request_is_refused_and_not_again_at_each_start(here: Here) -> None:
    source = subjects.request("run")
    for text in (DEEP["minus"](50_000), DEEP["elif"](9_000)):
        known = await here.buried(source)
        body = {"workflow_id": "deep", "run_id": "", "definition": templated(text)}
        await here.bus.nc.publish(source, msgspec.json.encode(body))
        await here.dead(source, "template", known)
    await here.restart()
    await here.goes_on()


async def test_a_definition_in_an_event_is_the_end_of_its_run(here: Here) -> None:
    """Nobody has checked what comes straight into the log."""
    for kind, code in (("end", "template"), ("template", "template")):
        document = {**templated(DEEP["minus"](50_000), kind), "edges": [], "inputs": {}}
        event = RunStarted(
            id=f"hostile-{kind}",
            run_id=f"hostile-{kind}",
            workflow_id="deep",
            definition=msgspec.Raw(msgspec.json.encode(document)),
            inputs={"x": 1},
        )
        subject = subjects.event("deep", event.run_id, "run_started")
        await here.bus.nc.publish(subject, encode(event))
        view = await here.ended(event.run_id)
        assert view.status == "failed"
        assert view.error is not None
        assert view.error.code.startswith(code), view.error
    await here.restart()
    await here.goes_on()


# --- bytes --------------------------------------------------------------------------------------


def hostile_messages() -> list[tuple[str, bytes]]:
    """A subject of each family, and bytes that its readers cannot read."""
    event = subjects.event("w", "hostile-bytes", "node_run_succeeded")
    begun = subjects.event("w", "hostile-begun", "run_started")
    bodies = [
        (subjects.request("run"), b'{"inputs":' + DEEPEST),
        (subjects.request("run"), b'{"workflow_id":"w","inputs":{"a":' + NESTED + b"}}"),
        (subjects.request("nonsense"), b"{}"),
        (subjects.task("text", "template"), b'{"config":{"template":' + NESTED + b"}}"),
        (subjects.task("code", "code"), DEEPEST),
        (event, b'{"type":"node_run_succeeded","outputs":{"a":' + NESTED + b"}}"),
        (event, DEEPEST),
        (begun, b'{"type":"run_started","definition":' + NESTED + b"}"),
        (
            begun,
            encode(
                RunStarted(
                    id="i",
                    run_id="hostile-begun",
                    workflow_id="w",
                    definition=msgspec.Raw(b'{"id":"w","nodes":7}'),
                    inputs={},
                )
            ),
        ),
        ("runfold.events.00", b"{}"),
        ("runfold.events.zz.w.r.run_started", b"{}"),
        (subjects.chunks("w", "hostile-bytes"), DEEPEST),
        ("runfold.timers.due.request.w", DEEPEST),
        ("runfold.timers.due.event.00.w.r", b'{"type":"timer_fired"}'),
        ("runfold.live.hostile-bytes.node_run_succeeded", DEEPEST),
        ("runfold.live.x.loop_failed", b"{}"),
        (subjects.query("get_run"), DEEPEST),
        (subjects.query("list_runs"), b'{"limit":' + NESTED + b"}"),
        (subjects.STATUS, DEEPEST),
        ("runfold.dead.hostile", DEEPEST),
    ]
    bodies += [
        (f"$KV.{bucket}.{key}", body)
        for bucket, key in (
            (subjects.CHECKPOINTS, "scheduler"),
            (subjects.CHECKPOINTS, "archiver"),
            (subjects.LEASES, "scheduler.somebody"),
            (subjects.WAITS, "w.somebody"),
            (subjects.DEFINITIONS, "hostile"),
            (subjects.PROTECTION, "limit.x"),
            (subjects.PLACES, "x"),
            (subjects.CONVERSATIONS, "x"),
            (subjects.PLUGINS, "head.x"),
            (subjects.CONNECTIONS, "connection.x"),
            (subjects.CONNECTIONS, "token.x"),
            (subjects.CONNECTIONS, "token.=="),
            (subjects.CONNECTIONS, "asking.x"),
        )
        for body in (DEEPEST, b"\xff\x00", b"7")
    ]
    claim = b'{"claim":{"sha256":"0000","size":1}}'
    return [*bodies, (subjects.request("run"), claim), (subjects.task("text", "template"), claim)]


async def test_bytes_that_nothing_can_read_end_no_service(here: Here) -> None:
    for subject, body in hostile_messages():
        await here.bus.nc.publish(subject, body, reply=here.bus.nc.new_inbox())
    await here.goes_on()
    await here.dead(subjects.request("run"), "")
    await here.dead(subjects.task("text", "template"), "")
    await here.restart()
    await here.goes_on()
    signal = SignalRequest(subject="orders.paid", payload={})
    await here.runs.signal(signal)
    await here.goes_on()


async def test_a_task_nested_too_deep_is_a_dead_letter(here: Here) -> None:
    source = subjects.task("text", "template")
    known = await here.buried(source)
    task = encode(Task(run_id="r", workflow_id="w", node_id="n", node_type="template"))
    await here.bus.nc.publish(source, task[:-1] + b',"inputs":{"a":' + NESTED + b"}}")
    await here.dead(source, "nested", known)
    await here.goes_on()


async def test_an_event_that_cannot_be_read_parks_its_run(here: Here) -> None:
    asking = {
        "id": "asking",
        "nodes": [
            {"id": "ask", "type": "human_review", "config": {"message": "?"}},
            {"id": "end", "type": "end", "config": {"output": "{{ask.action}}"}},
        ],
    }
    waiting: dict[str, NodeRunWaiting] = {}
    for number, body in enumerate((b'{"type":"nonsense"}', b'{"a":' + NESTED + b"}")):
        run_id = await here.start({**asking, "id": f"asking{number}"})
        waiting[run_id] = await _waiting(here, run_id)
        subject = subjects.event(f"asking{number}", run_id, "node_run_succeeded")
        await here.bus.nc.publish(subject, body)
        paused = await _event(here, run_id, "run_paused")
        assert isinstance(paused, RunPaused)
        assert paused.parked
    await here.restart()
    await here.goes_on()
    for run_id, asked in waiting.items():
        await here.runs.resume(run_id)
        await _event(here, run_id, "run_resumed")
        await here.runs.answer(AnswerRequest(token=asked.token, action="approved"))
        assert (await here.ended(run_id)).outputs == {"output": "approved"}


async def _event(here: Here, run_id: str, type_: str) -> Any:
    """The first event of a type in a run's log, once it is there."""
    async with asyncio.timeout(60):
        while True:
            for record in await here.bus.events.read_run(run_id):
                if event_type(record.event) == type_:
                    return record.event
            await asyncio.sleep(0.05)


async def _waiting(here: Here, run_id: str) -> NodeRunWaiting:
    found: NodeRunWaiting = await _event(here, run_id, "node_run_waiting")
    return found


# --- schemas, subjects, code --------------------------------------------------------------------


async def test_a_schema_that_asks_too_much_holds_nobody_up(here: Here) -> None:
    node = {"id": "ask", "type": "input", "config": {"schema": FAN_OUT}}
    found = await here.findings({"id": "w", "inputs": {}, "nodes": [node]})
    assert any(one["path"] == "nodes[0].config.schema" for one in found)
    computed = {"type": "object", "properties": {"a": {"$ref": "#/$defs/a0"}}, "$defs": "{{defs}}"}
    late = {
        "id": "late",
        "inputs": {"defs": "any"},
        "nodes": [{"id": "ask", "type": "input", "config": {"schema": computed}}],
    }
    view = await here.run(late, {"defs": FAN_OUT["$defs"]})
    assert view.status == "failed"
    await here.goes_on()


async def test_an_answer_with_very_many_items_is_checked(here: Here) -> None:
    schema = {"type": "object", "properties": {"xs": {"type": "array", "uniqueItems": True}}}
    document = {
        "id": "unique",
        "nodes": [{"id": "ask", "type": "input", "config": {"schema": schema}}],
    }
    run_id = await here.start(document)
    waiting = await _waiting(here, run_id)
    items = [{"a": i} for i in range(20_000)]
    answer = f"/reviews/{waiting.token}/answer"
    body = {"action": "submitted", "values": {"xs": [*items, {"a": 0}]}}
    refused = await here.api.post(answer, json=body)
    assert refused.status_code == 422, refused.text
    await here.goes_on()


async def test_subjects_of_signals_show_what_they_are(here: Here) -> None:
    source = subjects.request("signal")
    for subject in ("orders\x00paid", "orders\u202epaid", "orders/paid"):
        answer = await here.api.post("/events", json={"subject": subject, "payload": {}})
        assert answer.status_code == 422, answer.text
        known = await here.buried(source)
        body = {"subject": subject, "payload": {}}
        await here.bus.nc.publish(source, msgspec.json.encode(body))
        await here.dead(source, "not a token", known)
    await here.goes_on()


def coded(name: str, code: str) -> dict[str, Any]:
    return {"id": name, "nodes": [{"id": "n", "type": "code", "config": {"code": code}}]}


async def test_values_that_stand_for_billions_fail_their_node(here: Here) -> None:
    shared = "a = [1]\nfor i in range(40):\n    a = [a, a]\nresult = a"
    view = await here.run(coded("shared", shared))
    assert view.error is not None
    assert view.error.code == "code.output_invalid"
    view = await here.run(coded("memory", "result = 'x' * 300_000_000"))
    assert view.error is not None
    assert view.error.code == "code.memory"
    await here.goes_on()


async def test_endless_programs_leave_workers_to_others(here: Here) -> None:
    endless = coded("endless", "while True:\n    pass\nresult = 1")
    hogs = [await here.start(endless) for _ in range(6)]
    condition = {"id": "c", "type": "condition", "config": {"condition": "1 + 1 == 2"}}
    small = {
        "id": "quick",
        "nodes": [
            {"id": "n", "type": "code", "config": {"code": "result = 1"}},
            condition,
            {"id": "end", "type": "end", "config": {"output": "{{n.output}}"}},
        ],
        "edges": [
            {"from": "n", "to": "c"},
            {"from": "c", "to": "end", "port": "true"},
        ],
    }
    assert (await here.run(small)).outputs == {"output": 1}
    views = [await here.runs.get(run_id) for run_id in hogs]
    assert any(view is not None and view.status == "running" for view in views)
    for run_id in hogs:
        await here.api.post(f"/runs/{run_id}/cancel", json={})
    await here.goes_on()


async def test_outputs_may_be_called_as_what_every_node_has(here: Here) -> None:
    code = "def main(params):\n    return {'status': 'odd', 'error': 'none', 'output': 7}"
    document = {
        "id": "names",
        "nodes": [
            {"id": "n", "type": "code", "config": {"code": code}},
            {
                "id": "end",
                "type": "end",
                "config": {"output": "{{n.status}} {{n.error}} {{n.output}}"},
            },
        ],
    }
    view = await here.run(document)
    assert view.status == "succeeded"
    assert view.outputs == {"output": "odd none 7"}


# --- the gateway --------------------------------------------------------------------------------


async def test_uploads_that_are_broken_off_hold_nobody_up(here: Here) -> None:
    head = (
        b"POST /api/workflows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000\r\n\r\n{"
    )

    async def broken_off() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", here.cluster.gateway_port)
        writer.write(head)
        await writer.drain()
        writer.transport.abort()

    await asyncio.gather(*(broken_off() for _ in range(100)))
    await here.goes_on()


async def test_a_crowd_that_watches_waits_and_trickles_is_served(here: Here) -> None:
    document = {
        "id": "crowd",
        "nodes": [
            {"id": "ask", "type": "human_review", "config": {"message": "?"}},
            {"id": "end", "type": "end", "config": {"output": "{{ask.action}}"}},
        ],
    }
    run_id = await here.start(document)
    waiting = await _waiting(here, run_id)
    trickle = b"POST /api/workflows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    watch = f"GET /api/runs/{run_id}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    connections = await asyncio.gather(
        *(_sent(here, watch) for _ in range(300)), *(_sent(here, trickle) for _ in range(200))
    )
    limits = httpx.Limits(max_connections=400)
    async with httpx.AsyncClient(base_url=here.api.base_url, timeout=60, limits=limits) as many:
        path = "/workflows/crowd/run"
        begun = [
            asyncio.create_task(many.post(path, json={}, params={"wait": 1})) for _ in range(300)
        ]
        await here.goes_on()
        assert {(await one).status_code for one in begun} == {202}
    await here.runs.answer(AnswerRequest(token=waiting.token, action="approved"))
    for reader, writer in connections[:300]:
        async with asyncio.timeout(60):
            while b"run_succeeded" not in await reader.readline():
                pass
        writer.close()
    for _, writer in connections[300:]:
        writer.close()
    await here.goes_on()


async def _sent(here: Here, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", here.cluster.gateway_port)
    writer.write(head)
    await writer.drain()
    return reader, writer
