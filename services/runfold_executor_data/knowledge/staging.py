"""What both stores know of an indexing: what it begins with, and a chunk with its terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from runfold.contracts.knowledge import Chunk
from runfold_executor_data.knowledge.segmenter import terms_of

STAGED_FOR: Final = 7 * 24 * 3600.0
"""Seconds after which an indexing that nothing was added to is removed."""


class Begun(NamedTuple):
    """The generation that `begin` found or made."""

    id: str
    unchanged: bool


class Worded(NamedTuple):
    """A chunk, and the terms that it is found by."""

    chunk: Chunk
    terms: list[str]


def worded(chunks: Sequence[Chunk]) -> list[Worded]:
    """Chunks with their terms; those that enclose others have none."""
    return [Worded(one, [] if one.encloses else terms_of(indexed_text(one))) for one in chunks]


def indexed_text(chunk: Chunk) -> str:
    """What a chunk's words are taken from: its text, and the headings it stands under."""
    return "\n".join((*chunk.headings, chunk.text))
