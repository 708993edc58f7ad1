"""Scores of documents in what a rerank endpoint answered. Pure."""

from __future__ import annotations

from typing import Any, TypeGuard

_LARGEST = 1e100
"""What a score may be; whole numbers of any length are numbers in JSON."""


class NotScores(Exception):
    """What was sent is not the scores of the documents. Its text says why."""


def scores_in(results: list[Any], count: int, wanted: int) -> dict[int, float]:
    """The scores that an endpoint gave, by the index of the document.

    Args:
        results: Objects with `index` and `relevance_score` or `score`.
        count: How many documents there were.
        wanted: How many scores were asked for.

    Raises:
        NotScores: When an index or a score is none, comes twice, or too few came.
    """
    found: dict[int, float] = {}
    for one in results:
        index = one.get("index") if isinstance(one, dict) else None
        score = one.get("relevance_score", one.get("score")) if isinstance(one, dict) else None
        if type(index) is not int or not 0 <= index < count:
            message = f"one of its results has the index {index!r}, and there are {count} documents"
            raise NotScores(message)
        if not _is_score(score):
            message = f"the score of document {index} is not a number"
            raise NotScores(message)
        if index in found:
            message = f"document {index} has two scores"
            raise NotScores(message)
        found[index] = float(score)
    if len(found) < wanted:
        message = f"it has {len(found)} scores, and {wanted} were asked for"
        raise NotScores(message)
    return found


def _is_score(value: Any) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST
