"""Measures the stores: `runfold bench --data`, which runs this module in a process of its own.

The texts are made of words that are as frequent as those of a language (the law of Zipf and
Mandelbrot over 50,000 words, 110 a chunk); a query by words has eight words of one chunk. Vectors
of 384 numbers lie around a centre for each hundred chunks, and queries by meaning near one of them.
No model is asked: what a call of one takes is not in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from runfold.contracts.knowledge import (
    BaseSpec,
    Chunk,
    Document,
    Embedding,
    Hit,
    Mode,
    Query,
    QueryVector,
    chunk_id,
)
from runfold.settings import read_settings
from runfold_executor_data.knowledge.embedded.store import EmbeddedStore
from runfold_executor_data.knowledge.store import KnowledgeStore
from runfold_executor_data.knowledge.vectors import Rows

SIZES: Final = (1_000, 10_000, 100_000)
QUERIES: Final = 100
TOP: Final = 10
DIMS: Final = 384
MODEL: Final = Embedding("", "bench", DIMS)
BASE: Final = "bench"
VOCABULARY: Final = 50_000
SHIFT: Final = 2.7
"""Of Mandelbrot: how much less frequent the first words are than by Zipf's law alone."""
WORDS: Final = 110
ASKED: Final = 8
A_DOCUMENT: Final = 50
"""Chunks of one."""
A_CENTRE: Final = 100
SPREAD: Final = 0.5
NEAR: Final = 0.25
TENTH: Final = {"field": "part", "operator": "=", "value": 3}
"""A filter that a tenth of the documents fit."""
MEGABYTE: Final = 1_000_000


class Corpus:
    """Chunks and queries, the same each time.

    Args:
        size: How many chunks.
    """

    def __init__(self, size: int) -> None:
        self._random = np.random.default_rng(size)
        self.size = size
        weights = 1 / (np.arange(VOCABULARY) + SHIFT)
        self._cumulative = np.cumsum(weights / weights.sum())
        self._names = [f"w{number:x}" for number in range(VOCABULARY)]
        self._centres = self._random.normal(size=(max(size // A_CENTRE, 1), DIMS))
        self._kept: list[tuple[str, Rows]] = []

    def document(self, number: int) -> tuple[Document, list[Chunk], list[list[float]]]:
        """A document's chunks and their vectors."""
        count = min(A_DOCUMENT, self.size - number * A_DOCUMENT)
        name = f"d{number}"
        texts = [self._text() for _ in range(count)]
        at = self._random.integers(0, len(self._centres), count)
        vectors = self._centres[at] + self._random.normal(scale=SPREAD, size=(count, DIMS))
        self._kept.append((texts[0], vectors[0].astype(np.float32)))
        chunks = [Chunk(chunk_id(name, at, text), at, text) for at, text in enumerate(texts)]
        document = Document(name, name, name, metadata={"part": number % 10})
        return document, chunks, vectors.tolist()

    def queries(self, mode: Mode, conditions: Any = None) -> list[Query]:
        """Queries: words of a chunk, and a vector near a chunk's."""
        found = []
        for _ in range(QUERIES):
            text, _ = self._kept[self._random.integers(len(self._kept))]
            words = self._random.choice(text.split(), ASKED, replace=False)
            _, vector = self._kept[self._random.integers(len(self._kept))]
            near = vector + self._random.normal(scale=NEAR, size=DIMS)
            vectors = (QueryVector(MODEL, tuple(near.tolist())),)
            query = Query(mode, " ".join(words), vectors, top_k=TOP, filter=conditions)
            found.append(query)
        return found

    def _text(self) -> str:
        drawn = np.searchsorted(self._cumulative, self._random.random(WORDS))
        return " ".join(self._names[min(one, VOCABULARY - 1)] for one in drawn)


class Measured(NamedTuple):
    """A store that is measured."""

    name: str
    store: KnowledgeStore
    exact: KnowledgeStore | None = None
    """The same without its index of vectors."""


async def measure(measured: Measured, size: int) -> dict[str, Any]:
    """The figures of a store with so many chunks."""
    store, corpus = measured.store, Corpus(size)
    await store.create_base(BaseSpec(BASE, embedding=MODEL))
    taken = 0.0
    for number in range(-(-size // A_DOCUMENT)):
        document, chunks, vectors = corpus.document(number)
        begun = time.perf_counter()
        generation = await store.begin(BASE, document, MODEL)
        await store.add(generation, chunks, vectors)
        await store.finish(generation, chunks=len(chunks))
        taken += time.perf_counter() - begun
    figures: dict[str, Any] = {"chunks": size, "indexed_per_s": round(size / taken)}
    meant = corpus.queries("semantic")
    for name, queries in (
        ("semantic", meant),
        ("semantic_tenth", corpus.queries("semantic", TENTH)),
        ("full_text", corpus.queries("full_text")),
        ("hybrid", corpus.queries("hybrid")),
    ):
        figures |= await _timed(store, name, queries)
    if measured.exact is not None:
        figures["recall_at_10"] = await _recall(store, measured.exact, meant)
        tenth = corpus.queries("semantic", TENTH)
        figures["recall_at_10_tenth"] = await _recall(store, measured.exact, tenth)
    await store.delete_base(BASE)
    return figures


async def _timed(store: KnowledgeStore, name: str, queries: Sequence[Query]) -> dict[str, Any]:
    """Milliseconds of the first search, and of those after it."""
    taken = []
    for query in (queries[0], *queries):
        begun = time.perf_counter()
        await store.search([BASE], query)
        taken.append((time.perf_counter() - begun) * 1000)
    rest = sorted(taken[1:])
    return {
        f"{name}_first_ms": round(taken[0], 1),
        f"{name}_p50_ms": round(statistics.median(rest), 1),
        f"{name}_p99_ms": round(rest[int(len(rest) * 0.99)], 1),
    }


async def _recall(store: KnowledgeStore, exact: KnowledgeStore, queries: Sequence[Query]) -> float:
    """The part of the exact scan's hits that the index finds."""
    found = 0
    wanted = 0
    for query in queries:
        right = set(map(_key, await exact.search([BASE], query)))
        found += len(right & set(map(_key, await store.search([BASE], query))))
        wanted += len(right)
    return round(found / wanted, 4)


def _key(hit: Hit) -> tuple[str, int]:
    return hit.document.id, hit.chunk.index


async def run(sizes: Sequence[int]) -> dict[str, Any]:
    """The figures of all stores that there are."""
    settings = read_settings()
    figures: dict[str, Any] = {"embedded": [], "postgres": []}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="runfold-bench-") as folder:
            files = EmbeddedStore(Path(folder), max(sizes), 1024 * MEGABYTE)
            await files.open()
            try:
                _say(f"files, {size} chunks")
                figures["embedded"].append(await measure(Measured("embedded", files), size))
            finally:
                await files.close()
    if url := settings.knowledge.url.get_secret_value():
        from runfold_executor_data.knowledge.postgres.store import PostgresStore

        store, exact = PostgresStore(url, 4), PostgresStore(url, 1, exact=True)
        await store.open()
        await exact.open()
        try:
            for size in sizes:
                _say(f"PostgreSQL, {size} chunks")
                measured = Measured("postgres", store, exact)
                figures["postgres"].append(await measure(measured, size))
        finally:
            await store.close()
            await exact.close()
    else:
        _say("PostgreSQL is not measured: RUNFOLD_KNOWLEDGE__URL names none")
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    return {**figures, "machine": {**machine, "system": platform.platform()}}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


_COLUMNS: Final = ("semantic", "semantic_tenth", "full_text", "hybrid")


def table(figures: dict[str, Any]) -> list[str]:
    """The figures as a table, for people."""
    heads = ("semantic", "in a tenth", "full text", "hybrid")
    lines = [
        f"{'':10} {'chunks':>8} {'indexed':>9}  "
        + "  ".join(f"{head + ' p50/p99':>19}" for head in heads)
        + "  recall@10, in a tenth"
    ]
    for name in ("embedded", "postgres"):
        for one in figures[name]:
            times = "  ".join(
                f"{one[f'{column}_p50_ms']:>8}/{one[f'{column}_p99_ms']:<7} ms"
                for column in _COLUMNS
            )
            recall = ", ".join(
                str(one.get(key, "1 (exact)")) for key in ("recall_at_10", "recall_at_10_tenth")
            )
            indexed = f"{one['indexed_per_s']}/s"
            lines.append(f"{name:10} {one['chunks']:>8} {indexed:>9}  {times}  {recall}")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    figures = asyncio.run(run(SIZES[:1] if chosen.quick else SIZES))
    lines = [json.dumps(figures, indent=2)] if chosen.json else table(figures)
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
