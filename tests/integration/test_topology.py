"""What a start creates, reports and leaves alone; and what `runfold cluster` changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nats.js import api
from structlog.testing import capture_logs

from runfold.bus.jetstream.bus import JetStreamBus, Role
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.jetstream.topology.wanted import assets
from runfold.cli import cluster as command
from runfold.cli import doctor as looking
from runfold.cli.cluster import Wanted
from runfold.client.runs import fresh_run_id
from runfold.contracts.tasks import Task
from runfold.errors import ConfigurationError
from runfold.settings import Settings


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    async with EmbeddedNats(tmp_path / "nats") as server:
        yield server


async def opened(server: EmbeddedNats, role: Role = "member", **settings: Any) -> JetStreamBus:
    return await connect(Settings(nats_url=server.url, **settings), role=role)


async def take_one(bus: JetStreamBus, group: str = "g") -> float:
    """Take a task of a group, so that its consumer is there; the seconds it allows."""
    run_id = fresh_run_id()
    task = Task(run_id=run_id, workflow_id="w", node_id="n", node_type="t", attempt=1)
    await bus.tasks.push(group, task)
    feed = bus.tasks.consume(group, slots=1)
    async for lease in feed:
        await lease.ack()
        break
    await feed.stop()
    return feed.ack_wait


async def config_of(bus: JetStreamBus, stream: str) -> dict[str, Any]:
    return (await bus.nc.jetstream().stream_info(stream)).config.as_dict()


async def everything(bus: JetStreamBus) -> dict[str, Any]:
    return {a.stream: await config_of(bus, a.stream) for a in assets(Settings())}


def wanted(server: EmbeddedNats, *limits: str, replicas: int = 0) -> Wanted:
    return Wanted(replicas, limits, server.url, None)


async def test_starts_at_the_same_moment_create_everything_once(server: EmbeddedNats) -> None:
    buses = await asyncio.gather(*(opened(server) for _ in range(7)))
    before = await everything(buses[0])
    with capture_logs() as logs:
        buses.append(await opened(server))
    assert [one for one in logs if one["event"] == "topology differs"] == []
    assert await everything(buses[0]) == before
    assert await command.plan(wanted(server), as_json=False) == 0
    for bus in buses:
        await bus.close()


async def test_a_start_reports_what_differs_and_changes_nothing(server: EmbeddedNats) -> None:
    bus = await opened(server)
    js = bus.nc.jetstream()
    for stream, fields in {
        "EVENTS": {"duplicate_window": 60.0},
        "KV_runfold_leases": {"max_age": 99.0},
        "OBJ_runfold_snapshots": {"max_age": 999.0},
    }.items():
        await js.update_stream((await js.stream_info(stream)).config.evolve(**fields))
    before = await everything(bus)
    with capture_logs() as logs:
        again = await opened(server)
    told = {one["what"]: one["fix"] for one in logs if one["event"] == "topology differs"}
    assert told == {
        "stream EVENTS: duplicate_window is 60.0, should be 120.0": "runfold cluster apply",
        "bucket runfold_leases: max_age is 99.0, should be 10.0": "runfold cluster apply",
        "object store runfold_snapshots: max_age is 999.0, should be 604800.0": (
            "runfold cluster apply"
        ),
    }
    assert await everything(bus) == before
    await again.close()
    owner = await opened(server, role="owner")
    assert await command.plan(wanted(server), as_json=False) == 0
    await owner.close()
    await bus.close()


async def test_how_long_archived_runs_stay_is_not_the_archivers_to_change(
    server: EmbeddedNats,
) -> None:
    bus = await opened(server, archive_retention=3600)
    assert (await bus.archive.extent()).expires
    for settings in ({}, {"archive_retention": 0}, {"archive_retention": 1}):
        other = await opened(server, **settings)
        assert (await other.archive.extent()).expires
        assert (await config_of(bus, "ARCHIVE"))["max_age"] == 3600 * 10**9
        await other.close()
    owner = await opened(server, role="owner", archive_retention=0)
    assert not (await bus.archive.extent()).expires
    await owner.close()
    await bus.close()


async def test_a_consumer_is_left_as_another_process_made_it(server: EmbeddedNats) -> None:
    first = await opened(server, ack_wait=3, group_limit=5)
    assert await take_one(first) == 3
    with capture_logs() as logs:
        unset = await opened(server)
        assert await take_one(unset) == 3
    assert [one for one in logs if one["event"] == "topology differs"] == []
    with capture_logs() as logs:
        other = await opened(server, ack_wait=9, group_limit=7)
        # The process keeps its leases by what the queue allows, not by its own setting.
        assert await take_one(other) == 3
    assert [one["what"] for one in logs if one["event"] == "topology differs"] == [
        "consumer executor-g of TASKS: ack_wait is 3.0, should be 9.0",
        "consumer executor-g of TASKS: max_ack_pending is 5, should be 7",
    ]
    found = await other.nc.jetstream().consumer_info("TASKS", "executor-g")
    assert (found.config.ack_wait, found.config.max_ack_pending) == (3, 5)
    for bus in (first, unset, other):
        await bus.close()


async def test_a_groups_limit_is_changed_by_the_operator(
    server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(server, group_limit=5)
    for group in ("a", "b"):
        await take_one(bus, group)
    monkeypatch.setenv("RUNFOLD_GROUP_LIMIT", "9")  # of one group's services: no wish for all
    assert await command.plan(wanted(server), as_json=False) == 0
    assert await command.apply(wanted(server, "a=8"), yes=True) == 0
    assert "consumer executor-a of TASKS: max_ack_pending 5 -> 8" in capsys.readouterr().out
    js = bus.nc.jetstream()
    limits = [
        (await js.consumer_info("TASKS", f"executor-{group}")).config.max_ack_pending
        for group in ("a", "b")
    ]
    assert limits == [8, 5]
    assert await command.apply(wanted(server, "a=0"), yes=True) == 0
    assert (await js.consumer_info("TASKS", "executor-a")).config.max_ack_pending == 50_000
    for wrong in ("a", "a=", "=3", "a=x", "a=-1"):
        with pytest.raises(ConfigurationError, match="llm=10"):
            await command.plan(wanted(server, wrong), as_json=False)
    await bus.close()


async def test_apply_asks_and_changes_only_then(
    server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(server)
    js = bus.nc.jetstream()
    await js.update_stream((await js.stream_info("CHUNKS")).config.evolve(max_age=600.0))
    before = await everything(bus)
    assert await command.plan(wanted(server), as_json=True) == 1
    assert '"max_age"' in capsys.readouterr().out
    with pytest.raises(ConfigurationError, match="--yes"):
        await command.apply(wanted(server), yes=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert await command.apply(wanted(server), yes=False) == 1
    assert "nothing was changed" in capsys.readouterr().out
    assert await everything(bus) == before
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert await command.apply(wanted(server), yes=False) == 0
    out = capsys.readouterr().out
    assert "stream CHUNKS: max_age 600.0 -> 3600.0" in out
    assert "stream CHUNKS: changed" in out
    assert await command.apply(wanted(server), yes=False) == 0
    assert "everything is as it should be" in capsys.readouterr().out
    await bus.close()


async def test_what_cannot_be_changed_is_named_and_the_rest_is_changed(
    server: EmbeddedNats, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await opened(server)
    js = first.nc.jetstream()
    for stream, fields in {
        "TASKS": {"storage": api.StorageType.MEMORY},
        "REQUESTS": {"retention": api.RetentionPolicy.LIMITS},
        "TIMERS": {"allow_msg_schedules": None, "duplicate_window": 60.0},
    }.items():
        config = (await js.stream_info(stream)).config
        await js.delete_stream(stream)
        await js.add_stream(config.evolve(**fields))
    assert await command.apply(wanted(server), yes=True) == 1
    out = capsys.readouterr().out
    assert "stream TASKS: storage memory cannot become file in place:" in out
    assert "stream REQUESTS: retention limits cannot become workqueue in place:" in out
    assert "stream TIMERS: allow_msg_schedules None -> True" in out
    timers = (await js.stream_info("TIMERS")).config
    assert (timers.allow_msg_schedules, timers.duplicate_window) == (True, 120.0)
    with pytest.raises(ConfigurationError, match="back up the stream"):
        await opened(server, role="owner")
    await first.close()


async def test_a_single_server_says_that_it_keeps_no_copies(
    server: EmbeddedNats, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_REPLICAS") as raised:
        await opened(server, replicas=3)
    assert raised.value.code == "bus.topology"
    bus = await opened(server)
    assert await command.status(server.url, None, as_json=False) == 0
    assert await command.apply(wanted(server, replicas=3), yes=True) == 1
    assert "refused by the server" in capsys.readouterr().out
    assert (await config_of(bus, "EVENTS"))["num_replicas"] == 1
    await bus.close()


@pytest.mark.parametrize("lost", ["EVENTS", "ARCHIVE"])
async def test_a_log_that_was_lost_is_not_replaced_by_an_empty_one(
    server: EmbeddedNats, lost: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = await opened(server)
    await bus.nc.jetstream().delete_stream(lost)
    with pytest.raises(ConfigurationError, match="Restore it from a backup") as raised:
        await opened(server)
    assert raised.value.code == "bus.log_missing"
    assert await looking.doctor(server.url, None, as_json=False) == 1
    assert f"stream {lost} is missing" in capsys.readouterr().out
    assert await command.status(server.url, None, as_json=False) == 1
    assert await command.apply(wanted(server), yes=True) == 0
    assert f"stream {lost}: created" in capsys.readouterr().out
    again = await opened(server)
    for one in (again, bus):
        await one.close()


async def test_what_is_not_a_log_is_made_again(server: EmbeddedNats) -> None:
    bus = await opened(server)
    js = bus.nc.jetstream()
    for stream in ("CHUNKS", "KV_runfold_leases", "OBJ_runfold_snapshots"):
        await js.delete_stream(stream)
    again = await opened(server)
    assert await command.plan(wanted(server), as_json=False) == 0
    for one in (again, bus):
        await one.close()


async def test_who_only_looks_creates_nothing(
    server: EmbeddedNats, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigurationError, match="no streams of runfold") as raised:
        await opened(server, role="reader")
    assert raised.value.code == "bus.no_topology"
    await looking.doctor(server.url, None, as_json=False)
    assert "nothing yet" in capsys.readouterr().out
    assert await command.status(server.url, None, as_json=True) == 1
    bus = await opened(server)
    js = bus.nc.jetstream()
    await js.delete_stream("DEAD")
    reader = await opened(server, role="reader")
    assert await reader.events.read_run("nobody") == []
    names = {info.config.name for info in await js.streams_info()}
    assert "DEAD" not in names
    for one in (reader, bus):
        await one.close()


async def test_a_stream_of_somebody_else_on_our_subjects_is_named(server: EmbeddedNats) -> None:
    bus = await opened(server)
    js = bus.nc.jetstream()
    await js.delete_stream("CHUNKS")
    await js.add_stream(name="THEIRS", subjects=["runfold.chunks.>"])
    with pytest.raises(ConfigurationError, match="stream CHUNKS: subjects overlap"):
        await opened(server)
    await bus.close()
