"""The exact scan: the vectors nearest to a query's, of all that are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from runfold_executor_data.knowledge.embedded.matrix import Keys, Piece
from runfold_executor_data.knowledge.vectors import BYTES, Rows

FEW = 0.3
"""Part of the rows up to which those that a filter lets through are compared by themselves."""


def nearest(
    pieces: Iterable[Piece], vector: Rows, count: int, least: float, allowed: Keys | None
) -> list[tuple[int, float]]:
    """Keys of chunks and their cosines, the greatest first.

    Args:
        pieces: The vectors.
        vector: The query's.
        count: How many are wanted.
        least: The least cosine of one; 0: any.
        allowed: Generations that a filter lets through; None: all.
    """
    found: list[tuple[int, float]] = []
    for piece in pieces:
        keys, cosines = _compared(piece, vector, allowed)
        if len(cosines) > count:
            best = np.argpartition(cosines, -count)[-count:]
            keys, cosines = keys[best], cosines[best]
        if least:
            enough = cosines >= least
            keys, cosines = keys[enough], cosines[enough]
        found += zip(keys.tolist(), cosines.tolist(), strict=True)
    found = [(key, cosine) for key, cosine in found if cosine != -np.inf]
    found.sort(key=lambda one: (-one[1], one[0]))
    return [(key, min(cosine, 1.0)) for key, cosine in found[:count]]


def _compared(piece: Piece, vector: Rows, allowed: Keys | None) -> tuple[Keys, Rows]:
    if allowed is None:
        cosines = piece.rows @ vector
        cosines[~piece.alive] = -np.inf
        return piece.keys, cosines
    fits = np.isin(piece.generations, allowed) & piece.alive
    at = np.flatnonzero(fits)
    if len(at) <= FEW * len(fits):
        return piece.keys[at], piece.rows[at] @ vector
    cosines = piece.rows @ vector
    cosines[~fits] = -np.inf
    return piece.keys, cosines


def cosines_of(db: sqlite3.Connection, keys: Sequence[int], vector: Rows) -> dict[int, float]:
    """The cosines of some chunks, read from their blocks."""
    sql = (
        "select substr(vectors, 1 + ? * (? - first), ?) from blocks where first <= ? "
        "order by first desc limit 1"
    )
    size = len(vector) * BYTES
    cosines = {}
    for key in keys:
        (row,) = db.execute(sql, (size, key, size, key)).fetchone()
        cosines[key] = min(float(np.frombuffer(row, np.float32) @ vector), 1.0)
    return cosines
