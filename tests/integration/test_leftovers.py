"""Bytes go when nothing names them any more, and not before: objects are counted on the broker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfold import failpoints
from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.client.leader import delete, purge, subjects_of
from runfold.bus.uploads import store_file
from runfold.cli.processes import service
from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import DeadLetter, Task
from runfold.conversations.all import Conversations
from runfold.executor.node import Outcome
from runfold.executor.protection.results import Results
from runfold.failpoints import FailpointReached
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_archiver.leftovers import Leftovers
from runfold_archiver.moving import Moving
from tests.integration.test_archiver import RAW, WITHIN, until
from tests.support.executor_runs import served
from tests.support.stack import CORE, running

NOW = -3600.0
"""An expiry by which everything there is is old enough to go."""
LARGE = 400_000


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[JetStreamBus]:
    async with served(tmp_path) as (made, _):
        yield made


async def stored(bus: JetStreamBus, body: bytes, name: str = "a.txt") -> dict[str, Any]:
    async def parts() -> AsyncIterator[bytes]:
        yield body

    return (await store_file(bus.files, parts(), name=name)).value()


async def objects(bus: JetStreamBus, bucket: str) -> int:
    """How many objects a store has: all that is left of them on the broker counts."""
    names = await subjects_of(bus.nc, f"OBJ_{bucket}", f"$O.{bucket}.M.*")
    chunks = await subjects_of(bus.nc, f"OBJ_{bucket}", f"$O.{bucket}.C.*")
    return max(len(names), len(chunks))


async def counts(bus: JetStreamBus) -> tuple[int, int]:
    """Files and payloads."""
    return await objects(bus, subjects.FILES), await objects(bus, subjects.BLOBS)


async def swept(bus: JetStreamBus) -> tuple[int, int]:
    """The same after a newly started archiver looked twice."""
    looking = Leftovers(bus, NOW)
    await looking.look()
    await looking.look()
    return await counts(bus)


def started(run: str, **inputs: Any) -> e.RunStarted:
    return e.RunStarted(id=f"{run}:s", run_id=run, workflow_id="w", definition=RAW, inputs=inputs)


async def ended(bus: JetStreamBus, run: str, **inputs: Any) -> None:
    await bus.events.start_run(started(run, **inputs))
    await bus.events.append(e.RunSucceeded(id=f"{run}:e", run_id=run, workflow_id="w"))


async def test_what_nothing_names_goes_at_the_second_look(bus: JetStreamBus) -> None:
    await stored(bus, b"unused")
    await bus.blobs.put(b"x" * LARGE)
    looking = Leftovers(bus, NOW)
    assert await looking.look() == 0
    assert await counts(bus) == (1, 1)
    assert await looking.look() == 2
    assert await counts(bus) == (0, 0)
    assert await looking.look() == 0


async def test_files_of_messages_stay_until_the_messages_go(bus: JetStreamBus) -> None:
    file = await stored(bus, b"a")
    talk = Conversations(bus)
    await talk.store.begin("c", "ann")
    for number, text in enumerate(("", "x" * LARGE)):
        await talk.messages.add("c", "ann", "user", text, message_id=f"m{number}", files=(file,))
    assert await swept(bus) == (1, 1)
    await talk.messages.delete("c", "ann", "m0")
    assert await swept(bus) == (1, 1)
    await talk.store.clear("c", "ann")
    assert await swept(bus) == (0, 0)


async def test_what_is_young_stays(bus: JetStreamBus) -> None:
    await stored(bus, b"unused")
    looking = Leftovers(bus, 3600.0)
    assert [await looking.look() for _ in range(3)] == [0, 0, 0]
    assert await counts(bus) == (1, 0)


async def test_what_is_used_between_two_looks_stays(bus: JetStreamBus) -> None:
    file = await stored(bus, b"again")
    for use in (lambda: stored(bus, b"again"), lambda: bus.files.touch(file["$file"])):
        looking = Leftovers(bus, NOW)
        await looking.look()
        await use()
        assert await looking.look() == 0
    assert await counts(bus) == (1, 0)
    assert b"".join([one async for one in bus.files.read(file["$file"])]) == b"again"


async def test_two_runs_share_bytes_until_both_are_gone(bus: JetStreamBus) -> None:
    """In the log, then in the archive, then let go: by events, records, and payloads of them."""
    file = await stored(bus, b"shared")
    for run in ("one", "two"):
        await ended(bus, run, report=[{"deep": file}], text=os.urandom(LARGE).hex())
    assert await swept(bus) == (1, 2)
    moving = Moving(bus)
    for run in ("one", "two"):
        assert await moving.move(run)
    # A record has the event in it: the event's payload goes, and the record's own is there.
    assert await objects(bus, subjects.BLOBS) == 4
    assert await swept(bus) == (1, 2)
    records = [one async for one in bus.archive.records()]
    assert await delete(bus.nc, subjects.ARCHIVE, records[0].seq)
    assert await swept(bus) == (1, 1)
    assert (await bus.archive.read("two")) is not None
    assert await delete(bus.nc, subjects.ARCHIVE, records[1].seq)
    assert await swept(bus) == (0, 0)


async def test_a_record_names_files_of_nested_values_and_of_texts(bus: JetStreamBus) -> None:
    files = [await stored(bus, body, f"{body.decode()}.txt") for body in (b"a", b"b", b"c")]
    text = msgspec.json.encode({"answer": files[1]}).decode()
    await ended(bus, "r", a=[{"b": files[0]}], text=text, twice=files[0], again=[text])
    await Moving(bus).move("r")
    assert await swept(bus) == (2, 0)
    archived = await bus.archive.read("r")
    assert archived is not None
    assert set(archived.header.files) == {one["$file"] for one in files[:2]}


async def test_every_place_that_names_bytes_keeps_them(bus: JetStreamBus) -> None:
    files = [await stored(bus, f"file {at}".encode()) for at in range(8)]
    large = {"text": "x" * LARGE}
    about: Any = {"run_id": "r", "workflow_id": "w", "node_id": "n"}
    await bus.requests.send(RunRequest(workflow_id="w", inputs={"doc": files[0], **large}))
    task = Task(**about, node_type="noop", inputs={"doc": files[1], **large})
    await bus.tasks.push("g", task)
    letter = DeadLetter.of(encode(task), source="x", reason="x", code="x")
    await bus.dead.bury(subjects.TASKS, letter)
    await bus.definitions.put("mine", msgspec.json.encode({"default": files[2]}))
    await bus.conversations.put("c", msgspec.json.encode({"variables": {"doc": files[3]}}))
    results = Results(bus.blobs, Settings())
    kept = await results.kept(Outcome({"doc": files[4], "more": "y" * LARGE}), 0.0)
    assert kept is not None
    assert kept.blob
    await bus.protection.put("p", msgspec.json.encode(kept))
    chunk = e.StreamChunk(**about, index=0, text=msgspec.json.encode(files[5]).decode())
    await bus.chunks.publish(chunk)
    await bus.events.append(started("r", doc=files[6], **large))
    assert await swept(bus) == (7, 4)
    for digest in (files[7]["$file"],):
        assert await bus.files.find(digest) is None
    for stream in (subjects.REQUESTS, subjects.TASKS, subjects.DEAD, subjects.CHUNKS):
        await purge(bus.nc, stream, ">")
    assert await swept(bus) == (4, 2)
    for bucket in (bus.definitions, bus.conversations, bus.protection):
        for key in await bucket.entries():
            await bucket.delete(key)
    assert await swept(bus) == (1, 1)
    await bus.events.purge_run("r")
    assert await swept(bus) == (0, 0)


@pytest.mark.parametrize("point", ["object.marked", "object.emptied"])
async def test_a_removal_that_is_broken_off_is_finished(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(failpoints, "_armed", {point: ("raise", 1)})
    file = await stored(bus, b"z" * LARGE)
    looking = Leftovers(bus, NOW)
    await looking.look()
    with pytest.raises(FailpointReached):
        await looking.look()
    assert await bus.files.find(file["$file"]) is None
    assert await counts(bus) == (1, 0)
    # The same bytes can be stored at any moment, and stay.
    assert await stored(bus, b"z" * LARGE) == file
    assert b"".join([one async for one in bus.files.read(file["$file"])]) == b"z" * LARGE
    assert await bus.leftovers.finish(4e9) == (1 if point == "object.marked" else 0)
    assert await counts(bus) == (1, 0)
    assert b"".join([one async for one in bus.files.read(file["$file"])]) == b"z" * LARGE
    monkeypatch.setattr(failpoints, "_armed", {point: ("raise", 1)})
    await looking.look()
    with pytest.raises(FailpointReached):
        await looking.look()
    assert await swept(bus) == (0, 0)


async def test_an_upload_that_is_broken_off_leaves_nothing(bus: JetStreamBus) -> None:
    chunk = f"$O.{subjects.FILES}.C.brokenoff"
    await bus.nc.jetstream().publish(chunk, b"x" * 1000)
    assert await bus.leftovers.finish(await bus.events.now() - 3600) == 0
    assert await counts(bus) == (1, 0)
    assert await swept(bus) == (0, 0)

    async def fails() -> AsyncIterator[bytes]:
        yield b"y" * LARGE
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await bus.files.put(fails(), name="a", media_type="", shown="")
    assert await counts(bus) == (0, 0)


async def test_several_archivers_and_an_upload_at_once(bus: JetStreamBus) -> None:
    bodies = [f"body {at}".encode() * 9000 for at in range(6)]
    for body in bodies:
        await stored(bus, body)
    await bus.events.append(started("r", doc=await stored(bus, bodies[0])))
    looking = [Leftovers(bus, NOW) for _ in range(3)]
    for _ in range(2):
        await asyncio.gather(*(one.look() for one in looking), stored(bus, bodies[1]))
    assert await counts(bus) in ((1, 0), (2, 0))
    left = await stored(bus, bodies[1])
    assert b"".join([one async for one in bus.files.read(left["$file"])]) == bodies[1]
    assert await swept(bus) == (1, 0)


@pytest.mark.slow
async def test_the_archiver_removes_what_its_runs_needed() -> None:
    """The whole way: runs of a stack end, are archived and expire, and so do their bytes."""
    flow, _ = prepare(
        {
            "id": "flow",
            "inputs": {"doc": "file", "text": "string"},
            "nodes": [
                {"id": "t", "type": "template", "config": {"template": "{{text|length}}"}},
                {
                    "id": "end",
                    "type": "end",
                    "config": {"outputs": {"doc": "{{doc}}", "length": "{{t.output}}"}},
                },
            ],
        }
    )
    settings = {"retention": 0.5, "archive_retention": 6.0, "file_expiry": 3.0}
    async with running((*CORE, "archiver"), **settings) as stack:
        bus = stack.bus
        file = await stored(bus, b"needed")
        await stored(bus, b"not needed")
        request = RunRequest(
            workflow_id="flow",
            definition=msgspec.Raw(canonical_bytes(flow)),
            inputs={"doc": file, "text": os.urandom(LARGE).hex()},
        )
        run_id = await stack.runs.start(request)
        view = await stack.runs.wait(run_id, 20)
        assert view is not None
        assert view.status == "succeeded"
        before = await counts(bus)
        assert before[0] >= 1
        assert before[1] >= 2
        await until(lambda: bus.archive.find(run_id))
        # What the run needs is there as long as its record: its file, and the record's own payload.
        assert (await bus.files.find(file["$file"])) is not None

        async def only_the_record() -> bool:
            return await counts(bus) == (1, 1)

        await until(only_the_record)
        assert await bus.archive.read(run_id) is not None

        async def nothing() -> bool:
            return await counts(bus) == (0, 0)

        await until(nothing)
        assert await bus.archive.find(run_id) is None


async def test_a_fork_keeps_what_it_took_over_when_its_origin_is_gone() -> None:
    flow, _ = prepare(
        {
            "id": "flow",
            "nodes": [
                {"id": "t", "type": "json_parse", "config": {"input": "{{text}}"}},
                {"id": "end", "type": "end", "config": {"outputs": {"doc": "{{t.output}}"}}},
            ],
        }
    )
    async with running() as stack:
        bus = stack.bus
        file = await stored(bus, b"taken over")
        request = RunRequest(
            workflow_id="flow",
            definition=msgspec.Raw(canonical_bytes(flow)),
            inputs={"text": msgspec.json.encode(file).decode()},
        )
        run_id = await stack.runs.start(request)
        view = await stack.runs.wait(run_id, 20)
        assert view is not None
        assert view.outputs == {"doc": file}
        at = (await bus.events.read_run(run_id))[-2].seq
        forked = await stack.runs.fork(run_id, at, inputs={"text": "changed"})
        view = await stack.runs.wait(forked, 20)
        assert view is not None
        assert view.outputs == {"doc": file}
        await Moving(bus).move(run_id)
        record = await bus.archive.find(run_id)
        assert record is not None
        assert await delete(bus.nc, subjects.ARCHIVE, record.seq)
        assert await swept(bus) == (1, 0)
        await bus.events.purge_run(forked)
        assert await swept(bus) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["object.marked", "object.emptied"])
async def test_an_archiver_killed_while_it_removes_is_not_missed(
    bus: JetStreamBus, point: str
) -> None:
    url = bus.nc.connected_url.geturl()
    needed = await stored(bus, b"needed")
    await bus.events.append(started("r", doc=needed))
    for at in range(3):
        await stored(bus, f"left over {at}".encode())
    environment = {"RUNFOLD_FILE_EXPIRY": "0.4"}
    points = {"RUNFOLD_FAILPOINTS": f"{point}=kill@2"}
    async with service("archiver", url, **environment, **points) as killed:
        assert killed._process is not None
        await asyncio.wait_for(killed._process.wait(), WITHIN)
        assert killed._process.returncode == -9
    assert await counts(bus) != (1, 0)
    async with service("archiver", url, **environment):

        async def only_what_is_needed() -> bool:
            return await counts(bus) == (1, 0)

        await until(only_what_is_needed)
    assert b"".join([one async for one in bus.files.read(needed["$file"])]) == b"needed"
