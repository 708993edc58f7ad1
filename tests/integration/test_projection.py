"""The read model is the fold of the log, whatever became of the process that makes it."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import asdict

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.client.runs import RunClient
from runfold.contracts import queries as q
from runfold.contracts.cursors import OLDEST
from runfold.contracts.events import RunCancelled
from runfold.contracts.requests import RunRequest
from runfold.engine.views.runs import RunView, WaitingNode
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from runfold.settings import Settings
from runfold_projection.folding import Folding
from runfold_projection.queries import MAX_ANSWER
from runfold_projection.reader import Reader
from runfold_projection.service import DATABASE, Projection
from runfold_projection.store import ReadModel
from tests.integration.test_gateway_api import ASK, ECHO

CORE = ("scheduler", "executor-text")
LOOP = {
    "id": "loop",
    "nodes": [
        {"id": "make", "type": "noop", "config": {"output": [1, 2, 3]}},
        {
            "id": "each",
            "type": "loop",
            "config": {
                "items": "{{make.output}}",
                "nodes": [{"id": "say", "type": "template", "config": {"template": "{{item}}"}}],
            },
        },
    ],
}
BROKEN = {
    "id": "broken",
    "inputs": {"text": {"type": "string"}},
    "nodes": [{"id": "f", "type": "json_parse", "config": {"input": "{{text}}"}}],
}


@asynccontextmanager
async def server(path: Path) -> AsyncIterator[tuple[Bus, Settings]]:
    """A server with everything but a projection."""
    async with EmbeddedNats(path / "nats") as nats:
        settings = Settings(nats_url=nats.url, data_dir=path / "data")
        bus = await connect(settings)
        async with run_services(bus, settings, CORE):
            yield bus, settings
        await bus.close()


async def run(bus: Bus, document: dict, *, wait: bool = True, **inputs: object) -> str:
    workflow, _ = prepare(document)
    runs = RunClient(bus)
    run_id = await runs.start(
        RunRequest(
            workflow_id=workflow.id,
            inputs=inputs,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
    )
    if wait:
        assert await runs.wait(run_id, 20) is not None
    return run_id


async def waiting_run(bus: Bus, document: dict | None = None) -> str:
    run_id = await run(bus, document or ASK, wait=False)
    async with asyncio.timeout(20):
        while True:
            view = await RunClient(bus).get(run_id)
            if view and any(node.status == "waiting" for node in view.nodes):
                return run_id
            await asyncio.sleep(0.01)


@asynccontextmanager
async def projecting(bus: Bus, settings: Settings) -> AsyncIterator[Reader]:
    """A projection that has caught up, and a look into its database."""
    async with run_services(bus, settings, ("projection",)):
        reader = Reader(settings.data_dir / DATABASE)
        await reader.open()
        yield reader
        await reader.close()


async def is_the_fold(bus: Bus, reader: Reader) -> int:
    """Compare the read model with the fold of the log; returns how many runs there are."""
    run_ids: dict[str, None] = {}
    async for batch in bus.events.follow():
        if not batch:
            break
        run_ids.update(dict.fromkeys(record.event.run_id for record in batch))
    waits = []
    for run_id in run_ids:
        folded = await RunClient(bus).get(run_id)
        assert folded is not None
        found = await reader.run(run_id)
        assert found == folded
        waits += [
            WaitingNode(**asdict(node), workflow_id=folded.workflow_id)
            for node in folded.nodes
            if node.status == "waiting"
        ]
    waiting = await reader.waiting(token="", after=OLDEST, limit=1000)
    assert [node for _, node in waiting] == sorted(
        waits, key=lambda node: (node.started_at, node.waiting and node.waiting.token)
    )
    listed = await reader.runs(q.ListRuns(), limit=1000)
    assert sorted(view.run_id for _, view in listed) == sorted(run_ids)
    (row,) = await reader._all("select seq from position", ())
    assert row[0] == await bus.events.last_seq()
    return len(run_ids)


async def killed(bus: Bus, settings: Settings, failpoint: str) -> None:
    """A projection process that dies at a fail point, while runs go on."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "serve", "projection"),
        env={
            **os.environ,
            "RUNFOLD_NATS_URL": settings.nats_url,
            "RUNFOLD_DATA_DIR": str(settings.data_dir),
            "RUNFOLD_FAILPOINTS": failpoint,
        },
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while child.returncode is None:
                await run(bus, LOOP)
                await asyncio.sleep(0.01)
        assert child.returncode == -signal.SIGKILL
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


@pytest.mark.timeout(90)
@pytest.mark.slow
async def test_killed_anywhere_it_comes_back_as_the_fold(tmp_path: Path) -> None:
    async with server(tmp_path) as (bus, settings):
        await waiting_run(bus)
        await run(bus, ECHO, text="x")
        for failpoint in (
            "projection.folded=kill@1",
            "projection.folded=kill@3",
            "projection.written=kill@2",
            "projection.written=kill@9",
            "projection.folded=kill@20",
        ):
            await killed(bus, settings, failpoint)
        await run(bus, BROKEN, text="{")
        async with projecting(bus, settings) as reader:
            assert await is_the_fold(bus, reader) > 5


async def test_a_wiped_database_is_built_again(tmp_path: Path) -> None:
    async with server(tmp_path) as (bus, settings):
        run_id = await run(bus, ECHO, text="x")
        await waiting_run(bus)
        async with projecting(bus, settings) as reader:
            assert await is_the_fold(bus, reader) == 2
        for path in settings.data_dir.glob(f"{DATABASE}*"):
            path.unlink()
        async with projecting(bus, settings) as reader:
            assert await is_the_fold(bus, reader) == 2
            found = await reader.run(run_id)
            assert found is not None
            assert found.usage.total_tokens == 0


async def test_the_database_of_another_server_is_noticed(tmp_path: Path) -> None:
    async with server(tmp_path / "one") as (bus, settings):
        old = await run(bus, ECHO, text="x")
        async with projecting(bus, settings) as reader:
            assert await is_the_fold(bus, reader) == 1
    async with server(tmp_path / "two") as (bus, other):
        # More events than the first had, so that the sequence alone tells nothing.
        for _ in range(3):
            await run(bus, ECHO, text="y")
        there = other.model_copy(update={"data_dir": settings.data_dir})
        async with projecting(bus, there) as reader:
            assert await is_the_fold(bus, reader) == 3
            assert await reader.run(old) is None


async def test_a_database_of_another_version_is_built_again(tmp_path: Path) -> None:
    async with server(tmp_path) as (bus, settings):
        await run(bus, ECHO, text="x")
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(settings.data_dir / DATABASE)
        db.execute("create table position (id integer primary key, seq integer)")
        db.execute("create table waiting (token text primary key, run_id text, address text)")
        db.execute("insert into position values (0, 1)")
        db.commit()
        db.close()
        async with projecting(bus, settings) as reader:
            assert await is_the_fold(bus, reader) == 1


async def asked(bus: Bus, **query: object) -> q.Answer[Any]:
    body = msgspec.json.encode(q.GetWaiting(**query))  # type: ignore[arg-type]
    return msgspec.json.decode(await bus.query(q.GET_WAITING, body), type=q.Answer[Any])


async def test_what_waits_is_paged_oldest_first_whatever_its_size(tmp_path: Path) -> None:
    long = {
        "id": "review",
        "type": "human",
        "config": {"message": "m", "review_content": "{{big}}"},
    }
    big = {"id": "big_ask", "inputs": {"big": {"type": "string"}}, "nodes": [long]}
    async with server(tmp_path) as (bus, settings), projecting(bus, settings) as reader:
        started = [await waiting_run(bus) for _ in range(3)]
        sizes = (400_000, 400_000, 400_000, MAX_ANSWER + 10)
        started += [await run(bus, big, wait=False, big="x" * size) for size in sizes]
        async with asyncio.timeout(20):
            while len(await reader.waiting(token="", after=OLDEST, limit=50)) < 7:  # noqa: ASYNC110 -- asked until it is so
                await asyncio.sleep(0.02)
        seen, cursor, pages = [], "", 0
        while cursor or not pages:
            page = await asked(bus, cursor=cursor)
            assert page.items
            seen += page.items
            cursor, pages = page.next_cursor, pages + 1
        assert [item["waiting"]["token"].rpartition(".")[0] for item in seen] == started
        assert {item["workflow_id"] for item in seen[-4:]} == {"big_ask"}
        assert pages >= 3
        assert page.too_large
        token = seen[-1]["waiting"]["token"]
        (one,) = (await asked(bus, token=token)).items
        assert one["waiting"]["token"] == token


async def test_what_a_cancelled_run_left_waiting_is_not_listed(tmp_path: Path) -> None:
    async with server(tmp_path) as (bus, settings), projecting(bus, settings):
        run_id = await waiting_run(bus)
        async with asyncio.timeout(20):
            while not (await asked(bus)).items:  # noqa: ASYNC110 -- asked until it is so
                await asyncio.sleep(0.01)
            await RunClient(bus).cancel(run_id)
            while (await asked(bus)).items:  # noqa: ASYNC110 -- asked until it is so
                await asyncio.sleep(0.01)


async def test_draining_waits_for_the_batch_that_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = ReadModel.write
    begun = asyncio.Event()
    done: list[int] = []

    async def slow(self: ReadModel, seq: int, rows: object) -> None:
        begun.set()
        await asyncio.sleep(0.2)
        await write(self, seq, rows)  # type: ignore[arg-type]
        done.append(seq)

    async with server(tmp_path) as (bus, settings):
        projection = Projection(bus, settings)
        await projection.start()
        monkeypatch.setattr(ReadModel, "write", slow)
        await bus.events.append(RunCancelled(id="c", run_id="nobody", workflow_id="w"))
        await asyncio.wait_for(begun.wait(), 10)
        await projection.drain()
        assert done


async def test_queries_never_see_half_a_batch(tmp_path: Path) -> None:
    """A reader looks while batches are written: what it sees is always one of the log's states."""
    async with server(tmp_path) as (bus, _):
        run_id = await run(bus, LOOP)
        records = await bus.events.read_run(run_id)
        model = await ReadModel(tmp_path / "m.sqlite").open()
        await model.position("log", records[-1].seq)
        reader = Reader(tmp_path / "m.sqlite")
        await reader.open()
        seen: list[RunView] = []
        writing, looked = True, asyncio.Event()

        async def look() -> None:
            while writing:
                found = await reader.run(run_id)
                if found is not None and (not seen or found != seen[-1]):
                    seen.append(found)
                looked.set()
                await asyncio.sleep(0)

        looking = asyncio.create_task(look())
        folding = Folding(RunLog(bus), model)
        for record in records:
            looked.clear()
            await model.write(record.seq, await folding.fold([record]))
            await looked.wait()
        writing = False
        await looking
        await reader.close()
        await model.close()
        assert len(seen) > 3
        for view in seen:
            assert view == await RunClient(bus).get(run_id, until=view.last_seq)
