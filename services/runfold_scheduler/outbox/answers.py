"""The answer of a run that has ended, as a message of its conversation: once.

It is written until it is there: until then another scheduler would find the run's end again, see
`Outbox.unwritten`. Who finds it again looks first whether the message is there.
"""

from __future__ import annotations

from typing import Any

import structlog
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.contracts.conversations import MessageCreated
from runfold.conversations.answer_text import answer_text
from runfold.conversations.limits import MAX_CONTENT
from runfold.conversations.reading import Reading
from runfold.engine.state.runs import RunState
from runfold.errors import PayloadTooLarge
from runfold.failpoints import failpoint
from runfold.values.files import files_in, is_file

log = structlog.get_logger("scheduler")

ANSWERED = ("succeeded", "partial_succeeded")
"""Statuses of runs whose answer counts; what was said to any other stays without one."""
MAX_SHORT = 64 * 1024
"""Characters that are kept of an answer the broker does not take."""
MOST_FILES = 20


class Answers:
    """Writes answers.

    Args:
        bus: Where conversations are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._reading = Reading(bus)

    async def write(self, state: RunState) -> None:
        """Write a run's answer, unless it is there.

        Raises:
            BusUnavailable: The broker does not answer.
        """
        said = answer_of(state)
        if said is None:
            return
        conversation = await self._reading.fold(state.conversation_id)
        if conversation.knows(said.message_id):
            return
        failpoint("scheduler.answering")
        try:
            await self._bus.messages.append(said)
        except PayloadTooLarge:
            short = said.content[:MAX_SHORT]
            log.warning("answer cut for its conversation", run_id=state.run_id)
            await self._bus.messages.append(_cut(said, short))


def has_answer(state: RunState) -> bool:
    """Whether a run that has ended has something to say in its conversation."""
    return state.turn is not None and state.turn.answers and state.status in ANSWERED


def answer_of(state: RunState) -> MessageCreated | None:
    """The message; None for a run that has nothing to say."""
    turn = state.turn
    if turn is None or not has_answer(state):
        return None
    text = answer_text(state.outputs)
    files = _files(state.outputs)
    if not text and not files:
        return None
    said = MessageCreated(
        conversation_id=state.conversation_id,
        message_id=f"{state.run_id}:answer",
        role="assistant",
        content=text,
        files=files,
        run_id=state.run_id,
        reply_to=turn.message_id,
        joined=turn.joined,
    )
    if len(text.encode()) > MAX_CONTENT:
        return _cut(said, text.encode()[:MAX_CONTENT].decode(errors="ignore"))
    return said


def _files(outputs: Any) -> tuple[dict[str, Any], ...]:
    """The files among a run's outputs."""
    found = [one for _, one in files_in(outputs, "outputs") if is_file(one)]
    return tuple(found[:MOST_FILES])


def _cut(said: MessageCreated, text: str) -> MessageCreated:
    """An answer of which the run alone has all."""
    return replace(said, content=text, metadata={"truncated": True})
