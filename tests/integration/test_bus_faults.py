"""What the bus does when the server dies, is full, cannot be reached, or is sent garbage."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nats.aio.msg import Msg
from nats.js import api
from nats.js.object_store import ObjectStore

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client import direct_get
from runfold.bus.jetstream.client import requests as round_trip_module
from runfold.bus.jetstream.client.connection import FULL
from runfold.bus.jetstream.client.leader import purge
from runfold.bus.jetstream.client.object_bucket import Object
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import Task
from runfold.errors import BusUnavailable, ConfigurationError, NotFound
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.stack import CORE


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fact(number: int, **outputs: Any) -> e.NodeRunSucceeded:
    return e.NodeRunSucceeded(
        id=f"r:{number}", run_id="r", workflow_id="w", node_id=f"n{number}", outputs=outputs
    )


def freeze(server: EmbeddedNats) -> None:
    """Stop a server, and wait until every thread of it has stopped."""
    os.kill(server.pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{server.pid}/task").iterdir())
    while any((one / "stat").read_text().rpartition(") ")[2][0] != "T" for one in threads):
        time.sleep(0.001)


async def kill(server: EmbeddedNats) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.died()


async def test_a_server_killed_and_restarted_loses_nothing_that_was_acked(tmp_path: Path) -> None:
    port = free_port()
    first = EmbeddedNats(tmp_path, port)
    await first.start()
    bus = await connect(Settings(nats_url=first.url, ack_wait=0.5))
    seen: list[str] = []
    all_seen = asyncio.Event()

    async def follow() -> None:
        async for batch in bus.events.follow():
            seen.extend(record.event.id for record in batch)  # type: ignore[union-attr]
            if len(seen) >= 200:
                all_seen.set()

    following = asyncio.create_task(follow())
    feed = bus.tasks.consume("g", slots=4)
    taking = asyncio.ensure_future(anext(feed.__aiter__()))
    await asyncio.gather(*(bus.events.append(fact(i)) for i in range(100)))
    await kill(first)
    late = [bus.events.append(fact(i)) for i in range(100, 200)]
    async with EmbeddedNats(tmp_path, port):
        acks = await asyncio.gather(*late)
        assert len({ack.seq for ack in acks}) == 100
        await bus.tasks.push("g", Task(run_id="r", workflow_id="w", node_id="n", node_type="noop"))
        lease = await asyncio.wait_for(taking, 20)
        await lease.ack()
        await asyncio.wait_for(all_seen.wait(), 20)
        assert seen == [f"r:{i}" for i in range(200)]
        assert len(await bus.events.read_run("r")) == 200
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await feed.stop()
        await bus.close()


async def test_a_publisher_waits_for_a_server_that_takes_nothing(tmp_path: Path) -> None:
    """What is under way is bounded by bytes too: its acks would be late before it is sent."""
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        os.kill(server.pid, signal.SIGSTOP)
        try:
            sent = [bus.events.append(fact(number, output="x" * 60_000)) for number in range(400)]
            assert len(bus._publisher._under_way) * 60_000 <= FULL + 60_000
            for _ in range(50):
                await asyncio.sleep(0)
            # The kernel takes some more.
            assert len(bus._publisher._under_way) * 60_000 <= 3 * FULL
        finally:
            os.kill(server.pid, signal.SIGCONT)
        acks = await asyncio.gather(*sent)
        assert [ack.seq for ack in acks] == list(range(1, 401))
        await bus.close()


async def test_runs_in_flight_finish_after_the_server_came_back(tmp_path: Path) -> None:
    port = free_port()
    first = EmbeddedNats(tmp_path, port)
    await first.start()
    settings = Settings(nats_url=first.url, data_dir=tmp_path, ack_wait=1)
    bus = await connect(settings)
    nodes = [{"id": f"n{i}", "type": "code", "config": {"code": SLOW}} for i in range(4)]
    workflow, _ = prepare({"id": "w", "nodes": nodes})
    definition = msgspec.Raw(canonical_bytes(workflow))
    async with run_services(bus, settings, (*CORE, "projection")):
        runs = RunClient(bus)
        started = [
            await runs.start(RunRequest(workflow_id="w", definition=definition)) for _ in range(5)
        ]
        await kill(first)
        async with EmbeddedNats(tmp_path, port):
            for run_id in started:
                view = await runs.wait(run_id, 40)
                assert view is not None
                assert view.status == "succeeded", view.error
    await bus.close()


SLOW = "result = sum(i for i in range(200_000))"


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[JetStreamBus]:
    async with EmbeddedNats(tmp_path) as server:
        made = await connect(Settings(nats_url=server.url))
        yield made
        await made.close()


def once_found(
    monkeypatch: pytest.MonkeyPatch, store: ObjectStore, then: Callable[[], Awaitable[None]]
) -> None:
    """Have something happen between the look at an object's entry and that at its chunks."""
    real = store.get_info

    async def get_info(name: str, show_deleted: bool | None = False) -> api.ObjectInfo:
        info = await real(name, show_deleted)
        monkeypatch.setattr(store, "get_info", real)
        await then()
        return info

    monkeypatch.setattr(store, "get_info", get_info)


async def test_a_snapshot_that_goes_while_it_is_fetched_is_none(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bus.snapshots._store
    await bus.snapshots.put("r", b"1" * 300_000)
    async with asyncio.timeout(20):
        once_found(monkeypatch, store, lambda: bus.snapshots.put("r", b"2" * 300_000))
        assert await bus.snapshots.get("r") is None
        assert await bus.snapshots.get("r") == b"2" * 300_000
        once_found(monkeypatch, store, lambda: bus.snapshots.drop("r"))
        assert await bus.snapshots.get("r") is None
    assert await bus.nc.jetstream().consumers_info(f"OBJ_{subjects.SNAPSHOTS}") == []


async def test_a_payload_without_its_chunks_is_not_found(bus: JetStreamBus) -> None:
    digest = await bus.blobs.put(b"z" * 400_000)
    found = await bus.blobs.objects.find(digest)
    assert found is not None
    stream = f"OBJ_{subjects.BLOBS}"
    chunks = f"$O.{subjects.BLOBS}.C.{found.info.nuid}"
    assert await purge(bus.nc, stream, chunks) == 4
    async with asyncio.timeout(20):
        with pytest.raises(NotFound) as missing:
            await bus.blobs.get(digest)
    assert missing.value.code == "payload.not_found"
    assert await bus.nc.jetstream().consumers_info(stream) == []


async def test_objects_are_not_waited_for_when_the_server_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_get, "TIMEOUT", 0.2)
    port = free_port()
    first = EmbeddedNats(tmp_path, port)
    await first.start()
    bus = await connect(Settings(nats_url=first.url))
    digest = await bus.blobs.put(b"z" * 400_000)
    await bus.snapshots.put("r", b"1" * 300_000)
    info = await bus.snapshots._store.get_info("r")

    async def known(_name: str, _show_deleted: bool | None = False) -> api.ObjectInfo:
        return info

    monkeypatch.setattr(bus.snapshots._store, "get_info", known)
    find = bus.blobs.objects.find

    async def found(name: str) -> Object | None:
        there = await find(name)
        await kill(first)
        return there

    monkeypatch.setattr(bus.blobs.objects, "find", found)
    async with asyncio.timeout(20):
        with pytest.raises(BusUnavailable):
            await bus.blobs.get(digest)
        assert await bus.snapshots.get("r") is None
    async with EmbeddedNats(tmp_path, port):
        async with asyncio.timeout(20):
            await back(bus)
        monkeypatch.undo()
        assert await bus.blobs.get(digest) == b"z" * 400_000
        assert await bus.snapshots.get("r") == b"1" * 300_000
        await bus.close()


async def back(bus: JetStreamBus) -> None:
    """Until the connection is there again."""
    while True:
        try:
            await bus.events.last_seq()
        except BusUnavailable:
            continue
        return


async def test_garbage_is_buried_and_the_queue_moves_on(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await bus.nc.publish("runfold.tasks.g.noop", b"\xff garbage")
        await bus.tasks.push("g", Task(run_id="r", workflow_id="w", node_id="n", node_type="noop"))
        feed = bus.tasks.consume("g", slots=4)
        lease = await asyncio.wait_for(anext(feed.__aiter__()), 10)
        assert lease.task.node_id == "n"
        letters = await bus.dead.read()
        while not letters:
            letters = await bus.dead.read()
        assert letters[0].source == "runfold.tasks.g.noop"
        assert letters[0].code == "message.undecodable"
        js = bus.nc.jetstream()
        await js.publish(subjects.event("w", "r", "run_started"), b"{")
        await js.publish(subjects.chunks("w", "r"), b"[]")
        for _ in range(2):
            assert await bus.events.read_run("r") == []
            assert await bus.chunks.read("r") == []
        while len(letters) < 3:
            letters = await bus.dead.read()
        assert len(letters) == 3
        assert {letter.run_id for letter in letters[1:]} == {"r"}
        await feed.stop()
        await bus.close()


async def test_a_handed_in_payload_leaves_a_readable_message(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await bus.events.append(fact(1, text="x" * 2_000_000))
        raw = await bus.nc.jetstream().get_msg(subjects.EVENTS, 1)
        shown = json.loads(raw.data or b"")
        assert (shown["type"], shown["run_id"]) == ("node_run_succeeded", "r")
        assert shown["claim"]["size"] > 2_000_000
        assert len(raw.data or b"") < 1000
        await bus.close()


async def test_a_full_stream_says_so(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await _limit(bus, 2)
        await asyncio.gather(bus.events.append(fact(1)), bus.events.append(fact(2)))
        with pytest.raises(BusUnavailable) as caught:
            await bus.events.append(fact(3))
        assert caught.value.code == "bus.full"
        assert caught.value.retryable
        await bus.close()


async def _limit(bus: JetStreamBus, messages: int) -> None:
    js = bus.nc.jetstream()
    config = (await js.stream_info(subjects.EVENTS)).config
    config.max_msgs = messages
    config.discard = api.DiscardPolicy.NEW
    await js.update_stream(config)


async def test_starting_twice_changes_nothing(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        settings = Settings(nats_url=server.url)
        buses = await asyncio.gather(*(connect(settings) for _ in range(3)))
        await _limit(buses[0], 1_000)
        again = await connect(settings)
        kept = (await again.nc.jetstream().stream_info(subjects.EVENTS)).config
        assert kept.max_msgs == 1_000
        for bus in (*buses, again):
            await bus.close()


async def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(BusUnavailable) as caught:
        await connect(Settings(nats_url="nats://127.0.0.1:1"), timeout=0.5)
    assert "runfold dev" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError) as caught:
            await EmbeddedNats(tmp_path, port).start()
    assert f"port {port} is in use" in str(caught.value)


async def test_a_directory_that_cannot_be_one_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        await EmbeddedNats(tmp_path / "file").start()
    assert caught.value.code == "data_dir.not_writable"


async def test_a_watch_that_is_given_up_leaves_the_connection_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await bus.events.last_seq()
        before = len(bus.nc._subs)
        freeze(server)
        try:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(bus.live.watch("r", lambda _: None), 0.05)
            monkeypatch.setattr(round_trip_module, "TIMEOUT", 0.05)
            with pytest.raises(BusUnavailable):
                await bus.live.watch("r", lambda _: None)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        monkeypatch.undo()
        # What the server answers late harms nobody.
        told: asyncio.Queue[Any] = asyncio.Queue()
        stop = await bus.live.watch("r", told.put_nowait)
        await bus.events.append(fact(1))
        assert (await asyncio.wait_for(told.get(), 10)).event == fact(1)
        await stop()
        assert len(bus.nc._subs) == before
        await bus.close()


async def test_who_gives_up_as_the_answer_comes_is_let_go(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        asking = asyncio.create_task(bus.raw.has_run("r"))
        while not bus.nc._resp_map:  # noqa: ASYNC110 -- until it waits
            await asyncio.sleep(0)
        (answer,) = bus.nc._resp_map.values()
        answer.set_result(Msg(bus.nc, headers={"Status": "404"}))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await bus.close()


async def test_two_servers_never_share_a_directory(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as first:
        with pytest.raises(ConfigurationError) as caught:
            await EmbeddedNats(tmp_path).start()
        assert f"kill {first.pid}" in str(caught.value)
    async with EmbeddedNats(tmp_path):
        pass


async def test_a_closed_connection_searches_for_no_server(tmp_path: Path) -> None:
    """Also when the first cancellation of its search is lost."""
    server = EmbeddedNats(tmp_path)
    await server.start()
    bus = await connect(Settings(nats_url=server.url))
    await kill(server)
    searching = bus.nc._reconnection_task
    while searching is None:
        await asyncio.sleep(0)
        searching = bus.nc._reconnection_task
    await bus.close()
    assert searching.done()
