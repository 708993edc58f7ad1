"""Dead letters as the API lists and shows them."""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.bus.ports.stores import KeptLetter
from runfold.client.dead import letter_document, letter_summary


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
    """The newest dead letters, newest last."""

    items: list[LetterSummary]


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
