"""What a run's stream and its log hold, as clients are told: events with their place, and frames.

An event in the log has no `seq` and no `time` of its own; on the way to a client it gets both. The
structs here say so. They have the names of the events that they are made of.
"""

from __future__ import annotations

from typing import Any, Union, get_args

import msgspec

from runfold.contracts.events import AnyEvent, StreamChunk, Usage
from runfold.engine.answers.speaker import AnswerDelta
from runfold.errors import FailureKind


class AnswerChunk(AnswerDelta, frozen=True, omit_defaults=True, tag="answer_chunk"):
    """A piece of an answer's text, in the order of its template."""


class ExecutedNode(msgspec.Struct, frozen=True):
    """A node that ran: what came of it, how long it took and what it used."""

    address: str
    type: str
    status: str
    duration: float | None
    """Seconds of its last attempt; null when it had not ended."""
    tokens: int


class End(msgspec.Struct, frozen=True, tag="end"):
    """The run has ended, and the stream with it."""

    run_id: str
    status: str
    """succeeded, partial_succeeded, failed, cancelled, compensated, compensation_failed."""
    duration: float = 0.0
    """Seconds of the whole run."""
    usage: Usage = Usage()
    """Of all its nodes."""
    nodes: tuple[ExecutedNode, ...] = ()
    """Those that ran, in the order in which they began, at most 1000."""
    more_nodes: int = 0
    """How many more there were."""


class StreamError(msgspec.Struct, frozen=True, omit_defaults=True, tag="error"):
    """The stream cannot go on: why, as a failure."""

    code: str
    """Stable and dotted."""
    message: str
    kind: FailureKind = "internal"
    retryable: bool = False
    retry_after: float | None = None
    """Seconds to wait first."""
    details: dict[str, Any] = {}


def _placed(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """An event, or a chunk, as it is sent: with its sequence and its time."""
    return msgspec.defstruct(
        kind.__name__,
        [("seq", int), ("time", float)],
        bases=(kind,),
        frozen=True,
        kw_only=True,
        tag=str(kind.__struct_config__.tag),
        namespace={"__doc__": kind.__doc__},
        module=__name__,
    )


EVENTS = tuple(_placed(kind) for kind in get_args(AnyEvent))
"""Each event of the log, with its place in it."""
LoggedEvent: Any = Union[EVENTS]  # noqa: UP007 -- of a list made above
"""A line of a run's log."""
StreamEvent: Any = Union[(*EVENTS, _placed(StreamChunk), AnswerChunk, End, StreamError)]
"""The data of one server-sent event, or a line of a run's stream."""
NAMED = {"LoggedEvent": LoggedEvent, "StreamEvent": StreamEvent}
"""The unions by the names of their schemas."""
