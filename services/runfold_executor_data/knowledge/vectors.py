"""Vectors as rows of 32-bit numbers of length 1, checked before they are stored or compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runfold.errors import InvalidRequest

Rows = NDArray[np.float32]

MOST_DIMS = 8192
BYTES = 4
"""Of a number."""


def rows_of(vectors: Sequence[Sequence[float]], dims: int) -> Rows:
    """Vectors as rows of length 1.

    Args:
        vectors: At least one.
        dims: Numbers that each is to have; 0: as many as the first one has.

    Raises:
        InvalidRequest: `knowledge.dimension`; `knowledge.vector_invalid`, for what is not finite,
            is all zeros or is not numbers.
    """
    wanted = dims or len(vectors[0])
    if not 1 <= wanted <= MOST_DIMS:
        message = f"a vector has 1 to {MOST_DIMS} numbers, not {wanted}"
        raise InvalidRequest(message, code="knowledge.dimension")
    for at, vector in enumerate(vectors):
        if len(vector) != wanted:
            message = f"vector {at} has {len(vector)} numbers, and the base's have {wanted}"
            details = {"dims": wanted, "given": len(vector)}
            raise InvalidRequest(message, code="knowledge.dimension", details=details)
    try:
        rows = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        message = "a vector is a list of numbers"
        raise InvalidRequest(message, code="knowledge.vector_invalid") from error
    # Scaled first, so that no square is too large or too small to be one.
    largest = np.max(np.abs(rows), axis=1, keepdims=True)
    wrong = ~np.isfinite(largest[:, 0]) | (largest[:, 0] == 0)
    if wrong.any():
        message = f"vector {int(np.argmax(wrong))} is all zeros, or has numbers that are not finite"
        raise InvalidRequest(message, code="knowledge.vector_invalid")
    rows = rows / largest
    lengths = np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    return np.asarray(rows / lengths, dtype=np.float32)
