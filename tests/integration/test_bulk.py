"""What is done to many with one request: each has its own answer, and none stops the others."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from runfold.contracts.codec import encode
from runfold.contracts.requests import CancelRequest
from runfold.contracts.tasks import DeadLetter, Task
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
