"""Random, nested and broken bytes on every subject and every route: no service ends, none is mute.

A few seconds by default, longer under the marker `slow`. How fast services answer is not asked, but
that each of them answers while the flood goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.cli.torture.cluster import Cluster
from runfold.client.runs import RunClient
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.events import NodeRunSucceeded, RunStarted, StreamChunk, TimerFired
from runfold.contracts.requests import AnswerRequest, CancelRequest, RunRequest, SignalRequest
from runfold.contracts.status import ServiceStatus
from runfold.contracts.tasks import Task
from runfold.settings import Settings
from tests.support.faults import request

SERVICES = {
    name: name
    for name in (
        *("scheduler", "projection", "gateway", "archiver"),
        *("executor-code", "executor-text", "executor-http", "executor-llm"),
    )
}
ECHO = {
    "id": "echo",
    "inputs": {"x": "any"},
    "nodes": [
        {"id": "t", "type": "template", "config": {"template": "{{ x|upper }}"}},
        {"id": "end", "type": "end", "config": {"output": "{{t.output}}"}},
    ],
}
SECONDS = 4.0
"""Of flood, by default."""
LONG = 40.0
AT_ONCE = 40
STORED_GARBAGE = {
    *("workflow.unreadable", "message.undecodable", "archive.corrupt"),
    *("plugin.unreadable", "connection.unreadable"),
}
"""Codes of a 500: the flood writes to every bucket, and nothing else may end so."""
BUCKETS = (
    subjects.CHECKPOINTS,
    subjects.LEASES,
    subjects.WAITS,
    subjects.DEFINITIONS,
    subjects.PROTECTION,
    subjects.PLACES,
    subjects.CONVERSATIONS,
    subjects.PLUGINS,
    subjects.CONNECTIONS,
    subjects.IDEMPOTENCY,
)


class Flood:
    """Makes messages and requests up.

    Args:
        seed: Of chance.
        routes: Method and path of each route of the API.
    """

    def __init__(self, seed: int, routes: list[tuple[str, str]]) -> None:
        self._chance = random.Random(seed)
        self._routes = routes
        ids = {"run_id": "fuzz", "workflow_id": "echo"}
        self._valid = [
            encode(one)
            for one in (
                RunRequest(workflow_id="echo", inputs={"x": "a"}),
                CancelRequest(run_id="fuzz"),
                AnswerRequest(token="fuzz:n:1", action="approved"),
                SignalRequest(subject="a.b", payload={"x": 1}),
                RunStarted(id="e", definition=msgspec.Raw(b'{"id":"echo"}'), inputs={}, **ids),
                NodeRunSucceeded(id="e", node_id="n", outputs={"output": 1}, **ids),
                TimerFired(id="e", node_id="n", timer="wait", due=1.0, **ids),
                StreamChunk(node_id="n", index=0, text="x", **ids),
                Task(node_id="n", node_type="template", config={"template": "{{x}}"}, **ids),
            )
        ]

    def body(self) -> bytes:
        """Bytes of some kind."""
        chance = self._chance
        match chance.randrange(6):
            case 0:
                return chance.randbytes(chance.randrange(200))
            case 1:
                return chance.choice((b"[", b'{"a":', b'[{"x":')) * chance.randrange(1, 20_000)
            case 2:
                depth = chance.choice((100, 130, 200, 1_100, 5_000))
                return b'{"inputs":{"a":' + b"[" * depth + b"]" * depth + b"}}"
            case 3:
                return chance.choice(self._valid)
            case 4:
                valid = bytearray(chance.choice(self._valid))
                for _ in range(chance.randrange(1, 8)):
                    valid[chance.randrange(len(valid))] = chance.randrange(256)
                return bytes(valid)
            case _:
                valid = chance.choice(self._valid)
                put = chance.choice((b"[" * 2_000, b"1e999", b"null", b'"\\ud800"', b"NaN", b"{}"))
                at = chance.randrange(len(valid))
                return valid[:at] + put + valid[at:]

    def message(self) -> tuple[bytes, bytes, bytes]:
        """A subject, a header block (which may be empty) and a body."""
        token = self._token
        families = [
            b"runfold.events." + b".".join((token(), token(), token(), token())),
            subjects.event("echo", "fuzz", "node_run_succeeded").encode(),
            subjects.event("echo", "fuzz", "run_started").encode(),
            subjects.chunks("echo", "fuzz").encode(),
            b"runfold.requests." + token(),
            *(subjects.request(verb).encode() for verb in ("run", "answer", "signal", "cancel")),
            b"runfold.tasks." + token() + b"." + token(),
            *(f"runfold.tasks.{group}.template".encode() for group in ("text", "code", "llm")),
            b"runfold.timers.due.request.echo",
            b"runfold.timers.due.event." + b".".join((token(), token(), token())),
            b"runfold.live." + token() + b"." + token(),
            b"runfold.live.fuzz.run_succeeded",
            *(b"runfold.query." + verb for verb in (b"get_run", b"list_runs", b"get_waiting")),
            subjects.STATUS.encode(),
            b"runfold.dead." + token(),
            b"runfold.definitions.echo.published",
            b"$KV." + self._chance.choice(BUCKETS).encode() + b"." + token(),
            b"$KV.%s.scheduler" % subjects.CHECKPOINTS.encode(),
        ]
        headers = b""
        if self._chance.random() < 0.2:
            line = self._chance.choice(
                (
                    b"NATS/1.0\r\nStatus: 100",
                    b"NATS/1.0 503 \xff",
                    b"NATS/1.0\r\nA\xff: \xfe",
                    b"x",
                    b"NATS/1.0\r\nRunfold-Hold: [[",
                    b"NATS/1.0\r\nKV-Operation: DEL",
                )
            )
            headers = line + b"\r\n\r\n"
        return self._chance.choice(families), headers, self.body()

    def _token(self) -> bytes:
        chance = self._chance
        known = (b"00", b"63", b"echo", b"fuzz", b"run_started", b"template", b"zz", "é".encode())
        return chance.choice((*known, b"\xff\xfe", b"%00", b"-", b"x" * 300))

    def call(self) -> tuple[str, str, dict[str, Any]]:
        """A method, a path and what a request has more."""
        chance = self._chance
        method, path = chance.choice(self._routes)
        ids = ("echo", "fuzz", "..", "%00", "%2e%2e%2f", "x" * 3_000, "a b", "%ff", "1")
        while "{" in path:
            before, _, rest = path.partition("{")
            path = before + chance.choice(ids) + rest.partition("}")[2]
        kinds = (
            "application/json",
            "application/yaml",
            "text/plain",
            "image/png",
            "application/json; charset=idna",
            "",
        )
        headers = {
            "content-type": chance.choice(kinds),
            "last-event-id": chance.choice(("1", "x", "-1")),
        }
        query = {
            name: chance.choice(ids[:3])
            for name in ("wait", "limit", "cursor", "version")
            if chance.random() < 0.2
        }
        if query.get("wait"):
            query["wait"] = chance.choice(("0", "x", "-1"))
        return method, path, {"content": self.body(), "headers": headers, "params": query}


async def _publish(url: str, messages: list[tuple[bytes, bytes, bytes]]) -> None:
    """Publish as any client can: by the protocol's own words."""
    host, port = url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.readline()
    writer.write(b'CONNECT {"verbose":false,"headers":true}\r\n')
    for subject, headers, body in messages:
        if headers:
            whole = len(headers) + len(body)
            writer.write(b"HPUB %s %d %d\r\n%s" % (subject, len(headers), whole, headers))
        else:
            writer.write(b"PUB %s fuzz.reply %d\r\n" % (subject, len(body)))
        writer.write(body + b"\r\n")
    writer.write(b"PING\r\n")
    await writer.drain()
    await reader.readline()
    writer.close()


class Flooded:
    """A deployment under a flood."""

    def __init__(self, cluster: Cluster, bus: JetStreamBus, api: httpx.AsyncClient) -> None:
        self._cluster = cluster
        self._bus = bus
        self._api = api

    async def by(self, flood: Flood, seconds: float) -> None:
        """Flood it, and ask in every round whether each service answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            messages = [flood.message() for _ in range(AT_ONCE)]
            calls = [flood.call() for _ in range(AT_ONCE // 2)]
            await asyncio.gather(
                _publish(self._cluster.nats.url, messages),
                *(self._call(*call) for call in calls),
                self._all_answer(),
            )
            self.all_run()

    async def _call(self, method: str, path: str, more: dict[str, Any]) -> None:
        async with self._api.stream(method, path, **more) as answer:
            if answer.status_code == 500:
                problem = json.loads(await answer.aread())
                assert problem["code"] in STORED_GARBAGE, (method, path, more, problem)

    async def _all_answer(self) -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            for url in self.health:
                assert (await client.get(f"{url}/health/live")).status_code == 200

    async def find_health(self) -> None:
        """Ask all services where their health is."""
        self.health: list[str] = []
        while len(self.health) < len(SERVICES):
            found: dict[int, str] = {}

            async def heard(msg: Any) -> None:
                status = msgspec.json.decode(msg.data, type=ServiceStatus)
                found[status.pid] = status.health  # noqa: B023 -- of this round

            inbox = self._bus.nc.new_inbox()
            subscription = await self._bus.nc.subscribe(inbox, cb=heard)
            await self._bus.nc.publish(subjects.STATUS, b"", reply=inbox)
            await asyncio.sleep(0.5)
            await subscription.unsubscribe()
            self.health = list(found.values())

    def all_run(self) -> None:
        """Assert that no service has ended."""
        for name, process in self._cluster.processes.items():
            assert process.running, (name, process.said[-8:])

    async def goes_on(self) -> None:
        """A run goes through."""
        runs = RunClient(self._bus)
        view = await runs.wait(await runs.start(request(ECHO, inputs={"x": "a"})), 80)
        assert view is not None
        assert view.outputs == {"output": "A"}
        self.all_run()

    async def restart(self) -> None:
        """Kill all services, and start them again."""
        await asyncio.gather(*map(self._cluster.restart, SERVICES))


@asynccontextmanager
async def flooded(directory: Path) -> AsyncIterator[tuple[Flooded, list[tuple[str, str]]]]:
    async with Cluster(directory, SERVICES, {"RUNFOLD_ACK_WAIT": "2"}) as cluster:
        bus = await connect(Settings(nats_url=cluster.nats.url))
        url = f"http://127.0.0.1:{cluster.gateway_port}"
        async with httpx.AsyncClient(base_url=url, timeout=60) as api:
            listed = (await api.get("/schema/openapi.json")).json()["paths"]
            routes = [
                (method.upper(), path)
                for path, methods in listed.items()
                for method in methods
                if not path.endswith(("/stream", "/changes"))
            ]
            here = Flooded(cluster, bus, api)
            try:
                await here.find_health()
                yield here, routes
            finally:
                await bus.close()


async def _flood(directory: Path, seconds: float, seed: int) -> None:
    print(f"seed {seed}")
    async with flooded(directory) as (here, routes):
        await here.goes_on()
        await here.by(Flood(seed, routes), seconds)
        await here.goes_on()
        await here.restart()
        await here.goes_on()


@pytest.mark.slow
async def test_a_flood_ends_no_service_and_none_is_mute(tmp_path: Path) -> None:
    await _flood(tmp_path, SECONDS, int(os.environ.get("RUNFOLD_FUZZ_SEED", "1")))


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_long_flood_ends_no_service_and_none_is_mute(tmp_path: Path) -> None:
    await _flood(tmp_path, LONG, random.randrange(2**32))
