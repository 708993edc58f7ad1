"""Scores of documents by a chat model that is asked for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.errors import NodeFailed
from runfold.values.json_text import text_of
from runfold_executor_llm.structured import check_fit

MOST_SCORE = 100
LONGEST = 6_000
"""Characters of a document that a chat model is shown."""
_GROUP, _GROUP_CHARACTERS = 20, 60_000
"""Documents and characters that a chat model is shown at a time."""
_SHOWN = 10
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


def words_of(document: Any) -> str:
    """The text of a document: of an object, what it has for one."""
    if isinstance(document, dict):
        for name in ("content", "text"):
            if isinstance(document.get(name), str) and document[name].strip():
                return str(document[name])
    return text_of(document)


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
