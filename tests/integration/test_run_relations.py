"""Two runs compared, and the family of a run, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.contracts import events as e
from runfold.errors import Failure
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.gateway import Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")
FLOW: dict[str, Any] = {
    "id": "flow",
    "inputs": {"topic": {"type": "string"}, "size": {"type": "number"}},
    "nodes": [
        {"id": "first", "type": "template", "config": {"template": "{{topic}}"}},
        {"id": "second", "type": "noop"},
        {"id": "third", "type": "noop"},
    ],
    "edges": [
        {"source": "first", "target": "second"},
        {"source": "second", "target": "third"},
    ],
}
WHY = Failure(code="probe.failed", message="The TAP is shut", kind="server")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[Gateway]:
    async with gateway("scheduler", "executor-text") as made:
        yield made


def started(run_id: str, source: dict[str, Any] = FLOW, **more: Any) -> e.RunStarted:
    workflow, _ = prepare(source)
    definition = msgspec.Raw(canonical_bytes(workflow))
    about = {"run_id": run_id, "workflow_id": workflow.id}
    return e.RunStarted(id=f"{run_id}:s", definition=definition, **about, **more)


def gave(run_id: str, node: str, output: Any, tokens: int = 0) -> e.NodeRunSucceeded:
    usage = e.Usage(total_tokens=tokens) if tokens else None
    return e.NodeRunSucceeded(
        id=f"{run_id}:{node}",
        run_id=run_id,
        workflow_id="flow",
        node_id=node,
        outputs={"output": output},
        usage=usage,
    )


async def write(door: Gateway, *events: e.AnyEvent) -> list[int]:
    return [(await door.bus.events.append(event)).seq for event in events]


async def wait_for(door: Gateway, run_id: str, status: str) -> dict[str, Any]:
    """The read model's run, once it has the status."""
    asked = json.dumps({"run_id": run_id}).encode()
    async with asyncio.timeout(20):
        while True:
            found = json.loads(await door.bus.query("get_run", asked)).get("item")
            if found is not None and found["status"] == status:
                return found
            await asyncio.sleep(0.01)


async def test_a_fork_has_in_common_what_it_took_over(door: Gateway) -> None:
    headers = ("Content-Type: application/json",)
    await door.ask("POST", "/api/workflows", *headers, body=json.dumps(FLOW).encode())
    path = "/api/workflows/flow/run?wait=20"
    body = json.dumps({"inputs": {"topic": "tea", "size": 1}}).encode()
    first = (await door.ask("POST", path, *headers, body=body)).json
    assert first["status"] == "succeeded"
    log = (await door.ask("GET", f"/api/runs/{first['run_id']}/events")).body.splitlines()
    events = [json.loads(line) for line in log]
    at = next(
        one["seq"]
        for one in events
        if one["type"] == "node_run_succeeded" and one["node_id"] == "first"
    )
    body = json.dumps({"at": at, "inputs": {"size": 2}}).encode()
    path = f"/api/runs/{first['run_id']}/fork"
    forked = (await door.ask("POST", path, *headers, body=body)).json["run_id"]
    await wait_for(door, forked, "succeeded")
    path = f"/api/runs/{first['run_id']}/diff/{forked}"
    found = (await door.ask("GET", path)).json
    assert found["inputs"] == {"size": {"a": 1, "b": 2}}
    assert found["a"]["run_id"] == first["run_id"]
    assert (found["b"]["origin"], found["b"]["status"]) == (first["run_id"], "succeeded")
    assert found["same_definition"] is found["same_outputs"] is True
    # Both do the same to the end, whatever was taken over.
    assert found["same_until"]["event"] == 3
    assert found["same_until"]["seq_a"] in [one["seq"] for one in events]
    assert [(one["address"], one["change"]) for one in found["nodes"]] == [
        ("first", "same"),
        ("second", "same"),
        ("third", "same"),
    ]
    assert (await door.ask("GET", f"{path}?changed=true")).json["nodes"] == []
    family = (await door.ask("GET", f"/api/runs/{forked}/family")).json["items"]
    assert [(one["run_id"], one["relation"], one["at"]) for one in family] == [
        (first["run_id"], "origin", None),
        (forked, "self", at),
    ]


async def test_where_two_runs_differ(door: Gateway) -> None:
    # Paused by nobody and decided by nobody: these logs are whole as they are.
    about = {"workflow_id": "flow"}
    held = {"concurrency_key": "held"}
    other = {**FLOW, "settings": {"timeout": 99}}
    await write(
        door,
        started("a", inputs={"topic": "tea", "size": 1}, **held),
        gave("a", "first", "tea", tokens=5),
        gave("a", "second", "x"),
        e.RunSucceeded(id="a:e", run_id="a", outputs={"x": 1}, **about),
        started("b", other, inputs={"topic": "tea"}, **held),
        gave("b", "first", "tea", tokens=9),
        e.NodeRunFailed(id="b:n", run_id="b", node_id="second", error=WHY, **about),
        e.RunFailed(id="b:e", run_id="b", node_id="second", error=WHY, **about),
        started("c", inputs={"topic": "tea"}, **held),
        gave("c", "first", "coffee"),
        e.RunCancelled(id="c:e", run_id="c", **about),
    )
    found = (await door.ask("GET", "/api/runs/a/diff/b")).json
    assert found["same_until"]["event"] == 1
    assert found["inputs"] == {"size": {"a": 1}}
    assert found["same_definition"] is found["same_outputs"] is False
    nodes = {one["address"]: one for one in found["nodes"]}
    assert nodes["first"]["change"] == "same"
    assert (nodes["first"]["tokens_a"], nodes["first"]["tokens_b"]) == (5, 9)
    second = nodes["second"]
    assert (second["change"], second["status_a"], second["status_b"]) == (
        "status",
        "succeeded",
        "failed",
    )
    assert (nodes["third"]["change"], nodes["third"]["status_b"]) == ("only_a", None)
    turned = (await door.ask("GET", "/api/runs/b/diff/a")).json["nodes"]
    assert [one["change"] for one in turned] == ["same", "status", "only_b"]
    assert (await door.ask("GET", "/api/runs/a/diff/c")).json["same_until"] is None
    third = (await door.ask("GET", "/api/runs/a/diff/c?changed=true")).json["nodes"]
    assert third[0]["change"] == "output"
    for path in ("a/diff/none", "none/diff/a", "a/diff/a%20b"):
        assert (await door.ask("GET", f"/api/runs/{path}")).code == "run.not_found"


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), (0, False), (1, 1.0), ([{"on": 0}], [{"on": False}])]
)
async def test_values_differ_that_are_written_otherwise(
    door: Gateway, one: Any, other: Any
) -> None:
    about, name = {"workflow_id": "flow"}, f"like-{type(one).__name__}-{type(other).__name__}"
    for run_id, value in ((f"{name}-a", one), (f"{name}-b", other)):
        await write(
            door,
            started(run_id, inputs={"topic": "tea", "size": value}, concurrency_key="held"),
            gave(run_id, "first", value),
            e.RunSucceeded(id=f"{run_id}:e", run_id=run_id, outputs={"x": value}, **about),
        )
    found = (await door.ask("GET", f"/api/runs/{name}-a/diff/{name}-b")).json
    assert found["same_until"] is None
    assert found["same_outputs"] is False
    assert found["inputs"] == {"size": {"a": one, "b": other}}
    assert found["nodes"][0]["change"] == "output"


async def test_a_family_has_all_that_go_on_from_one_run(door: Gateway) -> None:
    origins = {
        "root": None,
        "fork": e.Origin("root", 3),
        "again": e.Origin("fork", 5, "retry", "second"),
        "side": e.Origin("root", 2),
        # Of a run that is gone.
        "alone": e.Origin("gone", 7),
    }
    for run_id, origin in origins.items():
        await write(
            door,
            started(run_id, origin=origin),
            e.RunCancelled(id=f"{run_id}:e", run_id=run_id, workflow_id="flow"),
        )
    await wait_for(door, "alone", "cancelled")

    async def family(path: str) -> Any:
        return (await door.ask("GET", f"/api/runs/{path}")).json

    found = (await family("again/family"))["items"]
    assert [(one["run_id"], one["relation"], one["origin"]) for one in found] == [
        ("root", "origin", ""),
        ("fork", "origin", "root"),
        ("again", "self", "fork"),
        ("side", "fork", "root"),
    ]
    assert (found[2]["kind"], found[2]["at"], found[2]["from_node"]) == ("retry", 5, "second")
    page = await family("root/family?limit=3")
    assert [one["relation"] for one in page["items"]] == ["self", "fork", "retry"]
    rest = await family(f"root/family?cursor={page['next_cursor']}")
    assert ([one["run_id"] for one in rest["items"]], rest["next_cursor"]) == (["side"], None)
    assert [one["run_id"] for one in (await family("alone/family"))["items"]] == ["alone"]
    assert (await door.ask("GET", "/api/runs/none/family")).code == "run.not_found"
    assert (await door.ask("GET", "/api/runs/root/family?cursor=x")).code == "cursor.invalid"
