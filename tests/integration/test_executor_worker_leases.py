"""A worker and its leases: keeping, giving back, dropping, poison, and processes that die."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts.events import (
    LoopItemFailed,
    NodeRunCancelled,
    NodeRunFailed,
    NodeRunStarted,
    NodeRunSucceeded,
    ParallelBranchFailed,
    Recorded,
    RunCancelled,
    RunCompensating,
    RunPaused,
    RunResumed,
    event_type,
)
from runfold.contracts.protection import Protection
from runfold.errors import Failure
from runfold.settings import Settings
from runfold.telemetry import TASKS
from tests.support.executor_runs import (
    GROUP,
    RUN,
    WITHIN,
    ended,
    last_of,
    log_until,
    probe,
    queue_is_empty,
    served,
    working,
)


async def test_an_ended_run_cuts_its_attempts_off(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, probe("hangs", do="hang"))
        await bus.tasks.push(GROUP, probe("hangs", do="hang", run_id="run-2", timeout=1.0))
        await log_until(bus, lambda seen: len(seen) == 2)
        await bus.events.append(RunCancelled(id="c", run_id=RUN, workflow_id="flow"))
        await log_until(bus, lambda seen: len(seen) == 4)
        # What still comes for the ended run is dropped, too.
        await bus.tasks.push(GROUP, probe("late", value=1))
        await queue_is_empty(bus)
        log = await log_until(bus, lambda seen: len(seen) == 4)

    of_run = [event_type(one.event) for one in log if one.event.run_id == RUN]
    assert of_run == ["node_run_started", "run_cancelled"]
    assert event_type(log[-1].event) == "node_run_failed"


async def test_a_cancelled_node_and_what_is_in_a_failed_item_are_cut_off(tmp_path: Path) -> None:
    failure = Failure(code="c", message="m")
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, probe("loser", do="hang"))
        await bus.tasks.push(GROUP, probe("call", do="hang", scope="each[3]"))
        await bus.tasks.push(GROUP, probe("call", do="hang", scope="fan[web.0]/each[1]"))
        await bus.tasks.push(GROUP, probe("call", do="sleep", value=0.3, scope="each[4]"))
        await log_until(bus, lambda seen: len(seen) == 4)
        about: Any = {"run_id": RUN, "workflow_id": "flow"}
        await bus.events.append(NodeRunCancelled(id="a", node_id="loser", **about))
        await bus.events.append(
            LoopItemFailed(id="b", node_id="each", index=3, error=failure, **about)
        )
        await bus.events.append(
            ParallelBranchFailed(
                id="d", node_id="fan", index=0, branch="web", error=failure, **about
            )
        )
        await log_until(
            bus, lambda seen: any(isinstance(one.event, NodeRunSucceeded) for one in seen)
        )
        # What still comes for them is dropped, too.
        await bus.tasks.push(GROUP, probe("late", value=1, scope="each[3]/inner[0]"))
        await queue_is_empty(bus)
        log = await log_until(bus, lambda seen: len(seen) == 8)

    ended = [one.event.scope for one in log if isinstance(one.event, NodeRunSucceeded)]
    assert ended == ["each[4]"]
    assert not any(isinstance(one.event, NodeRunFailed) for one in log)


def starts(log: list[Recorded]) -> list[str]:
    """The nodes of the run that began, and the events that pause and resume it."""
    about = [one.event for one in log if one.event.run_id == RUN]
    return [
        event.node_id if isinstance(event, NodeRunStarted) else event_type(event)
        for event in about
        if isinstance(event, NodeRunStarted | RunPaused | RunResumed)
    ]


@contextmanager
def held() -> Iterator[Callable[[int], Awaitable[None]]]:
    """Waits until so many tasks were given back since."""
    counter = TASKS.labels("probe", "held")._value
    before = counter.get()

    async def until(more: int) -> None:
        async with asyncio.timeout(WITHIN):
            while counter.get() < before + more:  # noqa: ASYNC110 -- a counter tells nobody
                await asyncio.sleep(0.01)

    yield until


async def test_tasks_of_a_paused_run_begin_when_it_is_resumed(tmp_path: Path) -> None:
    about: Any = {"run_id": RUN, "workflow_id": "flow"}
    async with served(tmp_path) as (bus, settings):
        # Paused before this executor listens, and while it does.
        await bus.events.append(RunPaused(id="p", **about))
        await bus.tasks.push(GROUP, probe("a", value=1))
        with held() as until:
            async with working(bus, settings):
                await until(1)
                await bus.tasks.push(GROUP, probe("b", value=1))
                await bus.tasks.push(GROUP, probe("other", value=1, run_id="run-2"))
                await until(2)
                await ended(bus)
                await bus.events.append(RunResumed(id="r", **about))
                await ended(bus, 3)
                await bus.events.append(RunPaused(id="p2", **about))
                await bus.tasks.push(GROUP, probe("c", value=1))
                await until(4)
                await bus.events.append(RunResumed(id="r2", **about))
                log = await ended(bus, 4)
    found = starts(log)
    assert found[:2] == ["run_paused", "run_resumed"]
    assert sorted(found[2:4]) == ["a", "b"]
    assert found[4:] == ["run_paused", "run_resumed", "c"]


async def test_what_waits_for_a_slot_does_not_begin_while_paused(tmp_path: Path) -> None:
    about: Any = {"run_id": RUN, "workflow_id": "flow"}
    one = Protection(concurrency=1)
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.tasks.push(
            GROUP, replace(probe("n", do="sleep", value=0.3, scope="each[0]"), protection=one)
        )
        await log_until(bus, lambda seen: len(seen) == 1)
        with held() as until:
            await bus.tasks.push(GROUP, replace(probe("n", scope="each[1]"), protection=one))
            await bus.events.append(RunPaused(id="p", **about))
            await ended(bus)
            await until(1)
        await bus.events.append(RunResumed(id="r", **about))
        log = await ended(bus, 2)
    assert starts(log) == ["n", "run_paused", "run_resumed", "n"]


async def test_of_a_run_that_compensates_only_what_undoes_begins(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        await bus.tasks.push(GROUP, probe("before", value=1))
        async with working(bus, settings):
            await ended(bus)
            await bus.tasks.push(GROUP, probe("under-way", do="sleep", value=0.5))
            await log_until(bus, lambda seen: len(seen) == 3)
            why = Failure(code="run.cancelled", message="enough", kind="cancelled")
            begun = RunCompensating(
                id="c", run_id=RUN, workflow_id="flow", cause="cancel", error=why
            )
            await bus.events.append(begun)
            # Heard of or asked for: what is queued after that is not begun.
            await bus.tasks.push(GROUP, probe("late", value=1))
            await bus.tasks.push(GROUP, replace(probe("undo", value=2), undoes=True))
            log = await ended(bus, 4)
    assert {
        (one.event.node_id, event_type(one.event).removeprefix("node_run_"))
        for one in log
        if isinstance(one.event, NodeRunFailed | NodeRunSucceeded)
    } == {
        ("before", "succeeded"),
        ("under-way", "succeeded"),
        ("late", "failed"),
        ("undo", "succeeded"),
    }
    (dropped,) = [one.event for one in log if isinstance(one.event, NodeRunFailed)]
    assert (dropped.error.code, dropped.error.retryable) == ("node.not_begun", False)
    assert "late" not in {one.event.node_id for one in log if isinstance(one.event, NodeRunStarted)}


async def test_a_task_from_before_an_executor_began_is_asked_for(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        why = Failure(code="run.cancelled", message="enough", kind="cancelled")
        await bus.tasks.push(GROUP, probe("n", value=1))
        await bus.events.append(
            RunCompensating(id="c", run_id=RUN, workflow_id="flow", cause="cancel", error=why)
        )
        async with working(bus, settings):
            event = await last_of(bus)
    assert isinstance(event, NodeRunFailed)
    assert event.error.code == "node.not_begun"


async def test_a_long_attempt_keeps_its_lease(tmp_path: Path) -> None:
    async with served(tmp_path, ack_wait=0.5) as (bus, settings), working(bus, settings):
        await bus.tasks.push(GROUP, probe(do="sleep", value=1.5))
        log = await ended(bus)

    assert [event_type(one.event) for one in log] == ["node_run_started", "node_run_succeeded"]


async def test_draining_gives_back_what_does_not_finish(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    async with served(tmp_path, grace=0.05, max_deliver=1) as (bus, settings):
        async with working(bus, settings):
            await bus.tasks.push(GROUP, probe(do="hang_once", value=str(mark)))
            await log_until(bus, lambda seen: len(seen) == 1)
        async with working(bus, settings):
            log = await ended(bus)

    # Another task of the queue, taken once: a drain does not count, and nothing is poison.
    ids = [one.event.id for one in log]
    assert ids == [f"{RUN}:n:1:started:1:1", f"{RUN}:n:1:started:2:1", f"{RUN}:n:1:succeeded"]


async def test_what_was_fetched_and_not_begun_is_given_back_uncounted(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, _):
        await asyncio.gather(*(bus.tasks.push(GROUP, probe(f"n{i}")) for i in range(4)))
        feed = bus.tasks.consume(GROUP, slots=4)
        first = await anext(feed.__aiter__())
        async with asyncio.timeout(WITHIN):
            while len(feed._flow._arrived) < 3:  # noqa: ASYNC110 -- it tells nobody but its reader
                await asyncio.sleep(0.01)
        await feed.stop()
        await first.ack()
        again = bus.tasks.consume(GROUP, slots=4)
        seen = {}
        async for lease in again:
            seen[lease.task.node_id] = lease.deliveries
            await lease.ack()
            if len(seen) == 3:
                break
        await again.stop()
    assert seen == {"n1": 1, "n2": 1, "n3": 1}


async def test_a_task_that_cannot_be_queued_anew_is_given_back_as_delivered(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, _):
        await bus.tasks.push(GROUP, probe())
        js = bus.nc.jetstream()
        config = (await js.stream_info("TASKS")).config
        config.max_msgs = 1
        await js.update_stream(config)
        first = await anext(bus.tasks.consume(GROUP, slots=1).__aiter__())
        await first.give_back()
        again = await anext(bus.tasks.consume(GROUP, slots=1).__aiter__())
        assert (again.seq, again.deliveries) == (first.seq, 2)


async def test_tasks_of_runs_that_ended_before_an_executor_began_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    async with served(tmp_path) as (bus, settings):
        await bus.tasks.push(GROUP, probe("old", value=1))
        await bus.tasks.push(GROUP, probe("old", value=1, run_id="run-2"))
        await bus.events.append(RunCancelled(id="c", run_id=RUN, workflow_id="flow"))
        real = bus.events.has_event

        async def has_event(run_id: str, *types: str) -> bool:
            asked.append(run_id)
            return await real(run_id, *types)

        monkeypatch.setattr(bus.events, "has_event", has_event)
        async with working(bus, settings) as service:
            await queue_is_empty(bus)
            catching_up = service.worker._endings._catching_up
            assert catching_up is not None
            await catching_up
            assert set(asked) == {RUN, "run-2"}
            asked.clear()
            # What is queued from now on needs no asking.
            await bus.tasks.push(GROUP, probe("new", value=2, run_id="run-3"))
            log = await ended(bus, 2)
        assert asked == []
    assert {one.event.run_id for one in log if isinstance(one.event, NodeRunSucceeded)} == {
        "run-2",
        "run-3",
    }


async def test_runs_that_ended_while_nats_was_away_are_worked_for_no_more(tmp_path: Path) -> None:
    first = EmbeddedNats(tmp_path / "nats")
    await first.start()
    settings = Settings(nats_url=first.url, ack_wait=60)
    bus = await connect(settings)
    try:
        async with working(bus, settings):
            await bus.tasks.push(GROUP, probe("begun", do="hang"))
            await log_until(bus, lambda seen: len(seen) == 1)
            await first.stop()
            # The same server, but where the executor does not see it.
            async with EmbeddedNats(tmp_path / "nats") as elsewhere:
                other = await connect(settings.model_copy(update={"nats_url": elsewhere.url}))
                await other.tasks.push(GROUP, probe("queued", value=1, run_id="run-2"))
                for run_id in (RUN, "run-2"):
                    cancel = RunCancelled(id=f"{run_id}:c", run_id=run_id, workflow_id="flow")
                    await other.events.append(cancel)
                await other.close()
            async with EmbeddedNats(tmp_path / "nats", int(first.url.rpartition(":")[2])):
                await queue_is_empty(bus)
                log = await log_until(bus, lambda seen: len(seen) >= 3)
    finally:
        await bus.close()
    assert [event_type(one.event) for one in log] == [
        "node_run_started",
        "run_cancelled",
        "run_cancelled",
    ]


async def test_draining_finishes_what_it_can(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        async with working(bus, settings):
            await bus.tasks.push(GROUP, probe(do="sleep", value=0.3))
            await log_until(bus, lambda seen: len(seen) == 1)
        log = await ended(bus)
        await queue_is_empty(bus)

    assert [event_type(one.event) for one in log] == ["node_run_started", "node_run_succeeded"]


async def test_poison_is_put_aside(tmp_path: Path) -> None:
    async with served(tmp_path, max_deliver=2) as (bus, settings):
        await bus.tasks.push(GROUP, probe("bad", value=1))
        for _ in range(2):  # two executors that do not survive it
            feed = bus.tasks.consume(GROUP, slots=1)
            async for lease in feed:
                await lease.nak()
                break
            await feed.stop()
        async with working(bus, settings):
            event = await last_of(bus)
            await bus.tasks.push(GROUP, probe("good", value=2))
            good = await last_of(bus, 2)
            await queue_is_empty(bus)
        letters = await bus.dead.read()

    assert isinstance(event, NodeRunFailed)
    assert (event.error.code, event.error.kind, event.error.retryable) == (
        "task.poison",
        "poison",
        False,
    )
    assert event.error.details == {"deliveries": 2, "limit": 2}
    assert [(letter.code, letter.run_id, letter.source) for letter in letters] == [
        ("task.poison", RUN, "runfold.tasks.probes.probe")
    ]
    assert isinstance(good, NodeRunSucceeded)


async def test_a_task_that_cannot_be_read_is_buried(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings), working(bus, settings):
        await bus.nc.jetstream().publish("runfold.tasks.probes.probe", b'{"run_id": 5')
        await bus.tasks.push(GROUP, probe(value=2))
        event = await last_of(bus)
        await queue_is_empty(bus)
        letters = await bus.dead.read()

    assert isinstance(event, NodeRunSucceeded)
    assert [letter.code for letter in letters] == ["message.undecodable"]


async def test_a_result_waits_for_the_server_to_come_back(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "nats")
    await server.start()
    settings = Settings(nats_url=server.url, ack_wait=60)
    bus = await connect(settings)
    try:
        async with working(bus, settings) as service:
            await bus.tasks.push(GROUP, probe(do="sleep", value=0.5))
            await log_until(bus, lambda seen: len(seen) == 1)
            await server.stop()
            assert service.not_ready() == "NATS is not reachable"
            await asyncio.sleep(0.7)  # the attempt ends meanwhile
            again = EmbeddedNats(tmp_path / "nats", int(server.url.rpartition(":")[2]))
            await again.start()
            try:
                log = await ended(bus)
                await queue_is_empty(bus)
            finally:
                await again.stop()
    finally:
        await bus.close()
    assert [one.event.id for one in log] == [f"{RUN}:n:1:started:1:1", f"{RUN}:n:1:succeeded"]


async def test_a_killed_process_is_replaced(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path.cwd()),
            "RUNFOLD_NATS_URL": settings.nats_url,
            "RUNFOLD_NODE_MODULES": "tests.support.executor_nodes",
            "RUNFOLD_ACK_WAIT": "1",
        }
        command = ("-m", "runfold", "serve", "executor", "--group", GROUP)

        async def process() -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                sys.executable, *command, env=environment, stderr=asyncio.subprocess.DEVNULL
            )

        first = await process()
        await bus.tasks.push(GROUP, probe(do="hang_once", value=str(tmp_path / "mark")))
        await log_until(bus, lambda seen: len(seen) == 1)
        first.kill()
        await first.wait()
        second = await process()
        log = await ended(bus)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), WITHIN) == 0
        await queue_is_empty(bus)

    started = [one.event for one in log if isinstance(one.event, NodeRunStarted)]
    assert len(started) == 2
    assert started[0].executor != started[1].executor
    done = log[-1].event
    assert isinstance(done, NodeRunSucceeded)
    assert done.outputs["key"] == f"{RUN}:n:1"


async def test_an_attempt_whose_result_is_in_the_log_is_not_made_again(tmp_path: Path) -> None:
    async with served(tmp_path, ack_wait=0.5) as (bus, settings):
        await bus.tasks.push(GROUP, probe("stored", value=1))
        await bus.tasks.push(GROUP, probe("lost", value=2))
        # As one that dies between its result and the ack.
        feed = bus.tasks.consume(GROUP, slots=2)
        leases = [await anext(aiter(feed)) for _ in range(2)]
        assert {lease.deliveries for lease in leases} == {1}
        about: Any = {"run_id": RUN, "workflow_id": "flow", "node_id": "stored"}
        await bus.events.append(NodeRunSucceeded(id="s", outputs={"output": 1}, **about))
        await feed.stop()
        async with working(bus, settings):
            await queue_is_empty(bus)
            log = await ended(bus, 2)
    seen = [(event_type(one.event), one.event.node_id) for one in log]  # type: ignore[union-attr]
    assert seen == [
        ("node_run_succeeded", "stored"),
        ("node_run_started", "lost"),
        ("node_run_succeeded", "lost"),
    ]


async def test_an_attempt_that_is_in_hand_here_is_not_begun_a_second_time(tmp_path: Path) -> None:
    async with served(tmp_path, ack_wait=0.5) as (bus, settings):
        await bus.tasks.push(GROUP, probe("slow", do="sleep", value=1.5))
        async with working(bus, settings):
            await log_until(bus, lambda seen: len(seen) == 1)
            # Its lease lapses, as that of a process that had no time does.
            keeping = next(one for one in asyncio.all_tasks() if "keep-alive" in one.get_name())
            keeping.cancel()
            await queue_is_empty(bus)
            log = await ended(bus)
    assert [event_type(one.event) for one in log] == ["node_run_started", "node_run_succeeded"]
