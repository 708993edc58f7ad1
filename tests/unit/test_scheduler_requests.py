"""Requests that are too early or ask for what is taken, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.ports.messages import Ack
from runfold.contracts import events as e
from runfold.contracts.requests import (
    AnswerRequest,
    CancelRequest,
    ForkRequest,
    PauseRequest,
    ResumeRequest,
    RetryRequest,
    RunRequest,
)
from runfold.errors import BusUnavailable
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import review_token, run_id_for_key
from runfold.settings import Settings
from runfold_scheduler.service import Scheduler
from tests.support import virtual_loop

EPOCH = 1_700_000_000.0
ASK = {"id": "w", "nodes": [{"id": "ask", "type": "human", "config": {"message": "?"}}]}
WORK = {"id": "w", "nodes": [{"id": "n", "type": "noop"}]}


def on_virtual_time(story: Callable[[MemoryBus], Awaitable[None]]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        bus = MemoryBus(Settings(), lambda: EPOCH + loop.time())
        async with scheduling(bus):
            await story(bus)

    virtual_loop.run(main(), 1)


@asynccontextmanager
async def scheduling(bus: MemoryBus) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    scheduler = Scheduler(bus, Settings(), loop.time, "a")
    await scheduler.start()
    try:
        yield
    finally:
        await scheduler.drain()


def run(document: dict[str, Any], run_id: str) -> RunRequest:
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    return RunRequest(workflow_id=workflow.id, run_id=run_id, definition=definition)


async def kinds(bus: MemoryBus, run_id: str) -> list[str]:
    return [e.event_type(record.event) for record in await bus.events.read_run(run_id)]


async def dead(bus: MemoryBus) -> list[tuple[str, str]]:
    return [(letter.source, letter.code) for letter in await bus.dead.read()]


def test_a_cancel_waits_for_its_run_while_the_log_is_full() -> None:
    async def story(bus: MemoryBus) -> None:
        real, full = bus.events.start_run, asyncio.Event()

        async def start_run(event: e.RunStarted) -> Ack:
            if not full.is_set():
                raise BusUnavailable("maximum bytes exceeded", code="bus.full")
            return await real(event)

        bus.events.start_run = start_run  # type: ignore[method-assign]
        await bus.requests.send(run(ASK, "r"))
        await bus.requests.send(CancelRequest(run_id="r"))
        await asyncio.sleep(60)
        full.set()
        await asyncio.sleep(60)
        assert "run_cancelled" in await kinds(bus, "r")
        assert await dead(bus) == []

    on_virtual_time(story)


def test_a_key_with_another_version_straight_over_the_bus_is_the_run_it_was_first() -> None:
    async def story(bus: MemoryBus) -> None:
        keyed = msgspec.structs.replace(run(ASK, ""), idempotency_key="k", version="1")
        await bus.requests.send(keyed)
        await asyncio.sleep(1)
        other = msgspec.structs.replace(run(WORK, ""), idempotency_key="k", version="2")
        await bus.requests.send(other)
        await asyncio.sleep(1)
        records = await bus.events.read_run(run_id_for_key("w", "k"))
        begun = [one.event for one in records if isinstance(one.event, e.RunStarted)]
        assert [event.version for event in begun] == ["1"]
        assert await bus.events.last_seq() == len(records)
        assert await dead(bus) == []

    on_virtual_time(story)


def test_a_request_about_a_run_that_never_comes_is_refused_in_the_end() -> None:
    async def story(bus: MemoryBus) -> None:
        await bus.requests.send(CancelRequest(run_id="nobody"))
        await asyncio.sleep(120)
        assert await dead(bus) == []
        await asyncio.sleep(60)
        assert await dead(bus) == [("runfold.requests.cancel", "run.not_found")]

    on_virtual_time(story)


async def failed(bus: MemoryBus, run_id: str) -> int:
    """A run that failed at its only node; the last sequence of its log."""
    await bus.requests.send(run(WORK, run_id))
    await asyncio.sleep(1)
    event = e.NodeRunFailed(
        id=f"{run_id}:f",
        run_id=run_id,
        workflow_id="w",
        node_id="n",
        error=e.Failure(code="c", message="m"),
    )
    await bus.events.append(event)
    await asyncio.sleep(1)
    records = await bus.events.read_run(run_id)
    assert e.event_type(records[-1].event) == "run_failed"
    return records[-1].seq


def test_a_fork_or_retry_never_writes_into_another_run() -> None:
    async def story(bus: MemoryBus) -> None:
        at = await failed(bus, "r")
        await bus.requests.send(run(ASK, "other"))
        await asyncio.sleep(1)
        before = await kinds(bus, "other")
        await bus.requests.send(ForkRequest(run_id="r", at=at, new_run_id="other"))
        await bus.requests.send(RetryRequest(run_id="r", new_run_id="other"))
        await bus.requests.send(ForkRequest(run_id="r", at=at, new_run_id="r"))
        await asyncio.sleep(5)
        assert await kinds(bus, "other") == before
        assert "run_forked" not in await kinds(bus, "r")
        assert [code for _, code in await dead(bus)] == ["run.exists"] * 3

    on_virtual_time(story)


def test_a_fork_or_retry_that_was_begun_before_a_crash_is_finished() -> None:
    async def story(bus: MemoryBus) -> None:
        at = await failed(bus, "r")
        real, broken = bus.events.append, asyncio.Event()

        def append(event: e.AnyEvent) -> asyncio.Future[Ack]:
            if isinstance(event, e.RunForked) and not broken.is_set():
                lost: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
                lost.set_exception(BusUnavailable("no answer"))
                return lost
            return real(event)

        bus.events.append = append  # type: ignore[method-assign]
        await bus.requests.send(ForkRequest(run_id="r", at=at, new_run_id="fork"))
        await bus.requests.send(RetryRequest(run_id="r", new_run_id="retry"))
        await asyncio.sleep(1)
        # A result that comes late changes what the newest event is, but not what is retried.
        late = e.TimerFired(
            id="late", run_id="r", workflow_id="w", node_id="n", attempt=1, timer="timeout"
        )
        await bus.events.append(late)
        broken.set()
        await asyncio.sleep(5)
        assert (await kinds(bus, "fork")).count("run_forked") == 1
        assert (await kinds(bus, "retry")).count("run_forked") == 1
        assert await dead(bus) == []

    on_virtual_time(story)


TWO = {"id": "w", "nodes": [{"id": "first", "type": "noop"}, {"id": "n", "type": "noop"}]}


def test_what_was_taken_over_before_a_crash_is_not_written_again() -> None:
    async def story(bus: MemoryBus) -> None:
        await bus.requests.send(run(TWO, "r"))
        await asyncio.sleep(1)
        about = {"run_id": "r", "workflow_id": "w"}
        await bus.events.append(e.NodeRunSucceeded(id="f", node_id="first", **about))
        error = e.Failure(code="c", message="m")
        await bus.events.append(e.NodeRunFailed(id="n", node_id="n", error=error, **about))
        await asyncio.sleep(1)
        at = (await bus.events.read_run("r"))[-1].seq
        wanted = (
            ForkRequest(run_id="r", at=at, new_run_id="fork"),
            RetryRequest(run_id="r", new_run_id="retry"),
        )
        for request in wanted:
            await bus.requests.send(request)
        await asyncio.sleep(1)
        before = [await bus.events.read_run(new) for new in ("fork", "retry")]
        assert [record.event.id for record in before[1]][1:3] == [
            "retry:taken_over:0",
            "retry:run_forked",
        ]
        # Past its window the broker knows none of the ids; the requests were never acknowledged.
        bus.events._ids.clear()
        for request in wanted:
            await bus.requests.send(request)
        await asyncio.sleep(1)
        assert [await bus.events.read_run(new) for new in ("fork", "retry")] == before
        assert await dead(bus) == []

    on_virtual_time(story)


def test_requests_about_a_run_without_a_beginning_are_refused() -> None:
    async def story(bus: MemoryBus) -> None:
        at = (await bus.events.append(e.RunPaused(id="p", run_id="r", workflow_id="w"))).seq
        for request in (
            PauseRequest(run_id="r"),
            ResumeRequest(run_id="r"),
            RetryRequest(run_id="r"),
            ForkRequest(run_id="r", at=at),
            AnswerRequest(token="r.0", action="approved"),
        ):
            await bus.requests.send(request)
        await asyncio.sleep(5)
        assert [code for _, code in await dead(bus)] == ["run.log_damaged"] * 5
        assert await kinds(bus, "r") == ["run_paused"]

    on_virtual_time(story)


def test_an_event_that_a_state_machine_cannot_take_is_refused() -> None:
    states = {"a": {"on": {"go": "b"}}, "b": {"on": {"end": "c"}}, "c": {"final": True}}
    config = {"initial": "a", "states": states}
    nodes = [{"id": node_id, "type": "state_machine", "config": config} for node_id in "mn"]
    document = {"id": "w", "nodes": nodes, "edges": []}

    async def story(bus: MemoryBus) -> None:
        await bus.requests.send(run(document, "r"))
        await asyncio.sleep(5)
        token = review_token("r", "m", 1)
        for action in ("come", "end", "go"):
            await bus.requests.send(AnswerRequest(token=token, action=action))
            await asyncio.sleep(5)
        codes = ["machine.unknown_event", "machine.not_taken"]
        assert await dead(bus) == [("runfold.requests.answer", code) for code in codes]
        assert (await kinds(bus, "r"))[3:] == ["input_received", "state_changed"]
        await bus.requests.send(AnswerRequest(token=token, action="end"))
        await asyncio.sleep(5)
        await bus.requests.send(AnswerRequest(token=token, action="end"))
        await asyncio.sleep(5)
        assert (await dead(bus))[2:] == [("runfold.requests.answer", "review.closed")]
        assert "run_succeeded" not in await kinds(bus, "r")

    on_virtual_time(story)
