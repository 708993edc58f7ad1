"""What is done to many with one request: each has its own answer, and none stops the others."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.contracts import events as e
from runfold.contracts.codec import encode
from runfold.contracts.requests import CancelRequest
from runfold.contracts.tasks import DeadLetter, Task
from runfold.errors import Failure
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.gateway import Answer, Gateway, gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        yield made


async def post(door: Gateway, path: str, **body: Any) -> Answer:
    headers = ("Content-Type: application/json",)
    return await door.ask("POST", f"/api{path}", *headers, body=json.dumps(body).encode())


async def bury(door: Gateway, source: str, body: bytes, code: str, run_id: str = "") -> int:
    letter = DeadLetter(
        source=source,
        reason=f"Why it was {code}",
        code=code,
        body=base64.b64encode(body).decode(),
        size=len(body),
        run_id=run_id,
    )
    await door.bus.dead.bury("TASKS", letter)
    return (await door.bus.dead.list(limit=1))[0].seq


LOOP = {
    "id": "each",
    "nodes": [
        {
            "id": "each",
            "type": "iteration",
            "config": {"items": [1, 2], "nodes": [{"id": "call", "type": "noop"}]},
        }
    ],
}
OTHER = {"id": "other", "nodes": [{"id": "call", "type": "noop"}]}
FLOW = {"id": "flow", "nodes": [{"id": "call", "type": "noop"}]}


def failed(run_id: str, source: dict[str, Any], code: str, scope: str = "") -> list[e.AnyEvent]:
    """The events of a run that failed at `call`."""
    workflow, _ = prepare(source)
    about: dict[str, Any] = {"run_id": run_id, "workflow_id": workflow.id}
    definition = msgspec.Raw(canonical_bytes(workflow))
    error = Failure(code=code, message=f"{run_id}: " + "long " * 100, kind="server")
    return [
        e.RunStarted(id=f"{run_id}:s", definition=definition, **about),
        e.RunFailed(id=f"{run_id}:f", error=error, node_id="call", scope=scope, **about),
    ]


async def test_failed_runs_are_grouped(door: Gateway) -> None:
    runs = [
        *(failed(f"f{i}", LOOP, "http.500", f"each[{i}]") for i in range(3)),
        *(failed(f"g{i}", FLOW, "http.500") for i in range(2)),
        failed("h", FLOW, "http.404"),
    ]
    acks = [await door.bus.events.append(event) for run in runs for event in run]
    query = json.dumps({"run_id": "h"}).encode()
    async with asyncio.timeout(20):
        # Nobody tells when a projection has folded it.
        while b'"failed"' not in await door.bus.query("get_run", query):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(acks) == 12
    first = (await door.ask("GET", "/api/runs/failures?limit=2")).json
    shown = ("workflow_id", "node", "error_code", "count", "example_run_id")
    assert [tuple(one[name] for name in shown) for one in first["items"]] == [
        ("each", "each[]/call", "http.500", 3, "f2"),
        ("flow", "call", "http.500", 2, "g1"),
    ]
    (largest, _) = first["items"]
    assert largest["message"].startswith("f2: long")
    assert len(largest["message"]) == 300
    view = (await door.ask("GET", "/api/runs/f2")).json
    assert largest["last_at"] == view["finished_at"]
    rest = (await door.ask("GET", f"/api/runs/failures?limit=2&cursor={first['next_cursor']}")).json
    assert "http.404" in [one["error_code"] for one in rest["items"]]
    assert rest["next_cursor"] is None

    async def counts(query: str) -> list[int]:
        answer = await door.ask("GET", f"/api/runs/failures?{query}")
        return [one["count"] for one in answer.json["items"]]

    assert await counts("workflow_id=flow") == [2, 1]
    assert await counts(f"workflow_id=each&to={view['started_at']}") == [2]
    assert await counts("from=2999-01-01") == []
    assert (await door.ask("GET", "/api/runs/failures?from=x")).code == "filter.invalid"
    assert (await door.ask("GET", "/api/runs/failures?cursor=x")).code == "cursor.invalid"


async def test_runs_are_cancelled_and_retried(door: Gateway) -> None:
    for event in failed("over", OTHER, "x.y"):
        await door.bus.events.append(event)
    (begun, _) = failed("runs", OTHER, "x.y")
    await door.bus.events.append(begun)
    asked = door.asked_for
    done = await post(door, "/runs/cancel", run_ids=["over", "runs", "none", "a b", "runs"])
    items = done.json["items"]
    assert [(one["run_id"], one["status"]) for one in items] == [
        ("over", "failed"),
        ("runs", "cancelling"),
        ("none", "failed"),
        ("a b", "failed"),
    ]
    codes = [one.get("problem", {}).get("code") for one in items]
    assert codes == ["run.ended", None, "run.not_found", "run.not_found"]
    assert "it is failed" in items[0]["problem"]["detail"]
    assert door.asked_for == asked + 1
    done = await post(door, "/runs/retry", run_ids=["runs", "over", "none"])
    first, again, last = done.json["items"]
    assert first["problem"]["status"] == 409
    assert (again["status"], last["problem"]["code"]) == ("queued", "run.not_found")
    assert again["new_run_id"] not in ("", "over")
    assert door.asked_for == asked + 2
    assert (await post(door, "/runs/cancel", run_ids=[])).code == "request.none"
    assert (await post(door, "/runs/retry", run_ids=["x"], nod="y")).code == "request.body_invalid"


async def test_letters_are_queued_again_and_dropped(door: Gateway) -> None:
    cancel = encode(CancelRequest(run_id="r"))
    task = encode(Task(run_id="gone", workflow_id="w", node_id="n", node_type="noop"))
    good = await bury(door, "runfold.requests.cancel", cancel, "a")
    gone = await bury(door, "runfold.tasks.text.noop", task, "b")
    event = await bury(door, "runfold.events.01.w.r.x", b"\xff", "c")
    done = await post(door, "/dead/requeue", seqs=[event, gone, 10**9, good, good, -1])
    assert done.status == 200
    items = done.json["items"]
    assert [(one["seq"], one["status"]) for one in items] == [
        (event, "failed"),
        (gone, "failed"),
        (10**9, "failed"),
        (good, "requeued"),
        (-1, "failed"),
    ]
    problems = [one["problem"] for one in items if "problem" in one]
    assert [(one["code"], one["status"]) for one in problems] == [
        ("dead.not_queued", 422),
        ("run.gone", 409),
        ("dead.not_found", 404),
        ("dead.not_found", 404),
    ]
    done = await post(door, "/dead/drop", seqs=[gone, good, event])
    assert [one["status"] for one in done.json["items"]] == ["dropped", "failed", "dropped"]
    assert (await post(door, "/dead/drop", seqs=[])).code == "request.none"
    assert (await post(door, "/dead/drop", seqs=[*range(501)])).code == "request.too_many"
    assert (await post(door, "/dead/drop", seqs=["x"])).code == "request.body_invalid"


async def test_letters_by_pages_reason_and_run(door: Gateway) -> None:
    seqs = [await bury(door, "s", b"", f"task.poison{i % 2}", f"r{i}") for i in range(5)]
    pages, cursor = [], ""
    while True:
        path = f"/api/dead?limit=2&reason=POISON&cursor={cursor}"
        found = (await door.ask("GET", path)).json
        pages.append([one["seq"] for one in found["items"]])
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert pages == [seqs[3:], seqs[1:3], seqs[:1]]

    async def listed(query: str) -> list[int]:
        answer = await door.ask("GET", f"/api/dead?{query}")
        return [one["seq"] for one in answer.json["items"]]

    assert await listed("run_id=r3") == [seqs[3]]
    assert await listed("run_id=r3&reason=poison0") == []
    assert await listed("reason=why+it+was+task.poison1") == [seqs[1], seqs[3]]
    assert (await door.ask("GET", "/api/dead?cursor=x")).code == "cursor.invalid"
