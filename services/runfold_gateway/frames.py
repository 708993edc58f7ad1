"""What viewers of a run are sent, made once for all of them.

An id names a place in both streams, `e<event sequence>-c<chunk sequence>`, and with `-a<n>` the nth
frame that follows from it, a piece of an answer or the end, so that a client that comes back with
`Last-Event-ID` misses nothing and gets nothing twice.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from runfold.bus.ports.messages import LiveMessage
from runfold.client.run_events import event_line
from runfold.contracts.codec import encode
from runfold.contracts.events import TERMINAL_RUN_EVENTS, Recorded, event_type
from runfold.engine.answers.stream import AnswerDelta, AnswerStream
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.runs import node_document
from runfold.errors import InvalidRequest, RunfoldError
from runfold_gateway.documents.stream import AnswerChunk, End, ExecutedNode, StreamError

_ID = re.compile(r"e([0-9]{1,18})-c([0-9]{1,18})(?:-a([0-9]{1,18}))?")
MOST_NODES = 1000
"""Nodes that the end of a stream names."""
SHOWN = 80
"""Characters of an id that cannot be one that are shown."""


class Place(NamedTuple):
    """How far a client is: the last event and chunk it has, and how many frames after them."""

    event: int = 0
    chunk: int = 0
    pieces: int = 0


def place_in(text: str) -> Place:
    """The place an id names; the beginning for an empty one.

    Raises:
        InvalidRequest: When it is not an id of a stream.
    """
    if not text:
        return Place()
    found = _ID.fullmatch(text.strip())
    if found is None:
        message = (
            f"Last-Event-ID {text[:SHOWN]!r} is not an id of a run's stream, which are "
            "e<number>-c<number>[-a<number>]"
        )
        raise InvalidRequest(message, code="stream.position")
    return Place(int(found[1]), int(found[2]), int(found[3] or 0))


class Frame(NamedTuple):
    """One event of a stream."""

    event: str
    id: str
    data: bytes

    def rendered(self, *, as_line: bool) -> bytes:
        """As server-sent event, or as a line of JSON."""
        if as_line:
            return self.data + b"\n"
        id_line = f"id: {self.id}\n" if self.id else ""
        return b"%b%b\n\n" % (f"event: {self.event}\n{id_line}data: ".encode(), self.data)


def error_frame(error: RunfoldError) -> Frame:
    """What a viewer is told of a stream that cannot go on."""
    failure = msgspec.structs.asdict(error.failure())
    return Frame("error", "", encode(StreamError(**failure)))


NEVER = 2**62
"""A place beyond every stream."""


class Batch:
    """The frames of one message: itself, the answer pieces it makes ready, and the run's end.

    Args:
        seq: The message's sequence.
        is_event: Whether it is an event, else a chunk.
        place: Where both streams are with it.
        frames: Its own frame first, then the pieces of answers and the end.
    """

    __slots__ = (
        "_frames",
        "_is_event",
        "_line_wire",
        "_seq",
        "_sse_wire",
        "place",
        "size",
    )

    def __init__(
        self, seq: int, place: Place, frames: tuple[Frame, ...], *, is_event: bool
    ) -> None:
        self._seq = seq
        self._is_event = is_event
        self._frames = frames
        self.place = place
        self.size = sum(len(frame.data) for frame in frames)
        """About how many bytes it holds."""
        self._sse_wire = b""
        self._line_wire = b""

    def body(self, after: Place, *, as_lines: bool) -> bytes:
        """What of it is new to a client that is at a place."""
        frames = self._frames
        if (after.event if self._is_event else after.chunk) >= self._seq:
            is_last = (after.event, after.chunk) == (self.place.event, self.place.chunk)
            known = after.pieces if is_last else len(frames)
            frames = frames[1 + known :]
        return b"".join(frame.rendered(as_line=as_lines) for frame in frames)

    def wire(self, *, as_lines: bool) -> bytes:
        """All of it as a chunk of an HTTP/1.1 body, made once for everybody."""
        found = self._line_wire if as_lines else self._sse_wire
        if not found:
            body = self.body(Place(), as_lines=as_lines)
            found = b"%x\r\n%b\r\n" % (len(body), body)
            if as_lines:
                self._line_wire = found
            else:
                self._sse_wire = found
        return found


def error_batch(error: RunfoldError) -> Batch:
    """An error as the last of a run's messages; no client has it already."""
    return Batch(NEVER, Place(NEVER, NEVER), (error_frame(error),), is_event=True)


class FrameMaker:
    """Folds one run's messages, from the first on, into what its viewers are sent.

    Args:
        run_id: The run.
        plans: Compiled plans.
    """

    def __init__(self, run_id: str, plans: Plans) -> None:
        self._run_id = run_id
        self._plans = plans
        self._place = Place()
        self._folder: Folder | None = None
        self._answers: AnswerStream | None = None

    def batch(self, message: LiveMessage) -> Batch:
        """The frames of the next message."""
        is_event = isinstance(message, Recorded)
        body = message.event if isinstance(message, Recorded) else message.chunk
        event, chunk, _ = self._place
        place = Place(message.seq, chunk) if is_event else Place(event, message.seq)
        self._place = place
        place_id = f"e{place.event}-c{place.chunk}"
        type_ = event_type(body)
        frames = [Frame(type_, place_id, event_line(message))]
        deltas = self._deltas(message)
        for number, delta in enumerate(deltas, 1):
            data = encode(AnswerChunk(**msgspec.structs.asdict(delta)))
            frames.append(Frame("answer_chunk", f"{place_id}-a{number}", data))
        if isinstance(body, TERMINAL_RUN_EVENTS):
            data = encode(self._end(type_.removeprefix("run_")))
            frames.append(Frame("end", f"{place_id}-a{len(frames)}", data))
        return Batch(message.seq, place, tuple(frames), is_event=is_event)

    def _deltas(self, message: LiveMessage) -> list[AnswerDelta]:
        if self._answers is not None:
            return self._answers.feed(message)
        if isinstance(message, Recorded):
            self._folder, _ = Folder.begin(message, self._plans)
            self._answers = AnswerStream(self._folder)
        return []

    def _end(self, status: str) -> End:
        """The last frame: what ran, how long it took and what it used."""
        if self._folder is None:
            return End(self._run_id, status)
        state, plan = self._folder.state, self._folder.plan
        ran = sorted(
            (node.started_at, address)
            for address, node in state.nodes.items()
            if node.started_at is not None and node.status != "skipped"
        )
        shown = (node_document(plan, state, address) for _, address in ran[:MOST_NODES])
        nodes = tuple(
            ExecutedNode(
                address=node.address,
                type=node.type,
                status=node.status,
                duration=node.duration,
                tokens=node.usage.total_tokens if node.usage else 0,
            )
            for node in shown
        )
        ended = state.finished_at or state.started_at
        return End(
            self._run_id,
            status,
            duration=round(ended - state.started_at, 6),
            usage=state.usage,
            nodes=nodes,
            more_nodes=len(ran) - len(nodes),
        )
