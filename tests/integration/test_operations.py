"""How a deployment stands, over HTTP, on a broker that really has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from runfold.background import end
from runfold.bus.memory.stores import MemoryKeyValue
from runfold.contracts import events as e
from runfold.contracts.leases import EXECUTORS, ExecutorLease
from runfold.contracts.tasks import Task
from runfold.executor.heartbeat import Heartbeat
from runfold.executor.protection import breaker
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.gateway import gateway
from tests.support.stack import Stack, running


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(("scheduler", "executor-text", "gateway")) as made:
        yield made


async def seen(client: httpx.AsyncClient, group: str) -> dict[str, Any]:
    """How everything stands, once a group has executors that said so."""
    async with asyncio.timeout(10):
        while True:
            found = (await client.get("/operations")).json()
            shown = [one for one in found["groups"] if one["group"] == group]
            if shown and shown[0]["executors"]:
                return found
            await asyncio.sleep(0.05)


async def test_queues_executors_schedulers_and_streams(stack: Stack) -> None:
    for number in range(3):
        # Nobody works for this group.
        task = Task(run_id="r", workflow_id="w", node_id=f"n{number}", node_type="noop", attempt=1)
        await stack.bus.tasks.push("far", task)
    await stack.bus.protection.put("breaker.0a", msgspec.json.encode(breaker.State(failures=2)))
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        found = await seen(client, "text")
        groups = {one["group"]: one for one in found["groups"]}
        assert groups["far"]["pending"] == 3
        assert [one["limit"] for one in groups.values()] == [None] * len(groups)
        (of_type,) = groups["far"]["types"]
        assert (of_type["type"], of_type["tasks"]) == ("noop", 3)
        assert 0 <= of_type["oldest_seconds"] < 60
        (executor,) = groups["text"]["executors"]
        assert executor["id"].startswith("text@")
        assert executor["slots"] == stack.settings.concurrency
        assert executor["busy"] == 0
        assert groups["text"]["pending"] == groups["text"]["redelivered"] == 0
        (scheduler,) = found["schedulers"]
        assert scheduler["partitions"] == list(range(64))
        assert scheduler["last_seen"] > 1e9
        streams = {one["name"]: one for one in found["streams"]}
        assert streams["TASKS"]["messages"] == 3
        assert streams["TASKS"]["bytes"] > 0
        assert streams["EVENTS"]["limit_bytes"] is None
        assert {"KV_runfold_leases", "OBJ_runfold_blobs", "DEAD"} <= streams.keys()
        assert [one["id"] for one in found["breakers"]] == ["0a"]
        done = await client.post("/operations/breakers/reset", json={"ids": ["0a", "0b"]})
        assert [one["status"] for one in done.json()["items"]] == ["reset", "not_found"]
        assert (await client.get("/operations")).json()["breakers"] == []


async def test_breakers_and_concurrency_keys_that_are_in_use() -> None:
    async with gateway() as door:
        now = await door.bus.events.now()
        opened = breaker.State(round=3, is_open=True, until=now + 60, workflow_id="w", node="call")
        tried = msgspec.structs.replace(opened, until=now - 1)
        for name, state in {"a": opened, "b": tried, "c": breaker.State(round=1)}.items():
            await door.bus.protection.put(f"breaker.{name}", msgspec.json.encode(state))
        await door.bus.protection.put("breaker.damaged", b"{")
        # It died long ago, and its lease is still there.
        lease = ExecutorLease("far@h:1", "far", "1", "h", 1, 4, 0)
        await door.bus.leases.put("executor.old", msgspec.json.encode(lease))
        door.bus.leases._times["executor.old"] -= 60
        await door.bus.places.put("board", b'{"holding": ["r1"], "waiting": ["r2", "r3"]}')
        workflow, _ = prepare(
            {
                "id": "w",
                "settings": {"concurrency": {"key": "{{who}}", "limit": 3}},
                "inputs": {"who": "string"},
                "nodes": [{"id": "n", "type": "noop"}],
            }
        )
        definition = msgspec.Raw(canonical_bytes(workflow))
        await door.bus.events.append(
            e.RunStarted(
                id="r1:s", run_id="r1", workflow_id="w", definition=definition, concurrency_key="k"
            )
        )
        found = (await door.ask("GET", "/api/operations")).json
        assert [(one["id"], one["state"]) for one in found["breakers"]] == [
            ("a", "open"),
            ("b", "half_open"),
        ]
        assert found["breakers"][0] == {
            "id": "a",
            "workflow_id": "w",
            "node": "call",
            "state": "open",
            "failures": 0,
            "opens_until": now + 60,
        }
        limit = {"workflow_id": "w", "key": "k", "limit": 3, "holding": 1, "waiting": 2}
        assert found["limits"] == [limit]
        assert found["groups"] == []
        for body, code in {
            b'{"ids": []}': "request.none",
            b'{"ids": ["%b"]}' % b'","'.join(b"%d" % i for i in range(501)): "request.too_many",
        }.items():
            headers = ("Content-Type: application/json",)
            answer = await door.ask("POST", "/api/operations/breakers/reset", *headers, body=body)
            assert answer.code == code


async def test_an_executor_that_goes_is_gone_at_once() -> None:
    leases = MemoryKeyValue()
    written = asyncio.Event()
    await leases.watch(lambda _key, _value: written.set())
    heart = Heartbeat(leases, "text@h:1", "text", 4, lambda: 3)
    beating = asyncio.create_task(heart.keep())
    await written.wait()
    (entry,) = (await leases.written(EXECUTORS)).values()
    lease = msgspec.json.decode(entry.value, type=ExecutorLease)
    assert (lease.id, lease.slots, lease.busy) == ("text@h:1", 4, 3)
    await end(beating)
    await heart.end()
    assert await leases.entries() == {}


def test_a_breaker_that_was_reset_counts_nothing_of_before() -> None:
    policy, now = breaker.Breaker(failures=1), 100.0
    state, admitted = breaker.admit(policy, breaker.State(), now, "first", 10)
    _, late = breaker.admit(policy, state, now, "late", 10)
    opened = breaker.record(policy, state, now, "first", admitted, "bad")
    opened = breaker.named(state, opened, "w", "call")
    assert (opened.is_open, opened.node) == (True, "call")
    closed = breaker.reset(opened)
    assert breaker.phase(closed, now) == "closed"
    assert breaker.record(policy, closed, now, "late", late, "bad") == closed
