"""A worker over a real server: what comes of tasks, in the log and on the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runfold.contracts.events import (
    NodeRunFailed,
    NodeRunSkipped,
    NodeRunStarted,
    NodeRunSucceeded,
    event_type,
)
from tests.support.executor_runs import (
    GROUP,
    RUN,
    ended,
    last_of,
    probe,
    queue_is_empty,
    served,
    working,
)


async def test_success_is_logged_then_acked(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, probe(value=[1, {"a": None}]))
        log = await ended(bus)
        await queue_is_empty(bus)

    assert [event_type(one.event) for one in log] == ["node_run_started", "node_run_succeeded"]
    started, succeeded = (one.event for one in log)
    assert (started.id, succeeded.id) == (f"{RUN}:n:1:started:1:1", f"{RUN}:n:1:succeeded")
    assert isinstance(succeeded, NodeRunSucceeded)
    assert succeeded.outputs == {"output": [1, {"a": None}], "key": f"{RUN}:n:1"}
    assert succeeded.port == "out"


@pytest.mark.parametrize(
    ("config", "code", "kind", "retryable"),
    [
        ({"do": "fail", "value": "busy"}, "probe.failed", "server", True),
        ({"do": "bug", "value": "oops"}, "internal", "internal", False),
        ({"do": "hang", "timeout": 0.05}, "node.timeout", "timeout", True),
        ({"value": "{{fetch.body}}"}, "reference.missing", "reference", False),
        ({"times": "many"}, "config.invalid", "input", False),
        ({"value": "{{secrets.NONE}}"}, "reference.missing", "reference", False),
        ({"node_type": "other"}, "node.unknown_type", "input", False),
        ({"do": "big", "times": 400_000}, "payload.too_large", "limit", False),
    ],
)
async def test_failures_are_logged_with_their_class(
    tmp_path: Path,
    config: dict[str, object],
    code: str,
    kind: str,
    retryable: bool,
) -> None:
    limits = {"claim_threshold": 200_000, "max_payload": 300_000}
    async with served(tmp_path, **limits) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, probe(**config))  # type: ignore[arg-type]
        event = await last_of(bus)
        await queue_is_empty(bus)

    assert isinstance(event, NodeRunFailed)
    assert event.id == f"{RUN}:n:1:failed"
    assert (event.error.code, event.error.kind, event.error.retryable) == (code, kind, retryable)


async def test_chunks_come_in_order_and_before_the_result(tmp_path: Path) -> None:
    seen: list[str] = []
    async with served(tmp_path) as (bus, settings):
        unwatch = await bus.live.watch(
            RUN, lambda one: seen.append("result" if hasattr(one, "event") else "chunk")
        )
        async with working(bus, settings):
            await bus.tasks.push(GROUP, probe(do="stream", times=200))
            await ended(bus)
            await bus.nc.flush()
            await unwatch()
        chunks = [one.chunk for one in await bus.chunks.read(RUN)]

    # Two streams: only the result is sure to come after the chunks; `started` may come anywhere.
    assert sorted(seen) == [*["chunk"] * len(chunks), "result", "result"]
    assert seen[-1] == "result"
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "".join(chunk.text for chunk in chunks) == "".join(f"{index} " for index in range(200))
    reasoning = "".join(chunk.text for chunk in chunks if chunk.kind == "reasoning")
    assert reasoning == "".join(f"{index} " for index in range(0, 200, 10))
    assert len(chunks) < 200


def stored_in(path: Path) -> bytes:
    return b"".join(block.read_bytes() for block in path.rglob("*.blk"))


async def test_no_secret_reaches_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_TOKEN", "s3cr3t-t0ken")
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        for number, do in enumerate(("echo", "fail", "bug")):
            await bus.tasks.push(GROUP, probe(f"n{number}", do=do, value="<{{secrets.TOKEN}}>"))
        log = await ended(bus, 3)

    assert b"s3cr3t" not in stored_in(tmp_path)
    assert b"<***>" in stored_in(tmp_path)
    told = [
        one.event.outputs["output"]
        if isinstance(one.event, NodeRunSucceeded)
        else one.event.error.message
        for one in log
        if isinstance(one.event, NodeRunSucceeded | NodeRunFailed)
    ]
    assert sorted(told) == ["<***>", "<***>", "ZeroDivisionError: <***>"]


async def test_more_tasks_than_slots(tmp_path: Path) -> None:
    async with served(tmp_path, concurrency=3) as (bus, settings), working(bus, settings):
        for number in range(40):
            bus.tasks.push(GROUP, probe(f"n{number}", value=number))
        log = await ended(bus, 40)
        await queue_is_empty(bus)

    done = [one.event for one in log if isinstance(one.event, NodeRunSucceeded)]
    assert {event.outputs["output"] for event in done} == set(range(40))


@pytest.mark.parametrize(
    ("config", "asks"), [({}, [False]), ({"do": "sleep", "value": 0.1}, [True])]
)
async def test_a_beginning_asks_for_an_ack_unless_the_end_comes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], asks: list[bool]
) -> None:
    """The log has both, in order; the end says as well that the attempt was made."""
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        post, asked = bus.nc.post, []

        def noting(subject: str, body: bytes, reply: str = "", headers: bytes = b"") -> None:
            if subject.endswith("node_run_started"):
                asked.append(bool(reply))
            post(subject, body, reply, headers)

        monkeypatch.setattr(bus.nc, "post", noting)
        await bus.tasks.push(GROUP, probe(**config))
        log = await ended(bus)
    assert asked == asks
    assert [event_type(one.event) for one in log] == ["node_run_started", "node_run_succeeded"]


async def test_a_beginning_is_queued_like_any_message_when_it_has_to_wait(tmp_path: Path) -> None:
    async with served(tmp_path, claim_threshold=100) as (bus, _):
        about: dict[str, Any] = {"run_id": RUN, "workflow_id": "flow", "node_id": "n"}
        first = bus.events.append(NodeRunSucceeded(id="a", outputs={"o": "x" * 500}, **about))
        bus.events.note(NodeRunStarted(id="b", executor="y" * 500, **about))
        await bus.events.append(NodeRunSkipped(id="c", **about))
        await first
        log = await bus.events.read_run(RUN)
    assert [one.event.id for one in log] == ["a", "b", "c"]
