"""What the ports hand over: acknowledgements, marks, and messages that cannot be decoded."""

from __future__ import annotations

import msgspec

from runfold.contracts.events import (
    Recorded,
    RecordedChunk,
)


class Ack(msgspec.Struct, frozen=True):
    """The broker's word that a message is stored."""

    seq: int
    duplicate: bool = False
    """Somebody already wrote a message with this id; ours was not stored."""


class Undeliverable(msgspec.Struct, frozen=True):
    """A stored message that could not be decoded. The adapter has dead-lettered it already."""

    seq: int
    subject: str
    reason: str
    run_id: str = ""
    workflow_id: str = ""


class Mark(msgspec.Struct, frozen=True):
    """An event without its body."""

    seq: int
    time: float
    run_id: str
    type: str


LiveMessage = Recorded | RecordedChunk
