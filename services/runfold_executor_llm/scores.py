"""Scores of documents: of a rerank endpoint, and of a chat model that is asked for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from runfold.errors import NodeFailed
from runfold.values.json_text import text_of
from runfold_executor_llm.structured import check_fit

MOST_SCORE = 100
LONGEST = 6_000
"""Characters of a document that a chat model is shown."""
_GROUP, _GROUP_CHARACTERS = 20, 60_000
"""Documents and characters that a chat model is shown at a time."""
_SHOWN = 10
_LARGEST = 1e100
"""What a score may be; whole numbers of any length are numbers in JSON."""
SCHEMA: dict[str, Any] = {
    "title": "scores",
    "type": "object",
    "properties": {
        "scores": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer"},
                    "score": {"type": "number", "minimum": 0, "maximum": MOST_SCORE},
                },
                "required": ["number", "score"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["scores"],
    "additionalProperties": False,
}
"""Of a chat model's answer about the documents it is shown."""


class NotScores(Exception):
    """What was sent is not the scores of the documents. Its text says why."""


def words_of(document: Any) -> str:
    """The text of a document: of an object, what it has for one."""
    if isinstance(document, dict):
        for name in ("content", "text"):
            if isinstance(document.get(name), str) and document[name].strip():
                return str(document[name])
    return text_of(document)


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


def groups_of(texts: list[str]) -> Iterator[range]:
    """The documents that a chat model is shown at a time, by their indexes."""
    begin = size = 0
    for at, text in enumerate(texts):
        length = min(len(text), LONGEST)
        if at > begin and (at - begin == _GROUP or size + length > _GROUP_CHARACTERS):
            yield range(begin, at)
            begin, size = at, 0
        size += length
    if texts:
        yield range(begin, len(texts))


def shown_group(texts: list[str], group: range) -> str:
    """Documents as a chat model reads them, numbered from 1."""
    parts = []
    for number, at in enumerate(group, start=1):
        text = texts[at].strip()
        cut = f"{text[:LONGEST]} …" if len(text) > LONGEST else text
        # Indented: a line of a document is not to look like the beginning of another.
        parts.append(f"[{number}] " + cut.replace("\n", "\n    "))
    return "\n".join(parts)


def said_scores(value: Any, count: int) -> list[float]:
    """The scores that a chat model gave, in the order of the documents, from 0 to 1.

    Raises:
        NodeFailed: `llm.schema_mismatch`, when a document has none, or two.
    """
    check_fit(value, SCHEMA, "scores")
    numbers = [one["number"] for one in value["scores"]]
    if sorted(numbers) != list(range(1, count + 1)):
        missing = sorted(set(range(1, count + 1)) - set(numbers))
        what = (
            f"documents {missing[:_SHOWN]} have no score"
            if missing
            else f"there are {len(numbers)} scores for {count} documents"
        )
        message = f"each document from 1 to {count} needs one score: {what}"
        raise NodeFailed(message, code="llm.schema_mismatch", kind="output", retryable=True)
    by_number = {one["number"]: one["score"] for one in value["scores"]}
    return [by_number[number] / MOST_SCORE for number in range(1, count + 1)]
