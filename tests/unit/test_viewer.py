"""Watching a run on the in-memory bus: nothing missed, nothing twice, slow viewers cut."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.bus import viewer as viewer_module
from runfold.bus.memory.bus import MemoryBus
from runfold.bus.viewer import RunViewer, TooSlow
from runfold.client.hub import SharedLive
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from runfold.settings import Settings


def fact(number: int) -> e.NodeRunSucceeded:
    return e.NodeRunSucceeded(id=f"r:{number}", run_id="r", workflow_id="w", node_id=f"n{number}")


def chunk(number: int) -> e.StreamChunk:
    return e.StreamChunk(run_id="r", workflow_id="w", node_id="n", index=number, text=str(number))


END = e.RunSucceeded(id="r:end", run_id="r", workflow_id="w")


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(Settings())


async def followed(viewer: RunViewer, **after: int) -> list[Any]:
    return [message async for message in viewer.follow("r", **after)]


async def test_what_is_stored_and_what_comes_live_are_one_stream(bus: MemoryBus) -> None:
    await bus.events.append(fact(0))
    await bus.chunks.publish(chunk(0))
    following = asyncio.ensure_future(followed(RunViewer(bus)))
    await asyncio.sleep(0)
    for i in range(1, 4):
        await bus.events.append(fact(i))
        await bus.chunks.publish(chunk(i))
    await bus.events.append(END)
    seen = await asyncio.wait_for(following, 5)
    events = [message.event for message in seen if isinstance(message, e.Recorded)]
    assert events == [*(fact(i) for i in range(4)), END]
    chunks = [message.chunk for message in seen if isinstance(message, e.RecordedChunk)]
    assert chunks == [chunk(i) for i in range(4)]
    assert seen[-1].event == END


async def test_a_viewer_goes_on_from_where_it_was(bus: MemoryBus) -> None:
    for i in range(4):
        await bus.events.append(fact(i))
        await bus.chunks.publish(chunk(i))
    await bus.events.append(END)
    whole = await followed(RunViewer(bus))
    rest = await followed(RunViewer(bus), after_event=2, after_chunk=3)
    assert rest == [m for m in whole if m.seq > (2 if isinstance(m, e.Recorded) else 3)]
    end = whole[-1].seq
    assert await asyncio.wait_for(followed(RunViewer(bus), after_event=end, after_chunk=9), 5) == []


class Deaf:
    """Live messages that never arrive."""

    async def watch(self, _run_id: str, _on_message: object, _on_gap: object = None) -> Any:
        async def stop() -> None:
            pass

        return stop


async def test_lost_live_messages_are_found_in_the_streams(
    bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer_module, "SILENCE", 0.01)
    following = asyncio.ensure_future(followed(RunViewer(bus, live=Deaf())))
    for i in range(3):
        await bus.events.append(fact(i))
        await bus.chunks.publish(chunk(i))
    await bus.events.append(END)
    seen = await asyncio.wait_for(following, 5)
    assert len(seen) == 7


async def test_what_was_stored_during_a_gap_comes_before_what_follows_it(bus: MemoryBus) -> None:
    told: list[Any] = []

    class Breaking:
        """Live messages with a hole between them."""

        async def watch(self, _run_id: str, on_message: Any, on_gap: Any = None) -> Any:
            told.extend((on_message, on_gap))
            return bus.close

    following = RunViewer(bus, live=Breaking()).follow("r")
    await bus.events.append(fact(0))
    seen = [await anext(following)]
    on_message, on_gap = told
    await bus.events.append(fact(1))
    await bus.events.append(fact(2))
    on_gap()
    on_message((await bus.events.read_run("r"))[2])
    await bus.events.append(END)
    on_message((await bus.events.read_run("r"))[3])
    seen += [message async for message in following]
    assert [message.event for message in seen] == [fact(0), fact(1), fact(2), END]


async def test_a_viewer_that_is_too_slow_is_cut_off(bus: MemoryBus) -> None:
    await bus.events.append(fact(0))
    following = RunViewer(bus, queue=3).follow("r")
    assert (await anext(following)).event == fact(0)
    for i in range(1, 10):
        await bus.events.append(fact(i))
    with pytest.raises(TooSlow):
        await anext(following)
    assert len(await bus.events.read_run("r")) == 10


async def test_many_viewers_share_one_watch(bus: MemoryBus) -> None:
    watches = 0
    real = bus.live.watch

    async def counted(run_id: str, *callbacks: Any) -> Any:
        nonlocal watches
        watches += 1
        return await real(run_id, *callbacks)

    bus.live.watch = counted  # type: ignore[method-assign]
    shared = SharedLive(bus.live)
    following = [asyncio.ensure_future(followed(RunViewer(bus, live=shared))) for _ in range(20)]
    await asyncio.sleep(0)
    await bus.events.append(fact(0))
    await bus.events.append(END)
    seen = await asyncio.gather(*following)
    assert all(len(one) == 2 for one in seen)
    assert watches == 1


async def test_the_whole_engine_runs_on_the_twin(bus: MemoryBus) -> None:
    nodes = [{"id": f"n{i}", "type": "noop", "config": {"output": i}} for i in range(3)]
    workflow, _ = prepare({"id": "w", "nodes": nodes})
    request = RunRequest(workflow_id="w", definition=msgspec.Raw(canonical_bytes(workflow)))
    async with run_services(bus, Settings(), ("scheduler", "executor-text")):
        runs = RunClient(bus)
        view = await runs.wait(await runs.start(request), 10)
    assert view is not None
    assert (view.status, view.outputs) == ("succeeded", {"output": 2})


async def test_a_clock_that_goes_back_loses_and_swaps_nothing() -> None:
    now = 1000.0
    bus = MemoryBus(Settings(), lambda: now)
    for number in range(3):
        await bus.events.append(fact(number))
        now += 1
        await bus.chunks.publish(chunk(number))
        now += -30 if number == 1 else 1
    await bus.events.append(END)
    seen = await followed(RunViewer(bus))
    events = [message.event for message in seen if isinstance(message, e.Recorded)]
    assert events == [fact(0), fact(1), fact(2), END]
    chunks = [message.chunk.index for message in seen if isinstance(message, e.RecordedChunk)]
    assert chunks == [0, 1, 2]
    assert seen[-1].event == END
