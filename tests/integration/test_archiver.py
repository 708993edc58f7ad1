"""The archiver over a real nats-server: what it moves, what is read after it, and its crashes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from runfold.archive.chain import seal
from runfold.archive.verify import Verification
from runfold.background import end
from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.memory.bus import MemoryBus
from runfold.bus.ports.bus import Bus
from runfold.cli import verify as verifying
from runfold.cli.processes import service
from runfold.client.runs import RunClient
from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.contracts.requests import RetryRequest, RunRequest
from runfold.engine.history.fold import Plans
from runfold.engine.views.attempts import followed
from runfold.engine.views.runs import run_view
from runfold.errors import ArchiveCorrupt, NotFound
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import partition_of
from runfold.service.shell import run_services
from runfold.settings import Settings
from runfold_archiver.moving import Moving
from runfold_archiver.position import Position
from runfold_archiver.walk import Walk
from tests.support.executor_runs import served
from tests.support.stack import CORE, running

RAW = msgspec.Raw(b'{"nodes":[]}')
FLOW = {
    "id": "flow",
    "inputs": {"topic": "string"},
    "nodes": [
        {"id": "text", "type": "template", "config": {"template": "on {{topic}}"}},
        {"id": "end", "type": "end", "config": {"outputs": {"text": "{{text.output}}"}}},
    ],
    "edges": [{"source": "text", "target": "end"}],
}
WITHIN = 20.0


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[JetStreamBus]:
    async with served(tmp_path) as (made, _):
        yield made


async def ended(bus: Bus, run: str, events: int = 1) -> None:
    """A run in the log that began and ended."""
    await bus.events.start_run(
        e.RunStarted(id=f"{run}:s", run_id=run, workflow_id="w", definition=RAW)
    )
    for i in range(events):
        await bus.events.append(stray(run, f"{i}"))
    await bus.events.append(e.RunSucceeded(id=f"{run}:e", run_id=run, workflow_id="w"))


def stray(run: str, name: str) -> e.NodeRunSkipped:
    return e.NodeRunSkipped(id=f"{run}:{name}", run_id=run, workflow_id="w", node_id="n")


async def until(found: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(WITHIN):
        while not (value := await found()):  # noqa: ASYNC110 -- asked of the broker
            await asyncio.sleep(0.02)
        return value


async def is_moved(bus: Bus, run: str) -> bool:
    return await bus.archive.find(run) is not None and not await bus.raw.read_run(run)


async def walk_all(walk: Walk, bus: Bus) -> None:
    """Walk until nothing is left to look at."""
    await walk.begin()
    task = asyncio.create_task(walk.go())
    newest = await bus.events.last_seq()

    async def there() -> bool:
        if task.done():
            task.result()
        return walk.position.after >= newest or not await bus.raw.marks(after=0, limit=1)

    try:
        await until(there)
    finally:
        await end(task)
        await walk.note()


async def breaks(bus: Bus) -> list[Any]:
    verification = Verification(await bus.archive.extent())
    found = [one async for record in bus.archive.records() for one in verification.look(record)]
    return found + verification.end()


@pytest.mark.parametrize("behind", [False, True])
async def test_what_a_killed_broker_has_again_of_an_archived_run_counts_for_nothing(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    await ended(bus, "r", 2)
    await ended(bus, "other")
    before = await bus.events.read_run("r")

    async def lost(_: str) -> int:
        return 0

    with monkeypatch.context() as unsynced:
        unsynced.setattr(bus.events, "purge_run", lost)
        await Moving(bus).move("r")
    await bus.nc.jetstream().delete_msg(subjects.EVENTS, before[-1].seq)
    assert await bus.raw.has_run("r")
    assert await bus.events.read_run("r") == before
    assert await bus.events.has_event("r", "run_succeeded")
    assert isinstance(before[0].event, e.RunStarted)
    assert (await bus.events.start_run(before[0].event)).duplicate

    walk = Walk(bus, 0.0)
    await walk.begin()
    if behind:
        walk.position = Position(await bus.events.last_seq())
    task = asyncio.create_task(walk.go())
    await until(lambda: is_moved(bus, "r"))
    await end(task)
    assert await bus.events.read_run("r") == before
    assert await breaks(bus) == []


async def test_a_run_is_moved_and_everything_reads_as_before() -> None:
    workflow, _ = prepare(FLOW)
    request = RunRequest(
        workflow_id="flow",
        run_id="mine",
        inputs={"topic": "tea"},
        definition=msgspec.Raw(canonical_bytes(workflow)),
    )
    async with running((*CORE, "projection"), retention=0.0) as stack:
        bus = stack.bus
        runs = RunClient(bus)
        await runs.start(request)
        view = await runs.wait("mine", WITHIN)
        assert view is not None
        assert view.status == "succeeded"
        before = await bus.events.read_run("mine")
        async with run_services(bus, stack.settings, ("archiver",)) as services:
            assert services.not_ready() is None
            await until(lambda: is_moved(bus, "mine"))
            assert await bus.events.read_run("mine") == before
            assert await runs.get("mine") == view
            folder, attempts = followed(before, Plans())
            assert run_view(folder.plan, folder.state, attempts) == view

            # Its id is not free again, and an old run may still be run again.
            await runs.start(msgspec.structs.replace(request, inputs={"topic": "beer"}))
            again = await bus.requests.send(
                RetryRequest(run_id="mine", new_run_id="again", from_node="text")
            )
            assert again.seq
            anew = await runs.wait("again", WITHIN)
            assert anew is not None
            assert anew.outputs == {"text": "on tea"}
            assert not await bus.raw.has_run("mine")

            # What comes late goes too, and stays without effect.
            await bus.events.append(stray("mine", "late"))
            await until(lambda: is_moved(bus, "mine"))
            assert await bus.events.read_run("mine") == before
            await until(lambda: is_moved(bus, "again"))
        assert await breaks(bus) == []


async def test_who_reads_while_a_run_is_moved_sees_all_of_it(bus: JetStreamBus) -> None:
    for run in ("a", "b", "c"):
        await bus.events.start_run(
            e.RunStarted(id=f"{run}:s", run_id=run, workflow_id="w", definition=RAW)
        )
        await asyncio.gather(*(bus.events.append(stray(run, f"{i}")) for i in range(1500)))
        await bus.events.append(e.RunSucceeded(id=f"{run}:e", run_id=run, workflow_id="w"))
    for run in ("a", "b", "c"):
        moving = asyncio.create_task(Moving(bus).move(run))
        reads = 0
        while not moving.done() or not reads:
            found = await asyncio.gather(*(bus.events.read_run(run) for _ in range(3)))
            assert {len(records) for records in found} == {1502}
            reads += 1
        await moving
        assert len(await bus.events.read_run(run)) == 1502
        first = await bus.events.first_event(run)
        assert first is not None
        assert len(await bus.events.read_run(run, after=first.seq)) == 1501


async def test_a_run_stays_for_the_retention(bus: JetStreamBus) -> None:
    now = 0.0
    for run in ("a", "b"):
        await ended(bus, run)
    times = [mark.time for mark in await bus.raw.marks(after=0, limit=100)]
    walk = Walk(bus, 100.0, lambda: now)
    await walk.begin()
    task = asyncio.create_task(walk.go())
    now = times[2] + 99.9
    await asyncio.sleep(0.3)
    assert await bus.archive.find("a") is None
    await end(task)

    now = times[2] + 100.0
    walk = Walk(bus, 100.0, lambda: now)
    await walk.begin()
    task = asyncio.create_task(walk.go())
    await until(lambda: is_moved(bus, "a"))
    assert await bus.archive.find("b") is None
    await end(task)


async def test_a_walk_goes_on_where_the_last_one_was(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(5):
        await ended(bus, f"r{i}")
    await walk_all(Walk(bus, 0.0), bus)
    await ended(bus, "later")
    asked: list[int] = []
    marks = bus.raw.marks

    async def counted(*, after: int, limit: int) -> Any:
        if limit > 1:  # not `walk_all`, which looks whether anything is left
            asked.append(after)
        return await marks(after=after, limit=limit)

    monkeypatch.setattr(bus.raw, "marks", counted)
    await walk_all(Walk(bus, 0.0), bus)
    assert asked[:2] == [0, 15]
    assert await is_moved(bus, "later")
    await bus.checkpoints.delete("archiver")
    await walk_all(Walk(bus, 0.0), bus)
    assert (await bus.archive.extent()).last_seq == 6
    assert await breaks(bus) == []


async def test_two_archivers_never_break_the_chain(bus: JetStreamBus) -> None:
    same = [f"run-{i}" for i in range(4000) if partition_of(f"run-{i}") == 9][:40]
    for run in same:
        await ended(bus, run, 0)
    walks = [Walk(bus, 0.0), Walk(bus, 0.0), Walk(bus, 0.0)]
    await asyncio.gather(*(walk_all(walk, bus) for walk in walks))
    assert (await bus.archive.extent()).last_seq == len(same)
    assert await breaks(bus) == []
    assert all([await is_moved(bus, run) for run in same])


@pytest.mark.parametrize("place", ["archive.written", "archive.noted"])
async def test_an_archiver_killed_in_between_is_not_missed(bus: JetStreamBus, place: str) -> None:
    url = bus.nc.connected_url.geturl()
    async with service(
        "archiver", url, RUNFOLD_RETENTION="0", RUNFOLD_FAILPOINTS=f"{place}=kill@2"
    ) as killed:
        for run in ("a", "b", "c"):
            await ended(bus, run)
        before = {run: await bus.events.read_run(run) for run in ("a", "b", "c")}
        assert killed._process is not None
        await asyncio.wait_for(killed._process.wait(), WITHIN)
        assert killed._process.returncode == -9
    assert await bus.archive.find("b") is not None
    assert bool(await bus.raw.read_run("b")) == (place == "archive.written")
    assert await bus.archive.find("c") is None
    assert {run: await bus.events.read_run(run) for run in before} == before
    async with service("archiver", url, RUNFOLD_RETENTION="0"):
        for run in before:
            await until(lambda run=run: is_moved(bus, run))
    assert {run: await bus.events.read_run(run) for run in before} == before
    assert (await bus.archive.extent()).last_seq == 3
    assert await breaks(bus) == []


async def put_corrupt(bus: JetStreamBus, run: str) -> None:
    """A record of which a byte was changed, in the place of a sound one."""
    record = seal(await bus.raw.read_run(run), "")
    assert record is not None
    body = bytearray(record.body)
    body[-12] ^= 1
    await bus.nc.jetstream().publish(subjects.archive("w", run), bytes(body))


async def test_a_corrupt_record_is_told_of_and_nothing_is_let_go(bus: JetStreamBus) -> None:
    await ended(bus, "a")
    await put_corrupt(bus, "a")
    await ended(bus, "b")
    with capture_logs() as logs:
        await walk_all(Walk(bus, 0.0), bus)
    told = [one for one in logs if one["log_level"] == "error"]
    assert [(one["run_id"], one["code"], one["record"]) for one in told] == [
        ("a", "archive.corrupt", 1)
    ]
    assert await bus.raw.has_run("a")
    assert await is_moved(bus, "b")
    assert [(one.run_id, one.seq) for one in await breaks(bus)] == [("a", 1)]
    noted = await bus.checkpoints.get("archiver")
    assert noted is not None
    assert json.loads(noted[0])["stuck"] == ["a"]

    # Mended by hand: the next archiver does it.
    await bus.nc.jetstream().delete_msg(subjects.ARCHIVE, 1)
    walk = Walk(bus, 0.0)
    await walk.begin()
    task = asyncio.create_task(walk.go())
    await until(lambda: is_moved(bus, "a"))
    await asyncio.sleep(0.1)
    await end(task)
    await walk.note()
    noted = await bus.checkpoints.get("archiver")
    assert noted is not None
    assert "stuck" not in json.loads(noted[0])


async def test_another_run_of_the_same_id_is_not_let_go() -> None:
    bus = MemoryBus(Settings())
    await ended(bus, "a")
    assert await Moving(bus).move("a")
    kept = bus.archive.stored.copy()
    bus.archive.stored.clear()
    await bus.events.start_run(e.RunStarted(id="new", run_id="a", workflow_id="w", definition=RAW))
    await bus.events.append(e.RunSucceeded(id="new:e", run_id="a", workflow_id="w"))
    bus.archive.stored.extend(kept)
    with capture_logs() as logs:
        await walk_all(Walk(bus, 0.0), bus)
    assert [one["code"] for one in logs if one["log_level"] == "error"] == ["archive.other_run"]
    assert len(await bus.raw.read_run("a")) == 2


async def test_runs_that_go_on_are_left_alone(bus: JetStreamBus) -> None:
    await bus.events.start_run(e.RunStarted(id="s", run_id="on", workflow_id="w", definition=RAW))
    await bus.events.append(stray("on", "1"))
    await bus.events.append(stray("nobody", "1"))
    await bus.nc.jetstream().publish(subjects.event("w", "on", "run_succeeded"), b"garbage")
    await walk_all(Walk(bus, 0.0), bus)
    assert len(await bus.raw.read_run("on")) == 3
    assert len(await bus.raw.read_run("nobody")) == 1
    await bus.events.append(e.RunSucceeded(id="e", run_id="on", workflow_id="w"))
    await walk_all(Walk(bus, 0.0), bus)
    assert await is_moved(bus, "on")
    assert len(await bus.events.read_run("on")) == 3
    found = await bus.archive.read("on")
    assert found is not None
    assert found.header.events == 4


async def test_archived_runs_are_let_go_when_their_time_comes(tmp_path: Path) -> None:
    async with served(tmp_path, retention=0.0, archive_retention=1.0) as (bus, settings):
        async with run_services(bus, settings, ("archiver",)):
            await ended(bus, "a")
            await until(lambda: is_moved(bus, "a"))

            async def is_gone() -> bool:
                return await bus.archive.find("a") is None

            await until(is_gone)
            assert await bus.events.read_run("a") == []
            await ended(bus, "b")
            await until(lambda: is_moved(bus, "b"))
            assert await breaks(bus) == []
        stays = await JetStreamBus.open(bus.link, Settings())
        assert (await stays.archive.extent()).expires
        await stays.close()


async def test_the_verify_command(bus: JetStreamBus, capsys: pytest.CaptureFixture[str]) -> None:
    url = bus.nc.connected_url.geturl()

    async def verify(run: str = "", *, as_json: bool = False) -> tuple[int, str]:
        code = await verifying.verify(run, url, None, as_json=as_json)
        return code, capsys.readouterr().out

    assert await verify() == (0, "0 records in 0 partitions: sound\n")
    for run in ("a", "b"):
        await ended(bus, run)
    code, out = await verify("a")
    assert (code, "nothing to check" in out) == (0, True)
    await walk_all(Walk(bus, 0.0), bus)
    capsys.readouterr()
    assert await verify() == (0, "2 records in 2 partitions: sound\n")
    assert (await verify("a"))[0] == 0
    with pytest.raises(NotFound):
        await verify("nobody")
    await ended(bus, "c")
    await put_corrupt(bus, "c")
    code, out = await verify()
    assert code == 1
    assert "sequence 3  run c" in out
    assert (await verify("a"))[0] == 0
    code, out = await verify("c", as_json=True)
    assert code == 1
    assert [(one["run_id"], one["seq"]) for one in json.loads(out)["breaks"]] == [("c", 3)]
    await bus.nc.jetstream().delete_msg(subjects.ARCHIVE, 1)
    code, out = await verify(as_json=True)
    assert [(one["run_id"], one["seq"]) for one in json.loads(out)["breaks"]] == [
        ("", 1),
        ("c", 3),
    ]


async def test_the_verify_command_as_a_process(bus: JetStreamBus) -> None:
    url = bus.nc.connected_url.geturl()

    async def code_of(*options: str) -> tuple[int | None, str]:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runfold", "verify", "--server", url, *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(child.communicate(), WITHIN)
        return child.returncode, (out + err).decode()

    await ended(bus, "a")
    await walk_all(Walk(bus, 0.0), bus)
    assert await code_of("--json") == (0, '{"records":1,"partitions":1,"breaks":[]}\n')
    assert await code_of("--run", "nobody") == (2, "error: no run 'nobody'\n")
    await ended(bus, "b")
    await put_corrupt(bus, "b")
    code, words = await code_of("--run", "b")
    assert (code, "BAD  sequence 2  run b" in words) == (1, True)


async def test_a_corrupt_run_does_not_stop_the_scheduler(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, settings):
        await ended(bus, "a")
        await put_corrupt(bus, "a")
        await bus.events.purge_run("a")
        with pytest.raises(ArchiveCorrupt):
            await bus.events.read_run("a")
        async with run_services(bus, settings, ("scheduler",)) as services:
            await bus.events.append(stray("a", "late"))
            await bus.events.append(stray("nobody", "late"))
            await asyncio.sleep(0.5)
            assert services.not_ready() is None
            waiting = asyncio.create_task(services.wait())
            await asyncio.sleep(0.1)
            assert not waiting.done()
            waiting.cancel()
