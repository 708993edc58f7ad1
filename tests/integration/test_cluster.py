"""Three servers: who may change how many copies there are, and what readers of copies see."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client import leader as leading
from runfold.bus.jetstream.client.direct_get import read_last, read_stored
from runfold.bus.jetstream.connect import connect, connect_client
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.jetstream.topology import provision
from runfold.bus.jetstream.topology.wanted import assets
from runfold.bus.uploads import store_file
from runfold.cli import cluster as command
from runfold.cli import dead, events
from runfold.cli import doctor as looking
from runfold.cli.cluster import Wanted
from runfold.client.runs import fresh_run_id
from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.errors import BusUnavailable, ConfigurationError, NotFound
from runfold.settings import Settings
from tests.contract.file_behaviour import parts
from tests.support.nats_cluster import NatsCluster, three_servers

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "run-a-cluster.md"
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
    pytest.mark.slow,
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsCluster]:
    async with three_servers(tmp_path_factory.mktemp("nats")) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="module")
async def nats(servers: NatsCluster, monkeypatch: pytest.MonkeyPatch) -> NatsCluster:
    """The cluster with nothing in it, and a shell that says nothing of copies."""
    monkeypatch.delenv("RUNFOLD_REPLICAS", raising=False)
    nc = await servers.client()
    js = nc.jetstream()
    for asset in assets(Settings()):
        try:
            await js.delete_stream(asset.stream)
        except Exception as error:  # noqa: BLE001 -- what is not there need not go
            del error
    await nc.close()
    return servers


async def opened(nats: NatsCluster, name: str = "", **settings: Any) -> JetStreamBus:
    url = nats.url_of(name) if name else nats.url
    return await connect(Settings(nats_url=url, **settings), timeout=30)


async def copies(bus: JetStreamBus) -> set[int]:
    js = bus.nc.jetstream()
    infos = [await js.stream_info(asset.stream) for asset in assets(Settings())]
    return {info.config.num_replicas for info in infos}


async def has_copies(bus: JetStreamBus, consumer: str) -> None:
    """Wait for a consumer's two further copies: the server makes them after those of its stream."""
    js = bus.nc.jetstream()
    async with asyncio.timeout(30):
        while True:
            cluster = (await js.consumer_info("TASKS", consumer)).cluster
            if cluster is not None and len(cluster.replicas or ()) == 2:
                return
            await asyncio.sleep(0.1)


def task() -> Task:
    return Task(run_id=fresh_run_id(), workflow_id="w", node_id="n", node_type="t", attempt=1)


def wanted(nats: NatsCluster, replicas: int = 0) -> Wanted:
    return Wanted(replicas, (), nats.url, None)


async def test_commands_of_a_shell_without_the_setting_leave_three_copies(
    nats: NatsCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(nats, replicas=3)
    assert await copies(bus) == {3}
    assert await looking.doctor(nats.url, None, as_json=False) == 0
    out = capsys.readouterr().out
    assert "as it should be" in out
    assert "for-services" not in out
    assert await dead.listed(10, nats.url, None, as_json=True) == 0
    with pytest.raises(NotFound):
        await events.events("nobody", nats.url, None, follow=False)
    for settings in ({}, {"replicas": 1}, {"replicas": 5}):
        other = await opened(nats, **settings)
        await other.close()
    assert await copies(bus) == {3}
    assert await command.plan(wanted(nats), as_json=False) == 0
    assert await command.plan(wanted(nats, 1), as_json=False) == 1
    assert "stream EVENTS: replicas 3 -> 1" in capsys.readouterr().out
    assert await copies(bus) == {3}
    await bus.close()


async def test_an_empty_cluster_asks_how_many_copies(nats: NatsCluster) -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_REPLICAS") as raised:
        await opened(nats)
    assert raised.value.code == "bus.replicas_unset"
    nc = await nats.client()
    assert await nc.jetstream().streams_info() == []
    await nc.close()


async def test_what_is_new_gets_as_many_copies_as_the_rest(nats: NatsCluster) -> None:
    bus = await opened(nats, replicas=3)
    await bus.nc.jetstream().delete_stream("KV_runfold_waits")
    other = await opened(nats)
    assert await copies(other) == {3}
    for one in (bus, other):
        await one.close()


async def test_more_copies_than_servers_are_waited_for_and_then_named(
    nats: NatsCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    nc = await connect_client(Settings(nats_url=nats.url), timeout=30)
    with pytest.raises(BusUnavailable, match="create stream EVENTS") as raised:
        await provision.provide(nc, Settings(replicas=5), within=0.5)
    assert raised.value.code == "bus.not_ready"
    assert "10005" in str(raised.value)
    await nc.close()


@pytest.mark.slow
async def test_streams_buckets_stores_and_consumers_follow_a_change(
    nats: NatsCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(nats, replicas=1)
    await bus.blobs.put(b"b" * 300_000)
    await bus.definitions.put("w.1", b"kept")
    for _ in range(20):
        await bus.tasks.push("g", task())
    feed = bus.tasks.consume("g", slots=1)
    async for lease in feed:
        await lease.ack()
        break
    await feed.stop()
    assert await command.apply(wanted(nats, 3), yes=True) == 0
    out = capsys.readouterr().out
    assert "bucket runfold_leases: changed; it has 3 copies" in out
    assert "object store runfold_blobs: changed; it has 3 copies" in out
    assert await copies(bus) == {3}
    await nats.whole()
    js = bus.nc.jetstream()
    await has_copies(bus, "executor-g")
    assert (await js.stream_info("TASKS")).state.messages == 19
    assert await bus.definitions.get("w.1") == (b"kept", 1)
    assert await command.plan(wanted(nats), as_json=False) == 0
    await bus.close()


async def test_a_backup_of_a_cluster_is_restored_to_one(nats: NatsCluster, tmp_path: Path) -> None:
    bus = await opened(nats, replicas=3)
    await bus.definitions.put("w.1", b"kept")
    digest = await bus.blobs.put(b"b" * 300_000)
    assert await command.backup(tmp_path / "backup", nats.url, None) == 0
    js = bus.nc.jetstream()
    for asset in assets(Settings()):
        await js.delete_stream(asset.stream)
    assert await command.restored(tmp_path / "backup", wanted(nats)) == 0
    await (await opened(nats)).close()
    assert await copies(bus) == {3}
    assert await bus.definitions.get("w.1") == (b"kept", 1)
    assert await bus.blobs.get(digest) == b"b" * 300_000
    await bus.close()


async def test_a_change_that_stopped_halfway_is_seen_and_finished(
    nats: NatsCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(nats, replicas=3)
    js = bus.nc.jetstream()
    feed = bus.tasks.consume("g", slots=1)
    await bus.tasks.push("g", task())
    async for lease in feed:
        await lease.ack()
        break
    await feed.stop()
    for stream in ("EVENTS", "TASKS", "KV_runfold_leases", "OBJ_runfold_blobs"):
        await js.update_stream((await js.stream_info(stream)).config.evolve(num_replicas=1))
    assert await looking.doctor(nats.url, None, as_json=False) == 1
    assert "stream EVENTS: replicas is 1, should be 3" in capsys.readouterr().out
    assert await command.apply(wanted(nats), yes=True) == 0
    assert await copies(bus) == {3}
    await nats.whole()
    await has_copies(bus, "executor-g")
    await bus.close()


async def test_what_was_written_is_read_at_once_whichever_server_is_asked(
    nats: NatsCluster,
) -> None:
    async with AsyncExitStack() as stack:
        buses = []
        for name in nats.names:
            buses.append(await opened(nats, name, replicas=3))
            stack.push_async_callback(buses[-1].close)
        writer = buses[0]
        run_id = fresh_run_id()
        await writer.events.start_run(
            e.RunStarted(id="s", run_id=run_id, workflow_id="w", definition={})
        )
        for number in range(60):
            fact = e.NodeRunSucceeded(
                id=f"{run_id}:{number}", run_id=run_id, workflow_id="w", node_id=f"n{number}"
            )
            ack = await writer.events.append(fact)
            revision = await writer.waits.put(f"event.{number}", b"note")
            name = f"{number}.txt"
            await store_file(writer.files, parts(name.encode()), name=name)
            for reader in buses[1:]:
                read = await reader.events.read_run(run_id)
                assert read[-1].seq == ack.seq
                assert len(read) == number + 2
                last = await read_last(reader.nc, "EVENTS", f"runfold.events.*.w.{run_id}.*")
                assert last is not None
                assert last.seq == ack.seq
                assert await reader.waits.get(f"event.{number}") == (b"note", revision)
                assert len(await reader.waits.entries("event.")) == number + 1
                assert await reader.waits.newest("event.", limit=1) == {f"event.{number}": b"note"}
                files = [one.file.name for one in await reader.files.newest(limit=200)]
                assert files == [f"{one}.txt" for one in reversed(range(number + 1))]


@pytest.mark.slow
async def test_the_commands_of_the_guide_work_as_they_are_printed(
    nats: NatsCluster, tmp_path: Path
) -> None:
    await (await opened(nats, replicas=3)).close()
    await nats.whole()
    blocks = re.findall(r"```bash\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) > 8
    async with EmbeddedNats(tmp_path / "other") as empty:
        for line in lines:
            program, *words = shlex.split(line.replace("/var/backups/runfold", str(tmp_path)))
            assert program == "runfold"
            restores = "restore" in words
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "runfold", *words),
                *(("--replicas", "1") if restores else ()),
                env={
                    **os.environ,
                    "RUNFOLD_NATS_URL": empty.url if restores else nats.url,
                    "RUNFOLD_DATA_DIR": str(tmp_path / "data"),
                },
                cwd=GUIDE.parents[2],
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            out, err = await process.communicate()
            assert process.returncode == 0, (line, out, err)
            assert b"for-services" not in out + err


async def test_a_copy_that_stays_behind_is_no_answer(
    nats: NatsCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await opened(nats, replicas=3)
    from runfold.bus.jetstream.client import direct_get

    async def ahead(*_: Any) -> leading.Stored:
        return leading.Stored(99, 0.0, "s", b"")

    monkeypatch.setattr(direct_get, "read_newest", ahead)
    monkeypatch.setattr(direct_get, "TIMEOUT", 0.2)
    with pytest.raises(BusUnavailable, match="behind their leader"):
        [one async for one in read_stored(bus.nc, "DEAD", "runfold.dead.>")]
    await bus.close()


async def test_a_key_that_two_write_at_once_is_a_conflict_and_never_an_outage(
    nats: NatsCluster,
) -> None:
    first, second = await opened(nats, "nats-1", replicas=3), await opened(nats, "nats-2")
    for number in range(30):
        revision = await first.places.put("key", b"0")
        writes = (first.places.update("key", b"1", revision) for first in (first, second))
        results = await asyncio.gather(*writes, return_exceptions=True)
        codes = sorted(getattr(one, "code", "written") for one in results)
        assert codes == ["kv.conflict", "written"], (number, results)
    for one in (first, second):
        await one.close()
