"""Dead letters as the API lists and shows them."""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.bus.ports.stores import KeptLetter
from runfold.client.dead import letter_document, letter_summary
from runfold_gateway.documents.problems import Problem


class LetterSummary(msgspec.Struct, frozen=True):
    """A message that could not be handled, without its body."""

    seq: int
    time: float
    """Unix seconds."""
    source: str
    """Subject it came on."""
    reason: str
    code: str
    size: int
    """Bytes of its body."""
    service: str
    run_id: str
    """The run it is about; of a request to begin one, that run."""
    source_seq: int
    """The message's sequence in its stream, where it is known."""


class Letter(LetterSummary, frozen=True):
    """A message that could not be handled, with its body."""

    whole: bool
    """Whether that is all of the body."""
    body: str


class Letters(msgspec.Struct, frozen=True):
    """A page of dead letters, newest last; the first page has the newest."""

    items: list[LetterSummary]
    next_cursor: str | None
    """The cursor of older ones; null when there are none."""


class LettersAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead letters something is to be done to."""

    seqs: list[int]


class LetterDone(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one letter."""

    seq: int
    status: Literal["requeued", "dropped", "failed"]
    problem: Problem | None = None
    """Why it failed."""


class LettersDone(msgspec.Struct, frozen=True):
    """What became of each letter, in the order asked."""

    items: list[LetterDone]


class Requeued(msgspec.Struct, frozen=True):
    """The message is in its queue again."""

    seq: int
    status: Literal["requeued"] = "requeued"


def summary(kept: KeptLetter) -> LetterSummary:
    """A letter without its body."""
    return LetterSummary(**letter_summary(kept))


def letter(kept: KeptLetter) -> Letter:
    """A letter with its body."""
    return Letter(**letter_document(kept))
