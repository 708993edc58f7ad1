"""What the embedded store promises of its files and its memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runfold.contracts.knowledge import BaseSpec
from runfold.errors import ConfigurationError, PayloadTooLarge
from runfold_executor_data.knowledge.embedded import indexing
from runfold_executor_data.knowledge.embedded.matrix import KEY_BYTES
from runfold_executor_data.knowledge.embedded.store import EmbeddedStore
from tests.support.knowledge import MODEL, begin, chunks_of, found, full_text, index, semantic

ROW = MODEL.dims * 4 + KEY_BYTES
"""Bytes of one vector in memory."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path, max_chunks=40, memory_bytes=ROW * 10)
    await store.open()
    await store.create_base(BaseSpec("plane", embedding=MODEL))
    yield store
    await store.close()


async def fill(store: EmbeddedStore, base: str, name: str, count: int) -> None:
    texts = [f"{name} {at}" for at in range(count)]
    await index(store, base, name, texts, [[1, at, 0] for at in range(count)])


async def test_vectors_in_memory_are_bounded(store: EmbeddedStore) -> None:
    await store.create_base(BaseSpec("other", embedding=MODEL))
    await fill(store, "plane", "a", 6)
    await fill(store, "other", "b", 6)
    for _ in range(2):
        for base, name in (("plane", "a"), ("other", "b")):
            near = semantic(1, 0, 0, top_k=1)
            assert await found(store, base, near) == [f"{name} 0"]
            assert store._matrices.size == 6 * ROW  # those of one base at a time
    # A base that is larger than all memory is searched all the same.
    await fill(store, "plane", "c", 8)
    assert len(await found(store, "plane", semantic(1, 0, 0, top_k=20))) == 14
    assert store._matrices.size == 6 * ROW
    filtered = semantic(
        1, 0, 0, top_k=1, filter={"field": "document_id", "operator": "is", "value": "c"}
    )
    assert await found(store, "plane", filtered) == ["c 0"]


async def test_a_base_has_a_limit(store: EmbeddedStore) -> None:
    await fill(store, "plane", "a", 30)
    texts = [f"b {at}" for at in range(11)]
    generation = await begin(store, "plane", "b", texts, [])
    with pytest.raises(PayloadTooLarge, match="PostgreSQL") as full:
        await store.add(generation, chunks_of("b", texts), [[1, 0, 0]] * 11)
    assert full.value.code == "knowledge.base_full"
    assert await store.have(generation) == frozenset()
    await store.add(generation, chunks_of("b", texts)[:10], [[1, 0, 0]] * 10)
    # What is removed makes room.
    await store.delete_documents("plane", ["a"])
    await store.add(generation, chunks_of("b", texts), [[1, 0, 0]] * 11)


async def test_vectors_that_missed_too_many_changes_are_read_again(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MOST_CHANGES", 3)
    other = EmbeddedStore(tmp_path, max_chunks=40, memory_bytes=ROW * 40)
    await other.open()
    try:
        await fill(store, "plane", "a", 2)
        assert len(await found(other, "plane", semantic(1, 0, 0))) == 2
        for name in "bcdefg":
            await fill(store, "plane", name, 1)
        await store.delete_documents("plane", ["a", "b"])
        assert sorted(await found(other, "plane", semantic(1, 0, 0, top_k=20))) == [
            f"{name} 0" for name in "cdefg"
        ]
        # Rows of documents that are gone are left out when they are many.
        await store.delete_documents("plane", ["c", "d"])
        assert len(await found(other, "plane", semantic(1, 0, 0, top_k=20))) == 3
        (matrix,) = other._matrices._of.values()
        assert matrix._count == 3
    finally:
        await other.close()


def bases_in(folder: Path) -> set[Path]:
    return set(folder.glob("*.sqlite3"))


@pytest.mark.parametrize("ends", ["is kept", "is not kept"])
async def test_a_making_that_is_cancelled_leaves_a_whole_base_or_none(
    store: EmbeddedStore, tmp_path: Path, ends: str
) -> None:
    before = bases_in(tmp_path)
    other = sqlite3.connect(tmp_path / "catalogue.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    if ends == "is not kept":
        other.execute("insert into bases select 'made', 'x', '', 0, null, null, 0")
    making = asyncio.create_task(store.create_base(BaseSpec("made")))
    await asyncio.sleep(0.3)  # it has made its file, and waits for the catalogue
    assert bases_in(tmp_path) - before
    making.cancel()
    await asyncio.sleep(0.05)
    other.execute("commit")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await making
    left = bases_in(tmp_path) - before
    if ends == "is not kept":
        assert left == set()
    else:
        assert len(left) == 1
        assert (await store.base("made")).documents == 0


async def test_nothing_of_what_was_removed_stays(store: EmbeddedStore, tmp_path: Path) -> None:
    for version in range(3):
        await index(store, "plane", "a", [f"word{version} end"], [[1, 0, 0]])
    generation = await begin(store, "plane", "b", ["staged"], [])
    await store.add(generation, chunks_of("b", ["staged"]), [[1, 0, 0]])
    await store.abandon(generation)
    file = tmp_path / (await store._entry("plane")).file
    with sqlite3.connect(file) as db:
        terms = {row[0] for row in db.execute("select term from vocabulary")}
        counts = [
            db.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("generations", "chunks", "blocks")
        ]
        totals = db.execute("select documents, chunks, rows, terms, enclosing from totals")
        assert totals.fetchone() == (1, 1, 1, 2, 0)
    db.close()
    assert terms == {"word2", "end"}
    assert counts == [1, 1, 1]
    await store.delete_base("plane")
    assert {name.partition(".")[0] for name in os.listdir(tmp_path)} == {"catalogue"}  # noqa: PTH208


async def test_a_damaged_file_is_an_error_of_its_base_alone(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    await store.create_base(BaseSpec("good"))
    await index(store, "good", "a", ["one"])
    entry = await store._entry("plane")
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"{entry.file}{suffix}").unlink()
    (tmp_path / entry.file).write_bytes(b"not a database, by far" * 100)
    fresh = EmbeddedStore(tmp_path, 40, ROW * 10)
    await fresh.open()
    try:
        with pytest.raises(ConfigurationError) as damaged:
            await fresh.search(["plane"], full_text("one"))
        assert damaged.value.code == "knowledge.unavailable"
        assert not damaged.value.retryable
        assert await found(fresh, "good", full_text("one")) == ["one"]
    finally:
        await fresh.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from runfold_executor_data.knowledge.embedded.store import EmbeddedStore
from tests.support.knowledge import begin, chunks_of

async def main(folder, name, count, last):
    store = EmbeddedStore(Path(folder), 10_000, 1_000_000)
    await store.open()
    texts = [f"{name} {at}" for at in range(count)]
    generation = await begin(store, "plane", name, texts, [])
    there = await store.have(generation)
    for one in chunks_of(name, texts):
        if one.id not in there:
            await store.add(generation, [one], [[1, one.index, 0]])
            print(one.index, flush=True)
        if one.index == last:
            sys.stdin.read()  # until it is killed
    await store.finish(generation, chunks=count)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
"""


async def writer(folder: Path, name: str, count: int, last: int = -1) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WRITER,
        str(folder),
        name,
        str(count),
        str(last),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


async def test_processes_write_at_once_and_one_is_killed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, 10_000, 1_000_000)
    await store.open()
    await store.create_base(BaseSpec("plane", embedding=MODEL))
    try:
        first, second = await writer(tmp_path, "a", 30), await writer(tmp_path, "b", 30, 4)
        assert second.stdout is not None
        for _ in range(5):
            assert await second.stdout.readline()
        os.kill(second.pid, signal.SIGKILL)
        await second.wait()
        assert await first.wait() == 0
        assert len(await found(store, "plane", semantic(1, 0, 0, top_k=100))) == 30
        again = await writer(tmp_path, "b", 30)
        said, _ = await again.communicate()
        assert again.returncode == 0
        assert [int(index) for index in said.split()] == list(range(5, 30))  # it went on there
        texts = await found(store, "plane", semantic(1, 0, 0, top_k=100))
        assert sorted(texts) == sorted(f"{name} {at}" for name in "ab" for at in range(30))
        base = await store.base("plane")
        assert (base.documents, base.chunks) == (2, 60)
    finally:
        await store.close()


@pytest.mark.slow
async def test_the_bench_measures_both_modes_of_search(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runfold", "bench", "--data", "--quick", "--json"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "RUNFOLD_DATA_DIR": str(tmp_path), "RUNFOLD_KNOWLEDGE__URL": ""},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    (figures,) = json.loads(said)["embedded"]
    assert figures["chunks"] == 1000
    assert figures["indexed_per_s"] > 0
    for name in ("semantic", "semantic_tenth", "full_text", "hybrid"):
        assert 0 < figures[f"{name}_p50_ms"] <= figures[f"{name}_p99_ms"]
