"""What waits for a person, by who is asked, by workflow and by kind of node."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.gateway import gateway

QUESTION = {"question": "Size?"}


def asked(run_id: str, workflow_id: str, kind: str, assignee: str) -> list[e.AnyEvent]:
    """The events of a run in which a node waits."""
    config: dict[str, Any] = {"message": "Good?"} if kind == "human" else QUESTION
    node = {"id": "ask", "type": kind, "config": config}
    workflow, _ = prepare({"id": workflow_id, "nodes": [node]})
    about = {"run_id": run_id, "workflow_id": workflow.id}
    definition = msgspec.Raw(canonical_bytes(workflow))
    return [
        e.RunStarted(id=f"{run_id}:s", definition=definition, **about),
        e.NodeRunWaiting(
            id=f"{run_id}:w",
            node_id="ask",
            waiting_for="human",
            token=f"{run_id}.ask",
            assignee=assignee,
            **about,
        ),
    ]


async def test_reviews_are_found_by_all_filters_that_are_given() -> None:
    runs = [
        asked("r1", "shop", "human", "ann@example.org"),
        asked("r2", "shop", "question", "李雷"),
        asked("r3", "审批", "human", "李雷"),
        asked("r4", "审批", "human", ""),
    ]
    async with gateway() as door:

        async def listed(query: str = "") -> list[str]:
            answer = await door.ask("GET", f"/api/reviews?{query}")
            assert answer.status == 200, answer
            return [one["run_id"] for one in answer.json["items"]]

        for events in runs:
            for event in events:
                await door.bus.events.append(event)
        async with asyncio.timeout(20):
            # Nobody tells when a projection has folded it.
            while len(await listed()) < len(runs):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await listed("workflow_id=shop") == ["r1", "r2"]
        items = (await door.ask("GET", "/api/reviews")).json["items"]
        assert [one["workflow_id"] for one in items] == ["shop", "shop", "审批", "审批"]
        assert await listed(f"workflow_id={quote('审批')}&assignee={quote('李雷')}") == ["r3"]
        assert await listed("assignee=ann%40example.org") == ["r1"]
        assert await listed("assignee=ann") == []
        # A kind by its type and by its alias.
        assert await listed("kind=human_review") == ["r1", "r3", "r4"]
        assert await listed("kind=human&workflow_id=shop") == ["r1"]
        assert await listed("kind=question") == ["r2"]
        page = (await door.ask("GET", "/api/reviews?kind=human&limit=2")).json
        cursor = quote(page["next_cursor"])
        assert await listed(f"kind=human&limit=2&cursor={cursor}") == ["r4"]
        assert (await door.ask("GET", "/api/reviews?kind=humen")).code == "filter.invalid"
        assert (await door.ask("GET", "/api/reviews?workflow_id=a%20b")).code == "filter.invalid"
        await door.bus.events.append(e.RunCancelled(id="r1:c", run_id="r1", workflow_id="shop"))
        async with asyncio.timeout(20):
            while "r1" in await listed("workflow_id=shop"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_what_does_not_fit_a_message_has_its_workflow_too() -> None:
    started, waits = asked("r1", "shop", "human", "")
    assert isinstance(waits, e.NodeRunWaiting)
    content = "x" * 1_000_000
    async with gateway() as door:
        await door.bus.events.append(started)
        await door.bus.events.append(replace(waits, content=content))
        async with asyncio.timeout(20):
            # Nobody tells when a projection has folded it.
            while not (items := (await door.ask("GET", "/api/reviews")).json["items"]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        (one,) = items
        assert (one["workflow_id"], one["content"]) == ("shop", content)
