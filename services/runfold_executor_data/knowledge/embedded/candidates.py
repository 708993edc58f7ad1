"""What one base of the embedded store finds: by the scan of its vectors, and by FTS5."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from runfold.contracts.knowledge import Chunk, StoredDocument
from runfold.values.metadata_filters import Filter
from runfold_executor_data.knowledge.asking import Asked
from runfold_executor_data.knowledge.embedded.catalogue import Entry
from runfold_executor_data.knowledge.embedded.documents import fitting
from runfold_executor_data.knowledge.embedded.matrix import Matrices
from runfold_executor_data.knowledge.embedded.rows import (
    CHUNK,
    DOCUMENT,
    chunk_of,
    document_of,
)
from runfold_executor_data.knowledge.embedded.scanning import cosines_of, nearest
from runfold_executor_data.knowledge.embedded.schema import CURRENT
from runfold_executor_data.knowledge.fusing import Candidates, Found, depth
from runfold_executor_data.knowledge.ranking import Weights
from runfold_executor_data.knowledge.segmenter import Term, terms_of
from runfold_executor_data.knowledge.staging import indexed_text

_LAST = "\U0010ffff"
"""Behind every character: the end of the terms that begin in the same way."""
_BY_KEY = (
    f"select c.pk, c.generation, {CHUNK} from chunks c "  # noqa: S608 -- ours
    "join generations g on g.pk = c.generation and g.state = ? "
    "where c.pk in (select value from json_each(?))"
)
_BY_WORDS = (
    f"select c.pk, c.generation, {CHUNK} from words w "  # noqa: S608 -- ours
    "cross join chunks c on c.pk = w.rowid "
    "cross join generations g on g.pk = c.generation and g.state = ? "
    "where words match ? order by w.rank"
)


def candidates(
    db: sqlite3.Connection, entry: Entry, asked: Asked, matrices: Matrices
) -> Candidates:
    """What a base finds.

    Raises:
        NewerVectors: Try again in another transaction.
    """
    allowed = _allowed(db, asked.filter)
    has_parents = db.execute("select enclosing > 0 from totals").fetchone()[0]
    count = depth(asked.query, has_parents=has_parents)
    reader = _Reader(db, entry.base.name)
    by_meaning: list[tuple[int, float]] = []
    if asked.vector is not None:
        pieces = matrices.pieces(db, entry.file, len(asked.vector))
        least = asked.query.score_threshold
        keys = None if allowed is None else np.fromiter(allowed, np.int64, len(allowed))
        by_meaning = nearest(pieces, asked.vector, count, least, keys)
    by_words = _by_words(db, asked, count, allowed)
    similarities = dict(by_meaning)
    if asked.vector is not None:
        others = [key for key, _, _ in by_words if key not in similarities]
        similarities |= cosines_of(db, others, asked.vector)
    worded = [reader.found(row, similarities.get(key), score) for key, row, score in by_words]
    words = {key: score for key, _, score in by_words}
    rows = _rows(db, [key for key, _ in by_meaning])
    meant = [
        reader.found(rows[key], cosine, words.get(key, 0.0))
        for key, cosine in by_meaning
        if key in rows
    ]
    return Candidates(entry.embedding, meant, worded)


def _allowed(db: sqlite3.Connection, found: Filter | None) -> set[int] | None:
    """Generations that a filter lets through; None: all that searches find."""
    if found is None:
        return None
    condition, values = fitting(found)
    rows: Iterator[tuple[int]] = db.execute(
        f"select pk from generations where {condition}",  # noqa: S608 -- ours
        values,
    )
    return {pk for (pk,) in rows}


def _by_words(
    db: sqlite3.Connection, asked: Asked, count: int, allowed: set[int] | None
) -> list[tuple[int, tuple[Any, ...], float]]:
    """Keys of chunks, their rows and scores, the best first."""
    rows, length = db.execute("select rows, terms * 1.0 / max(rows, 1) from totals").fetchone()
    weights = Weights({term: _holding(db, term) for term in asked.terms}, rows, length)
    found: list[tuple[Any, ...]] = []
    for terms in weights.passes():
        found = _matching(db, terms, count, allowed)
        if len(found) >= asked.query.top_k:
            break
    scored = [
        (row[0], row, weights.score(terms_of(indexed_text(chunk_of(row[2:]))))) for row in found
    ]
    scored.sort(key=lambda one: (-one[2], one[0]))
    return scored


def _matching(
    db: sqlite3.Connection, terms: Sequence[Term], count: int, allowed: set[int] | None
) -> list[tuple[Any, ...]]:
    """Rows of chunks that have some of the terms, the best first as FTS5 sees it."""
    rows = db.execute(_BY_WORDS, (CURRENT, " OR ".join(map(_quoted, terms))))
    fitting_rows = (row for row in rows if allowed is None or row[1] in allowed)
    return list(islice(fitting_rows, count if allowed is None or allowed else 0))


def _holding(db: sqlite3.Connection, term: Term) -> int:
    """In how many chunks a term is."""
    if term.prefix:
        sql = "select coalesce(sum(doc), 0) from vocabulary where term >= ? and term < ?"
        return int(db.execute(sql, (term.text, term.text + _LAST)).fetchone()[0])
    row = db.execute("select doc from vocabulary where term = ?", (term.text,)).fetchone()
    return int(row[0]) if row else 0


def _quoted(term: Term) -> str:
    quoted = '"' + term.text.replace('"', '""') + '"'
    return f"{quoted} *" if term.prefix else quoted


def _rows(db: sqlite3.Connection, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """The rows of chunks by their keys."""
    listed = msgspec.json.encode(keys).decode()
    return {row[0]: row for row in db.execute(_BY_KEY, (CURRENT, listed))} if keys else {}


class _Reader:
    """Makes what was found of rows; documents and parents are read once."""

    def __init__(self, db: sqlite3.Connection, base: str) -> None:
        self._db = db
        self._base = base
        self._documents: dict[int, StoredDocument] = {}
        self._parents: dict[tuple[int, str], Chunk] = {}

    def found(self, row: tuple[Any, ...], similarity: float | None, words: float) -> Found:
        generation, chunk = row[1], chunk_of(row[2:])
        if generation not in self._documents:
            sql = f"select {DOCUMENT} from generations where pk = ?"  # noqa: S608 -- ours
            one = self._db.execute(sql, (generation,)).fetchone()
            self._documents[generation] = document_of(self._base, one)
        parent = self._parent(generation, chunk.parent) if chunk.parent else None
        return Found(chunk, self._documents[generation], parent, similarity, words)

    def _parent(self, generation: int, chunk_id: str) -> Chunk:
        key = (generation, chunk_id)
        if key not in self._parents:
            sql = f"select {CHUNK} from chunks c where c.generation = ? and c.id = ?"  # noqa: S608
            self._parents[key] = chunk_of(self._db.execute(sql, key).fetchone())
        return self._parents[key]
