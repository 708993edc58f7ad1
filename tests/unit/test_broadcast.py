"""Showing a run to many on the in-memory bus: one watch, one encoding, each from where it was."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.viewer import RunViewer
from runfold.contracts import events as e
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_gateway import broadcast as broadcast_module
from runfold_gateway.broadcast import Broadcasts, Watching
from runfold_gateway.frames import FrameMaker, Place, place_in

ABOUT = {"run_id": "r", "workflow_id": "w"}
END = e.RunSucceeded(id="r:end", **ABOUT)


def started() -> e.RunStarted:
    workflow, _ = prepare({"id": "w", "nodes": [{"id": "n", "type": "noop"}]})
    return e.RunStarted(id="r:s", definition=msgspec.Raw(canonical_bytes(workflow)), **ABOUT)


def chunk(number: int, text: str = "") -> e.StreamChunk:
    return e.StreamChunk(**ABOUT, node_id="n", index=number, text=text or str(number))


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(Settings())


@pytest.fixture
def broadcasts(bus: MemoryBus) -> Broadcasts:
    return Broadcasts(RunViewer(bus), 50)


class Reader:
    """A viewer that reads, and the bytes it got whichever way they came."""

    def __init__(self, watching: Watching, *, direct: bool) -> None:
        self.got = b""
        self.written = 0
        self._watching = watching
        self._direct = direct

    async def to_the_end(self) -> bytes:
        while True:
            if piece := self._watching.take():
                self.got += piece
            elif self._watching.ended:
                return self.got
            else:
                await self._watching.more(5, self._write if self._direct else None)

    def _write(self, wire: bytes) -> None:
        size, _, rest = wire.partition(b"\r\n")
        assert rest[int(size, 16) :] == b"\r\n"
        self.got += rest[:-2]
        self.written += 1


def ids(text: bytes) -> list[str]:
    return [line[4:] for line in text.decode().splitlines() if line.startswith("id: ")]


async def told(bus: MemoryBus, chunks: int) -> None:
    await bus.events.append(started())
    for i in range(chunks):
        await bus.chunks.publish(chunk(i))
        await asyncio.sleep(0)
    await bus.events.append(END)


async def test_many_share_one_watch_one_fold_and_one_encoding(
    bus: MemoryBus, broadcasts: Broadcasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    watches, made = 0, 0
    watch, batch = bus.live.watch, FrameMaker.batch

    async def counted(*arguments: Any) -> Any:
        nonlocal watches
        watches += 1
        return await watch(*arguments)

    def made_once(*arguments: Any) -> Any:
        nonlocal made
        made += 1
        return batch(*arguments)

    bus.live.watch = counted  # type: ignore[method-assign]
    monkeypatch.setattr(FrameMaker, "batch", made_once)
    joined = [broadcasts.join("r", Place(), as_lines=False) for _ in range(20)]
    readers = [Reader(one, direct=i % 2 == 0) for i, one in enumerate(joined)]
    reading = asyncio.gather(*(reader.to_the_end() for reader in readers))
    await asyncio.sleep(0.01)
    await told(bus, 30)
    texts = await asyncio.wait_for(reading, 5)
    assert len(set(texts)) == 1
    assert len(ids(texts[0])) == 33  # with the end
    assert (watches, made) == (1, 32)
    assert readers[0].written > 20
    assert readers[1].written == 0


async def test_each_goes_on_from_where_it_was(bus: MemoryBus, broadcasts: Broadcasts) -> None:
    first = Reader(broadcasts.join("r", Place(), as_lines=False), direct=True)
    reading = asyncio.ensure_future(first.to_the_end())
    await told(bus, 5)
    whole = await asyncio.wait_for(reading, 5)
    places = ids(whole)
    for number, place in enumerate(places[:-1], 1):
        again = Reader(broadcasts.join("r", place_in(place), as_lines=False), direct=True)
        rest = await asyncio.wait_for(again.to_the_end(), 5)
        assert whole.endswith(rest)
        assert ids(rest) == places[number:] or ids(rest) == places[-1:]


async def test_who_lags_is_cut_and_the_others_are_not(
    bus: MemoryBus, broadcasts: Broadcasts
) -> None:
    slow = broadcasts.join("r", Place(), as_lines=True)
    quick = Reader(broadcasts.join("r", Place(), as_lines=True), direct=True)
    reading = asyncio.ensure_future(quick.to_the_end())
    await asyncio.sleep(0.01)
    await told(bus, 80)
    whole = await asyncio.wait_for(reading, 5)
    assert len(whole.splitlines()) == 83
    assert msgspec.json.decode(slow.take())["code"] == "viewer.too_slow"
    assert slow.take() == b""
    assert slow.ended


async def test_who_lags_by_too_many_bytes_is_cut(
    bus: MemoryBus, broadcasts: Broadcasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_module, "KEPT", 2000)
    slow = broadcasts.join("r", Place(), as_lines=True)
    await asyncio.sleep(0.01)
    await bus.events.append(started())
    for i in range(5):
        await bus.chunks.publish(chunk(i, "x" * 1000))
    await asyncio.sleep(0.01)
    assert msgspec.json.decode(slow.take())["code"] == "viewer.too_slow"
    assert slow.ended


async def test_what_everybody_has_is_let_go_and_a_newcomer_still_gets_everything(
    bus: MemoryBus, broadcasts: Broadcasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_module, "KEPT", 2000)
    first = broadcasts.join("r", Place(), as_lines=True)
    reader = Reader(first, direct=True)
    reading = asyncio.ensure_future(reader.to_the_end())
    await asyncio.sleep(0.01)
    await bus.events.append(started())
    for i in range(30):
        await bus.chunks.publish(chunk(i, "x" * 200))
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    late = Reader(broadcasts.join("r", Place(), as_lines=True), direct=True)
    reading_late = asyncio.ensure_future(late.to_the_end())
    await asyncio.sleep(0.01)
    await bus.events.append(END)
    whole = await asyncio.wait_for(reading, 5)
    assert await asyncio.wait_for(reading_late, 5) == whole
    assert first._broadcast._gone > 20


async def test_the_last_to_leave_ends_the_watch(bus: MemoryBus, broadcasts: Broadcasts) -> None:
    watchings = [broadcasts.join("r", Place(), as_lines=True) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert len(bus.live._watchers["r"]) == 1
    broadcasts.leave(watchings[0])
    await asyncio.sleep(0.01)
    assert len(bus.live._watchers["r"]) == 1
    broadcasts.leave(watchings[1])
    await asyncio.sleep(0.01)
    assert bus.live._watchers["r"] == []
    assert not broadcasts._shown


async def test_draining_ends_all_streams(bus: MemoryBus, broadcasts: Broadcasts) -> None:
    await bus.events.append(started())
    readers = [Reader(broadcasts.join("r", Place(), as_lines=True), direct=True) for _ in range(3)]
    reading = asyncio.gather(*(reader.to_the_end() for reader in readers))
    await asyncio.sleep(0.01)
    broadcasts.drain()
    texts = await asyncio.wait_for(reading, 1)
    assert [len(text.splitlines()) for text in texts] == [1, 1, 1]
    assert broadcasts.join("r", Place(), as_lines=True).ended


async def test_silence_is_told_apart(bus: MemoryBus, broadcasts: Broadcasts) -> None:
    watching = broadcasts.join("r", Place(), as_lines=True)
    assert not await watching.more(0.02, None)
    await bus.events.append(started())
    assert await watching.more(5, None)


async def test_a_log_that_cannot_be_folded_ends_its_stream_only(
    bus: MemoryBus, broadcasts: Broadcasts
) -> None:
    await bus.events.append(END)
    reader = Reader(broadcasts.join("r", Place(), as_lines=False), direct=True)
    text = await asyncio.wait_for(reader.to_the_end(), 5)
    assert text.startswith(b"event: error\n")


@pytest.mark.parametrize("error", [OSError("unforeseen"), asyncio.CancelledError()])
async def test_whatever_ends_a_broadcast_ends_its_streams_and_the_next_begins_anew(
    bus: MemoryBus, broadcasts: Broadcasts, error: BaseException
) -> None:
    watch = bus.live.watch

    async def broken(*_: Any) -> Any:
        bus.live.watch = watch  # type: ignore[method-assign]
        raise error

    bus.live.watch = broken  # type: ignore[method-assign]
    first = Reader(broadcasts.join("r", Place(), as_lines=False), direct=True)
    text = await asyncio.wait_for(first.to_the_end(), 5)
    assert b"event: end" not in text
    second = Reader(broadcasts.join("r", Place(), as_lines=False), direct=True)
    reading = asyncio.ensure_future(second.to_the_end())
    await told(bus, 1)
    assert len(ids(await asyncio.wait_for(reading, 5))) == 4  # with the end
