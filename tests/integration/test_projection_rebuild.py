"""The read model made anew from the archive and the log, or after it was away for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from runfold.background import end
from runfold.bus.jetstream.connect import connect
from runfold.bus.memory.bus import MemoryBus
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.contracts import queries as q
from runfold.contracts import subjects
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_archiver.moving import Moving
from runfold_projection import service as service_module
from runfold_projection.folding import Folding
from runfold_projection.reader import Reader
from runfold_projection.rebuilding import TOLD_EVERY, Progress, Rebuilding
from runfold_projection.service import DATABASE, Projection
from runfold_projection.store import ReadModel
from tests.support.executor_runs import served
from tests.support.proxy import Proxy

FLOW = {"id": "w", "nodes": [{"id": "n", "type": "noop", "config": {"output": "x"}}]}
DEFINITION = msgspec.Raw(canonical_bytes(prepare(FLOW)[0]))


async def began(bus: Any, run: str) -> None:
    await bus.events.start_run(
        e.RunStarted(id=f"{run}:s", run_id=run, workflow_id="w", definition=DEFINITION)
    )
    await bus.events.append(
        e.NodeRunStarted(id=f"{run}:n", run_id=run, workflow_id="w", node_id="n")
    )


async def ended(bus: Any, run: str, outputs: Any = None) -> None:
    await bus.events.append(
        e.NodeRunSucceeded(
            id=f"{run}:o", run_id=run, workflow_id="w", node_id="n", outputs={"output": run}
        )
    )
    outputs = run if outputs is None else outputs
    end = e.RunSucceeded(id=f"{run}:e", run_id=run, workflow_id="w", outputs=outputs)
    await bus.events.append(end)


async def ran(bus: Any, run: str) -> None:
    await began(bus, run)
    await ended(bus, run)


@asynccontextmanager
async def projected(bus: Any, directory: Path) -> AsyncIterator[Reader]:
    """A projection that has caught up; what its queries read."""
    projection = Projection(bus, Settings(data_dir=directory))
    await projection.start()
    try:
        yield projection._reader
    finally:
        await projection.drain()


async def content(model: Reader) -> dict[str, Any]:
    listed = await model.runs(q.ListRuns(), limit=100)
    return {run.run_id: (seq, await model.run(run.run_id)) for seq, run in listed}


async def test_a_new_model_is_the_same_with_and_without_the_archive(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, _):
        for i in range(6):
            await ran(bus, f"r{i}")
        await began(bus, "on")
        async with projected(bus, tmp_path / "a") as model:
            before = await content(model)
            assert len(before) == 7
            for i in range(4):
                assert await Moving(bus).move(f"r{i}")
            assert await content(model) == before
        with capture_logs() as logs:
            async with projected(bus, tmp_path / "b") as model:
                assert await content(model) == before
        told = [(one["source"], one["done"]) for one in logs if one["event"] == "rebuilt"]
        assert told == [("archive", 4), ("log", 10)]
        # A second start reads nothing of it again.
        with capture_logs() as logs:
            async with projected(bus, tmp_path / "b") as model:
                assert await content(model) == before
        assert not [one for one in logs if one["event"] == "rebuilt"]


async def test_what_was_moved_while_the_projection_was_away_is_not_missed(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, _):
        await began(bus, "half")
        async with projected(bus, tmp_path / "a") as model:
            found = await model.run("half")
            assert found is not None
            assert found.status == "running"
        await ended(bus, "half")
        await ran(bus, "whole")
        for run in ("half", "whole"):
            assert await Moving(bus).move(run)
        async with projected(bus, tmp_path / "a") as model:
            for run in ("half", "whole"):
                found = await model.run(run)
                assert found is not None
                assert (found.status, found.outputs) == ("succeeded", run)
                assert [node.status for node in found.nodes] == ["succeeded"]


async def test_what_is_moved_during_a_rebuild_is_not_missed(tmp_path: Path) -> None:
    bus = MemoryBus(Settings())
    for run in ("a", "b"):
        await ran(bus, run)
    follow = bus.events.follow

    async def slow(**places: Any) -> AsyncIterator[Any]:
        await Moving(bus).move("a")
        async for batch in follow(**places):
            yield batch

    bus.events.follow = slow  # type: ignore[method-assign]
    async with projected(bus, tmp_path) as model:
        assert list(await content(model)) == ["b", "a"]


async def until(model: Reader, **statuses: str) -> None:
    """Wait until the model has runs with these statuses, and no others."""
    async with asyncio.timeout(20):
        while statuses != {run: one.status for run, (_, one) in (await content(model)).items()}:  # noqa: ASYNC110 -- asked until it is so
            await asyncio.sleep(0.02)


async def test_a_projection_whose_connection_was_gone_for_long_misses_nothing(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (bus, settings):
        port = int(settings.nats_url.rpartition(":")[2])
        async with Proxy(port) as proxy:
            cut_off = await connect(settings.model_copy(update={"nats_url": proxy.url}))
            async with projected(cut_off, tmp_path / "a") as model:
                await began(bus, "half")
                await until(model, half="running")
                proxy.cut()
                await ended(bus, "half")
                await ran(bus, "whole")
                for run in ("half", "whole"):
                    assert await Moving(bus).move(run)
                await ran(bus, "later")
                proxy.heal()
                await until(model, half="succeeded", whole="succeeded", later="succeeded")
            await cut_off.close()


class Cut:
    """A follower that is cut off from the log, and comes back when it is told to."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._asked = asyncio.Event()
        self._given = asyncio.Event()
        bus.events.follow = self._follow  # type: ignore[method-assign]

    async def back(self) -> None:
        """Give what the log has by now; returns when it was folded."""
        self._given.clear()
        self._asked.set()
        await asyncio.wait_for(self._given.wait(), 5)

    async def _follow(self, *, after: int = 0) -> AsyncIterator[Any]:
        yield []
        while True:
            await self._asked.wait()
            self._asked.clear()
            batch = [record for record in self._bus.events._log if record.seq > after]
            after = batch[-1].seq
            yield batch
            self._given.set()


async def test_what_was_moved_while_the_projection_was_cut_off_is_not_missed(
    tmp_path: Path,
) -> None:
    bus = MemoryBus(Settings())
    cut = Cut(bus)
    async with projected(bus, tmp_path) as model:
        await began(bus, "half")
        await cut.back()
        await ended(bus, "half")
        await ran(bus, "whole")
        for run in ("half", "whole"):
            assert await Moving(bus).move(run)
        await ran(bus, "later")
        await cut.back()
        found = await content(model)
        assert {run: view.status for run, (_, view) in found.items()} == dict.fromkeys(
            ("half", "whole", "later"), "succeeded"
        )


async def test_what_was_moved_and_nothing_follows_is_found_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "LOOK_EVERY", 0.01)
    bus = MemoryBus(Settings())
    cut = Cut(bus)
    async with projected(bus, tmp_path) as model:
        await began(bus, "half")
        await cut.back()
        await ended(bus, "half")
        assert await Moving(bus).move("half")
        await until(model, half="succeeded")


async def test_what_is_held_of_a_run_never_replaces_its_archived_end(tmp_path: Path) -> None:
    bus = MemoryBus(Settings())
    model = await ReadModel(tmp_path / DATABASE).open()
    folding = Folding(RunLog(bus), model)
    await began(bus, "r")
    first, second = await bus.events.read_run("r")
    await model.write(first.seq, await folding.fold([first]))
    await ended(bus, "r")
    assert await Moving(bus).move("r")
    await Rebuilding(bus.archive, model, folding).catch_up()
    await model.write(second.seq, await folding.fold([second]))
    assert await model.status("r") == "succeeded"
    await model.close()


async def test_a_corrupt_record_is_told_of_and_the_others_are_there(tmp_path: Path) -> None:
    async with served(tmp_path) as (bus, _):
        for run in ("a", "b"):
            await ran(bus, run)
        await bus.nc.jetstream().publish(subjects.archive("w", "bad"), b"garbage")
        for run in ("a", "b"):
            assert await Moving(bus).move(run)
        with capture_logs() as logs:
            async with projected(bus, tmp_path / "a") as model:
                assert sorted(await content(model)) == ["a", "b"]
        told = [one for one in logs if one["log_level"] == "error"]
        assert [(one["run_id"], one["seq"], one["code"]) for one in told] == [
            ("bad", 1, "archive.corrupt")
        ]


async def test_another_deployments_model_is_made_anew(tmp_path: Path) -> None:
    first = MemoryBus(Settings())
    for run in ("a", "b"):
        await ran(first, run)
        await Moving(first).move(run)
    async with projected(first, tmp_path) as model:
        assert sorted(await content(model)) == ["a", "b"]
    second = MemoryBus(Settings())
    for run in ("c", "d", "e"):
        await ran(second, run)
    async with projected(second, tmp_path) as model:
        assert sorted(await content(model)) == ["c", "d", "e"]
    assert (tmp_path / DATABASE).exists()


async def test_a_rebuild_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    bus = MemoryBus(Settings())
    for i in range(250):
        await ran(bus, f"r{i}")
        await Moving(bus).move(f"r{i}")
    model = await ReadModel(tmp_path / DATABASE).open()
    rebuilding = Rebuilding(bus.archive, model, Folding(RunLog(bus), model))
    task = asyncio.create_task(rebuilding.catch_up())
    while await model.archive_position() < 100:  # noqa: ASYNC110 -- asked of the database
        await asyncio.sleep(0)
    await end(task)
    assert await model.archive_position() < 250
    await rebuilding.catch_up()
    assert await model.archive_position() == 250
    reader = Reader(tmp_path / DATABASE)
    await reader.open()
    assert len(await reader.runs(q.ListRuns(), limit=999)) == 250
    await reader.close()
    await model.close()


def test_progress_is_told_now_and_then_with_a_rate() -> None:
    now = 0.0
    progress = Progress("archive", lambda: now)
    with capture_logs() as logs:
        for _ in range(3):
            now += TOLD_EVERY / 2
            progress.add(50, 400)
    assert [(one["event"], one["done"], one["of"], one["rate"]) for one in logs] == [
        ("rebuilding", 100, 400, 20.0)
    ]
