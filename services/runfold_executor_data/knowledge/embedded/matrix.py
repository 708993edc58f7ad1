"""Vectors of the embedded store in memory: rows in one array, kept up with what others write.

A base's vectors are read at its first search. At each later one, what was added and removed since
then is read from the base's file, whichever process wrote it. All bases together stay within a
limit; a base that alone is larger is scanned block by block.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runfold_executor_data.knowledge.embedded.schema import CURRENT
from runfold_executor_data.knowledge.vectors import BYTES, Rows

Keys = NDArray[np.int64]

GROWTH = 1.25
SPARSE = 0.2
"""Part of the rows that may be of documents that are gone, before they are left out."""
KEY_BYTES = 17
"""Of a row beside its vector."""
BLOCKS = (
    "select b.first, b.count, b.generation, b.vectors from blocks b "
    "join generations g on g.pk = b.generation where g.state = ?"
)


class Piece(NamedTuple):
    """Vectors that are scanned together."""

    rows: Rows
    keys: Keys
    """Of chunks."""
    generations: Keys
    alive: NDArray[np.bool_]


class NewerVectors(Exception):
    """The vectors in memory are newer than the transaction: begin another one."""


class Matrix:
    """The vectors of one base.

    Args:
        dims: Numbers of each.
    """

    def __init__(self, dims: int) -> None:
        self._dims = dims
        self._lock = threading.Lock()
        self._version = -1
        """Number of the newest change that is in here."""
        self._count = 0
        self._dead = 0
        self._rows: Rows
        self._keys: Keys
        self._generations: Keys
        self._alive: NDArray[np.bool_]
        self._make(0)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self._rows) * (self._dims * BYTES + KEY_BYTES)

    def current(self, db: sqlite3.Connection) -> Piece:
        """The vectors as the file has them in this transaction.

        Raises:
            NewerVectors: When another search read newer ones in between.
        """
        with self._lock:
            sql = "select coalesce(max(number), 0), coalesce(min(number), 1) from changes"
            newest, oldest = db.execute(sql).fetchone()
            if newest < self._version:
                raise NewerVectors
            since = self._version
            if newest > since or since < 0:
                self._version = -1  # what is read by half only is read again
                if since < 0 or oldest > since + 1:
                    self._load(db)
                else:
                    self._follow(db, since)
                self._version = newest
            end = self._count
            return Piece(
                self._rows[:end], self._keys[:end], self._generations[:end], self._alive[:end]
            )

    def _load(self, db: sqlite3.Connection) -> None:
        self._count = self._dead = 0
        sql = (
            "select coalesce(sum(b.count), 0) from blocks b "
            "join generations g on g.pk = b.generation where g.state = ?"
        )
        self._make(db.execute(sql, (CURRENT,)).fetchone()[0])
        self._append(db.execute(BLOCKS, (CURRENT,)))

    def _follow(self, db: sqlite3.Connection, since: int) -> None:
        sql = "select generation, added from changes where number > ? order by number"
        for generation, added in db.execute(sql, (since,)).fetchall():
            if added:
                one = f"{BLOCKS} and b.generation = ?"
                self._append(db.execute(one, (CURRENT, generation)))
            else:
                gone = self._generations[: self._count] == generation
                self._dead += int(np.count_nonzero(gone))
                self._alive = self._alive.copy()  # a scan under way goes on with the old one
                self._alive[: self._count][gone] = False
        if self._dead > SPARSE * self._count:
            kept = np.flatnonzero(self._alive[: self._count])
            # New arrays: a scan under way goes on with the old ones.
            self._rows = self._rows[kept]
            self._keys, self._generations = self._keys[kept], self._generations[kept]
            self._alive = self._alive[kept]
            self._count, self._dead = len(kept), 0

    def _append(self, blocks: Iterable[tuple[int, int, int, bytes]]) -> None:
        for first, count, generation, vectors in blocks:
            end = self._count + count
            if end > len(self._rows):
                self._grow(end)
            at = slice(self._count, end)
            self._rows[at] = np.frombuffer(vectors, np.float32).reshape(count, self._dims)
            self._keys[at] = np.arange(first, first + count)
            self._generations[at] = generation
            self._alive[at] = True
            self._count = end

    def _grow(self, wanted: int) -> None:
        rows, keys, generations, alive = self._rows, self._keys, self._generations, self._alive
        self._make(max(wanted, int(len(rows) * GROWTH)))
        end = self._count
        self._rows[:end], self._keys[:end] = rows[:end], keys[:end]
        self._generations[:end], self._alive[:end] = generations[:end], alive[:end]

    def _make(self, capacity: int) -> None:
        self._rows = np.empty((capacity, self._dims), np.float32)
        self._keys = np.empty(capacity, np.int64)
        self._generations = np.empty(capacity, np.int64)
        self._alive = np.empty(capacity, np.bool_)


class Matrices:
    """The vectors of the bases that were searched last.

    Args:
        limit: Bytes that all of them may take.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._of: OrderedDict[str, Matrix] = OrderedDict()

    def pieces(self, db: sqlite3.Connection, base: str, dims: int) -> Iterator[Piece]:
        """The vectors of a base: all of them from memory, or a block at a time.

        Args:
            db: The base's file, within a transaction.
            base: What tells the base from any other, past ones too.
            dims: Numbers of its vectors.
        """
        needed = db.execute("select chunks from totals").fetchone()[0] * (dims * BYTES + KEY_BYTES)
        if needed > self._limit:
            self.forget(base)
            yield from _blocks(db, dims)
            return
        with self._lock:
            matrix = self._of.get(base) or Matrix(dims)
            self._of[base] = matrix
            self._of.move_to_end(base)
            others = [(name, one.size) for name, one in self._of.items() if one is not matrix]
            taken = sum(size for _, size in others) + max(needed, matrix.size)
            for name, size in others:
                if taken <= self._limit:
                    break
                del self._of[name]
                taken -= size
        yield matrix.current(db)

    def forget(self, base: str) -> None:
        """Let go of a base's vectors."""
        with self._lock:
            self._of.pop(base, None)

    @property
    def size(self) -> int:
        """Bytes that all of them take."""
        with self._lock:
            return sum(one.size for one in self._of.values())


def _blocks(db: sqlite3.Connection, dims: int) -> Iterator[Piece]:
    for first, count, generation, vectors in db.execute(BLOCKS, (CURRENT,)):
        yield Piece(
            np.frombuffer(vectors, np.float32).reshape(count, dims),
            np.arange(first, first + count),
            np.full(count, generation),
            np.ones(count, np.bool_),
        )
